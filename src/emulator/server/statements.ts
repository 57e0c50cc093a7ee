import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { asSnowflakeError } from "../account/errors.ts";
import { parameterFor, parameterValue } from "../account/parameters.ts";
import { STATEMENT_TYPE } from "../account/statement-type.ts";
import { textResult } from "../ddl/result.ts";
import { SnowflakeError } from "../error.ts";
import type { Account, Bind, Result, Session } from "../types.ts";
import { errorReply, okReply, type Reply, resultReply } from "./protocol.ts";
import { type Request, readBinds } from "./request.ts";

/** How a statement stands, as drivers ask for it. */
export type Status = "RUNNING" | "SUCCESS" | "FAILED_WITH_ERROR";

/** Runs the statements of requests, and keeps their replies for whoever asks for them by id. */
export interface Statements {
	/** Statements by first word, for benchmarks. */
	readonly counts: ReadonlyMap<string, number>;
	/** The reply to a request to run a statement, or several. */
	answer(session: Session, request: Request): Promise<Reply>;
	/** An asynchronous statement answers at once with its id; its result is asked for later. */
	startAsync(session: Session, reply: Promise<Reply>): Reply;
	/** The reply of an asynchronous statement, or of one among several. */
	result(queryId: string): Promise<Reply> | undefined;
	status(queryId: string): Status | undefined;
}

/** What the request of several statements answers itself. */
const SEVERAL = "Multiple statements executed successfully.";

/** So many replies are kept. */
const KEPT = 1000;

/** Runs statements on an account; each takes `latency` milliseconds longer. */
export function createStatements(account: Account, latency = 0): Statements {
	const results = new Map<string, Promise<Reply>>();
	const statuses = new Map<string, Status>();
	const counts = new Map<string, number>();

	const runOne = async (
		session: Session,
		sql: string,
		binds: readonly Bind[],
		parameters: Readonly<Record<string, unknown>>,
	): Promise<Result> => {
		const word = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? "";
		counts.set(word, (counts.get(word) ?? 0) + 1);
		if (latency > 0) await sleep(latency);
		const before = new Map(session.parameters);
		for (const [name, value] of Object.entries(parameters)) {
			const parameter = parameterFor("SESSION", name.toUpperCase());
			if (parameter && parameter.name !== "MULTI_STATEMENT_COUNT")
				session.parameters.set(parameter.name, parameterValue(parameter, String(value)));
		}
		try {
			return await account.execute(session, sql, binds);
		} finally {
			for (const name of Object.keys(parameters).map((key) => key.toUpperCase())) {
				const old = before.get(name);
				if (old === undefined) session.parameters.delete(name);
				else session.parameters.set(name, old);
			}
		}
	};

	/** Several statements in one request: each has its own result, fetched by id. */
	const runSeveral = async (
		session: Session,
		texts: readonly string[],
		parameters: Readonly<Record<string, unknown>>,
	): Promise<Reply> => {
		const ids: string[] = [];
		const types: string[] = [];
		for (const text of texts) {
			const result = await runOne(session, text, [], parameters);
			const id = result.queryId ?? randomUUID();
			ids.push(id);
			types.push(String(result.statementTypeId ?? STATEMENT_TYPE.select));
			remember(id, Promise.resolve(resultReply(result, session, account)));
		}
		const reply = resultReply(
			{
				...textResult(["multiple statement execution"], [[SEVERAL]]),
				statementTypeId: STATEMENT_TYPE.several,
				queryId: randomUUID(),
			},
			session,
			account,
		);
		return {
			...reply,
			data: { ...reply.data, resultIds: ids.join(","), resultTypes: types.join(",") },
		};
	};

	const remember = (id: string, reply: Promise<Reply>): void => {
		results.set(id, reply);
		statuses.set(id, "RUNNING");
		void reply.then((done) => statuses.set(id, done.success ? "SUCCESS" : "FAILED_WITH_ERROR"));
		if (results.size > KEPT) {
			const [oldest] = results.keys();
			if (oldest !== undefined) results.delete(oldest);
		}
	};

	const answer = async (session: Session, request: Request): Promise<Reply> => {
		const sql = String(request.body.sqlText ?? "");
		const parameters = (request.body.parameters ?? {}) as Record<string, unknown>;
		const count = Number(parameters.MULTI_STATEMENT_COUNT ?? 1);
		try {
			if (count !== 1) {
				const texts = account.split(sql);
				if (count !== 0 && texts.length !== count)
					throw new SnowflakeError(
						"000008",
						"0A000",
						`Actual statement count ${texts.length} did not match the desired statement count ${count}.`,
					);
				return await runSeveral(session, texts, parameters);
			}
			const binds = readBinds(request.body.bindings);
			if (request.body.describeOnly === true)
				return resultReply(await account.describe(session, sql, binds), session, account);
			const result = await runOne(session, sql, binds, parameters);
			const reply = resultReply(result, session, account);
			if (result.queryId !== undefined) remember(result.queryId, Promise.resolve(reply));
			return reply;
		} catch (error) {
			return errorReply(asSnowflakeError(error, sql));
		}
	};

	const startAsync = (session: Session, reply: Promise<Reply>): Reply => {
		const id = session.queryIds.at(-1) ?? randomUUID();
		remember(id, reply);
		return {
			...okReply(
				{ queryId: id, getResultUrl: `/queries/${id}/result`, queryAbortsAfterSecs: 300 },
				"333334",
			),
			message: "Asynchronous execution in progress.",
		};
	};

	return {
		counts,
		answer,
		startAsync,
		result: (queryId) => results.get(queryId),
		status: (queryId) => statuses.get(queryId),
	};
}
