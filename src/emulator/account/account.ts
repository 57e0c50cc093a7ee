import { randomUUID } from "node:crypto";
import { textSource } from "../../diagnostics/source.ts";
import { parse, type Statement } from "../../parse/statement.ts";
import { KINDS } from "../ddl/index.ts";
import { SnowflakeError } from "../error.ts";
import { beginChanges, commitChanges, forgetChanges } from "../run/change-log.ts";
import { settle } from "../run/execute-task.ts";
import { installRuntime } from "../sql/runtime/install.ts";
import type { Account, AccountOptions, Bind, Context, Kind, Result } from "../types.ts";
import { type CommittedCatalog, catalogView, loadCatalog } from "./catalog.ts";
import { openClock, type StoredClock } from "./clock.ts";
import { operationName, qualifyName } from "./context.ts";
import { describeStatement, dispatch, isDefinition } from "./dispatch.ts";
import { connectEngine, openEngine, runEngine } from "./engine.ts";
import { asSnowflakeError } from "./errors.ts";
import { type History, type HistoryEntry, openHistory } from "./history.ts";
import { createLocks, LockWait } from "./locks.ts";
import { createMutex } from "./mutex.ts";
import { sessionParameter } from "./parameters.ts";
import { redacted } from "./redact.ts";
import { createResults } from "./results.ts";
import { seedAccount } from "./seed.ts";
import { createSession, type OpenSession } from "./session.ts";
import { statementType } from "./statement-type.ts";
import { createTransaction } from "./transaction.ts";
import { endsTransaction, transactionStatement } from "./transaction-statement.ts";

/** The account, with what the server and the SQL functions need beyond the contract. */
export interface OpenAccount extends Account {
	readonly history: History;
	readonly kinds: ReadonlyMap<string, Kind>;
}

const VOCABULARY: readonly string[] = [
	...KINDS.flatMap((kind) => [kind.kind, ...(kind.aliases ?? [])]),
];

/** How long a session may be idle while its open transaction keeps others waiting. */
const ABANDONED_AFTER = 5 * 60_000;

/** Statements that start a transaction of their own while AUTOCOMMIT is off. */
const DML = new Set(["INSERT", "UPDATE", "DELETE", "MERGE", "COPY"]);

function readOne(sql: string): Statement {
	const statements = parse(textSource("", sql), VOCABULARY);
	const [statement] = statements;
	if (!statement)
		throw new SnowflakeError("000900", "42601", "SQL compilation error:\nempty SQL statement");
	if (statements.length > 1)
		throw new SnowflakeError(
			"000008",
			"0A000",
			`Actual statement count ${statements.length} did not match the desired statement count 1.`,
		);
	return statement;
}

/** Opens the account kept in a directory, or starts a new one there. */
export async function openAccount(options: AccountOptions): Promise<OpenAccount> {
	const engine = await openEngine(options.path);
	const system = await connectEngine(engine);
	installRuntime(system);
	const committed: CommittedCatalog = await loadCatalog(system);
	const clock: StoredClock = await openClock(system, options.live ?? false);
	const history = await openHistory(system);
	const results = createResults(clock);
	const locks = createLocks();
	const mutex = createMutex();
	const kinds = new Map(KINDS.map((kind) => [kind.kind, kind]));
	const sessions = new Set<OpenSession>();

	const contextFor = (
		session: OpenSession,
		queryId: string,
		operation: string,
		binds: readonly Bind[],
	): Context => {
		const { transaction } = session;
		const context: Context = {
			account,
			session,
			clock,
			kinds,
			binds,
			queryId,
			earlierResult: (id) => results.find(id, session.user),
			engine: transaction.engine,
			catalog: catalogView(committed, transaction.changes, clock, transaction.engine),
			lock: async (id, mode) => {
				transaction.lock(id, mode);
				if (context.catalog.byId(id)?.kind === "TABLE")
					await transaction.engine(`INSERT INTO _run.altered VALUES (${id}, ${clock.now()})`);
			},
			qualify: (name, level) => qualifyName(session, operation, name, level),
			execute: async (sql, inner = []) => {
				const statement = readOne(sql);
				const nested = contextFor(session, queryId, operationName(statement), inner);
				return dispatch(nested, statement);
			},
		};
		return context;
	};

	const commit = async (context: Context, session: OpenSession): Promise<void> => {
		if (session.transaction.wrote) await commitChanges(context);
		await session.transaction.commit();
		session.inTransaction = false;
	};

	const rollback = async (session: OpenSession): Promise<void> => {
		await session.transaction.rollback();
		forgetChanges(session);
		session.inTransaction = false;
	};

	/**
	 * Rolls back what idle sessions left open and others wait for: their client may be gone, which nobody tells. Gives the
	 * milliseconds after which there may be more.
	 * https://docs.snowflake.com/en/sql-reference/transactions#aborting-transactions
	 */
	const abortAbandoned = async (holders: readonly number[]): Promise<number> => {
		const blocking = [...sessions].filter((s) => holders.includes(s.id) && s.running === 0);
		const left = (session: OpenSession) => session.idleSince + ABANDONED_AFTER - clock.now();
		const release = await mutex();
		try {
			for (const session of blocking) if (left(session) <= 0) await rollback(session);
		} finally {
			release();
		}
		return Math.min(...blocking.map((session) => Math.max(left(session), 0)), ABANDONED_AFTER);
	};

	/** Runs work alone and as one statement, again after each lock it had to wait for. */
	const alone = async <T>(
		session: OpenSession,
		context: Context,
		work: () => Promise<T>,
		onSuccess?: (result: T) => { sql: string; values: readonly unknown[] } | undefined,
	): Promise<T> => {
		const deadline = Date.now() + Number(sessionParameter(context, "LOCK_TIMEOUT")) * 1000;
		for (;;) {
			const release = await mutex();
			let wait: LockWait;
			try {
				const result = await session.transaction.statement(work);
				if (!session.inTransaction) {
					const record = onSuccess?.(result);
					if (record) await session.transaction.engine(record.sql, record.values);
					await commit(context, session);
				}
				await clock.saved();
				return result;
			} catch (error) {
				if (!session.inTransaction) await rollback(session);
				if (!(error instanceof LockWait)) throw error;
				wait = error;
			} finally {
				release();
			}
			const patience = await abortAbandoned(wait.holders);
			const object = wait.id === undefined ? undefined : context.catalog.byId(wait.id);
			await locks.wait(
				session.id,
				wait,
				deadline,
				object ? `${object.kind} ${object.name}` : "data",
				patience,
			);
		}
	};

	const perform = async (
		session: OpenSession,
		statement: Statement,
		context: Context,
		onSuccess: (result: Result) => { sql: string; values: readonly unknown[] } | undefined,
	): Promise<Result> => {
		const first = statement.verb === "OTHER" ? statement.first : statement.verb;
		if (endsTransaction(statement)) {
			const release = await mutex();
			try {
				return await transactionStatement(statement, session, {
					begin: () => session.transaction.statement(() => beginChanges(context)),
					commit: () => commit(context, session),
					rollback: () => rollback(session),
				});
			} finally {
				release();
			}
		}
		const autocommitChange =
			first === "ALTER" && statement.tokens.some((token) => token.value === "AUTOCOMMIT");
		if (session.inTransaction && (isDefinition(statement) || autocommitChange)) {
			const release = await mutex();
			try {
				await commit(context, session);
			} finally {
				release();
			}
		}
		if (
			!session.inTransaction &&
			DML.has(first) &&
			sessionParameter(context, "AUTOCOMMIT") === "false"
		)
			session.inTransaction = true;
		return alone(session, context, () => dispatch(context, statement), onSuccess);
	};

	const account: OpenAccount = {
		options,
		clock,
		history,
		kinds,
		catalog: catalogView(
			committed,
			() => new Map(),
			clock,
			async () => {
				throw new Error(
					"the account's own catalog is for reading; write through a statement's context",
				);
			},
		),
		async openSession(user) {
			const connection = await connectEngine(engine);
			const { rows } = await runEngine(connection, {
				sql: "SELECT nextval('state.session_id')",
				values: [],
			});
			const id = Number(rows[0]?.[0]);
			const transaction = createTransaction(id, connection, committed, locks, clock);
			const session = createSession(id, user, connection, transaction, clock.now());
			sessions.add(session);
			return session;
		},
		async closeSession(session) {
			const open = session as OpenSession;
			if (!sessions.delete(open)) return;
			const release = await mutex();
			try {
				await rollback(open);
			} finally {
				release();
				open.connection.closeSync();
			}
		},
		async execute(given, sql, binds = []) {
			const session = given as OpenSession;
			const queryId = randomUUID();
			session.queryIds.push(queryId);
			const asking = contextFor(session, queryId, "", binds);
			const base: HistoryEntry = {
				id: queryId,
				text: redacted(sql),
				database: session.database ?? null,
				schema: session.schema ?? null,
				type: "",
				session: session.id,
				user: session.user,
				role: session.role,
				warehouse: session.warehouse ?? null,
				tag: sessionParameter(asking, "QUERY_TAG"),
				status: "RUNNING",
				errorCode: null,
				errorMessage: null,
				startedOn: clock.now(),
				endedOn: null,
				rows: null,
			};
			let entry = base;
			let saved = false;
			history.record(entry);
			session.running++;
			try {
				const statement = readOne(sql);
				entry = { ...base, type: operationName(statement).replaceAll(" ", "_") };
				const context = contextFor(session, queryId, operationName(statement), binds);
				const succeeded = (result: Result): HistoryEntry => ({
					...entry,
					status: "SUCCESS",
					endedOn: clock.now(),
					rows: result.rows.length,
				});
				const answered = await perform(session, statement, context, (done) => {
					if (!session.transaction.wrote) return undefined;
					saved = true;
					return history.insert(succeeded(done));
				});
				const result = { ...answered, queryId, statementTypeId: statementType(statement) };
				history.record(succeeded(result), saved);
				if (!saved && session.inTransaction) await history.flush();
				results.keep(queryId, session.user, result);
				return result;
			} catch (error) {
				const failure = asSnowflakeError(error, sql);
				failure.queryId = queryId;
				history.record({
					...entry,
					status: "FAILED_WITH_ERROR",
					errorCode: failure.code,
					errorMessage: failure.message,
					endedOn: clock.now(),
				});
				await history.flush();
				throw failure;
			} finally {
				session.running--;
				session.idleSince = clock.now();
			}
		},
		async describe(given, sql, binds = []) {
			const session = given as OpenSession;
			try {
				const statement = readOne(sql);
				const context = contextFor(session, randomUUID(), operationName(statement), binds);
				return await alone(session, context, () => describeStatement(context, statement));
			} catch (error) {
				throw asSnowflakeError(error, sql);
			}
		},
		async run(given, work) {
			const session = given as OpenSession;
			const context = contextFor(session, randomUUID(), "", []);
			return alone(session, context, () => work(context));
		},
		split: (sql) =>
			parse(textSource("", sql), VOCABULARY).map(({ span }) => sql.slice(span.start, span.end)),
		async close() {
			await settle(account);
			for (const session of [...sessions]) await account.closeSession(session);
			await history.flush();
			await clock.saved();
			system.closeSync();
			engine.closeSync();
		},
	};

	const first = await account.openSession("SNOWFLAKE");
	await account.run(first, seedAccount);
	await account.closeSession(first);
	return account;
}
