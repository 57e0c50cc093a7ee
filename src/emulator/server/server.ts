import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { asSnowflakeError } from "../account/errors.ts";
import { driverParameters } from "../account/parameters.ts";
import type { Account, Session } from "../types.ts";
import { type FaultPlan, faultAt } from "./faults.ts";
import { takeParameter, useAtLogin } from "./login.ts";
import { connectionError, errorReply, okReply, type Reply } from "./protocol.ts";
import { type Request, readRequest } from "./request.ts";
import { createStatements } from "./statements.ts";

/** A running server. */
export interface Server {
	readonly port: number;
	/** Statements by first word, for benchmarks. */
	readonly counts: ReadonlyMap<string, number>;
	close(): Promise<void>;
}

interface Login {
	readonly master: string;
	readonly session: Session;
	/** Tokens of the session that are over. One that was renewed before its time stays good. */
	readonly expired: Set<string>;
	/** Replies by request id: a driver repeats a request whose answer was lost, and it must not run twice. */
	readonly replies: Map<string, Promise<Reply>>;
}

const HOURS = 3600;

/** Serves an account to Snowflake's drivers, on the loopback interface only. */
export async function startServer(
	account: Account,
	options: { readonly port?: number } & FaultPlan = {},
): Promise<Server> {
	const logins = new Map<string, Login>();
	const running = createStatements(account, options.latency);
	let statements = 0;

	const login = async (request: Request): Promise<Reply> => {
		const data = (request.body.data ?? {}) as Record<string, unknown>;
		const session = await account.openSession(String(data.LOGIN_NAME ?? "LOCAL").toUpperCase());
		const given = data.SESSION_PARAMETERS;
		try {
			await account.run(session, async (context) => {
				useAtLogin(context, request.query);
				if (typeof given === "object" && given !== null)
					for (const [name, value] of Object.entries(given)) takeParameter(context, name, value);
			});
		} catch (error) {
			await account.closeSession(session);
			const failure = asSnowflakeError(error, "");
			return connectionError(failure.code, failure.message);
		}
		const token = randomUUID();
		const created: Login = {
			master: randomUUID(),
			session,
			expired: new Set(),
			replies: new Map(),
		};
		logins.set(token, created);
		return okReply({
			masterToken: created.master,
			token,
			validityInSeconds: HOURS,
			masterValidityInSeconds: 4 * HOURS,
			displayUserName: session.user,
			serverVersion: "local",
			firstLogin: false,
			healthCheckInterval: 45,
			sessionId: session.id,
			parameters: [
				// Array binds above the threshold would be put on a stage of the cloud, which is not here.
				{ name: "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", value: 2147483647 },
				{ name: "CLIENT_TELEMETRY_ENABLED", value: false },
				...driverParameters({ session, catalog: account.catalog }),
			],
			sessionInfo: {
				databaseName: session.database ?? null,
				schemaName: session.schema ?? null,
				warehouseName: session.warehouse ?? null,
				roleName: session.role,
			},
			idToken: null,
			responseData: null,
		});
	};

	const query = async (request: Request, response: ServerResponse): Promise<Reply | undefined> => {
		const found = request.token === undefined ? undefined : logins.get(request.token);
		if (!found) return connectionError("390104", "Session token is invalid. Please log in again.");
		if (found.expired.has(request.token ?? ""))
			return connectionError("390112", "Your session has expired. Please login again.");
		const requestId = request.query.get("requestId") ?? randomUUID();
		const sql = String(request.body.sqlText ?? "");
		let reply = found.replies.get(requestId);
		let fault: ReturnType<typeof faultAt>;
		const n = reply === undefined ? ++statements : 0;
		if (reply === undefined) {
			fault = faultAt(options, n, sql);
			if (fault === "expired") {
				found.expired.add(request.token ?? "");
				return connectionError("390112", "Your session has expired. Please login again.");
			}
			if (fault === "unavailable") {
				response.writeHead(503).end();
				return undefined;
			}
			if (fault === "drop-before") {
				response.destroy();
				return undefined;
			}
			if (fault === "kill-before") process.kill(process.pid, "SIGKILL");
			await options.beforeStatement?.(n, sql);
			reply = running.answer(found.session, request);
			found.replies.set(requestId, reply);
			if (found.replies.size > 200) {
				const [oldest] = found.replies.keys();
				if (oldest !== undefined) found.replies.delete(oldest);
			}
		}
		if (request.body.asyncExec === true) return running.startAsync(found.session, reply);
		const done = await reply;
		if (n > 0) await options.afterStatement?.(n, sql);
		if (fault === "kill-after") process.kill(process.pid, "SIGKILL");
		if (fault === "drop-after") {
			response.destroy();
			return undefined;
		}
		return done;
	};

	const route = async (request: Request, response: ServerResponse): Promise<Reply | undefined> => {
		const { method, path, query: parameters } = request;
		if (path === "/session/v1/login-request") return login(request);
		if (path === "/queries/v1/query-request") return query(request, response);
		if (path === "/session/token-request") {
			const old = String(request.body.oldSessionToken ?? "");
			const found = logins.get(old);
			if (!found || found.master !== request.token)
				return connectionError(
					"390114",
					"Authentication token has expired. The user must authenticate again.",
				);
			const token = randomUUID();
			logins.set(token, found);
			return okReply({
				sessionToken: token,
				validityInSecondsST: HOURS,
				masterToken: found.master,
				validityInSecondsMT: 4 * HOURS,
				sessionId: found.session.id,
			});
		}
		if (path === "/session/heartbeat" || path === "/telemetry/send") return okReply(null);
		if (path === "/session" && parameters.get("delete") === "true") {
			const found = request.token === undefined ? undefined : logins.get(request.token);
			if (found) {
				for (const [token, login] of logins) if (login === found) logins.delete(token);
				await account.closeSession(found.session);
			}
			return okReply(null);
		}
		const result = /^\/queries\/([^/]+)\/result$/.exec(path)?.[1];
		if (result !== undefined && method === "GET")
			return (await running.result(result)) ?? connectionError("000709", "Statement not found");
		const monitored = /^\/monitoring\/queries\/([^/]+)$/.exec(path)?.[1];
		if (monitored !== undefined) {
			const status = running.status(monitored);
			return okReply({ queries: status ? [{ id: monitored, status }] : [] });
		}
		if (path === "/queries/v1/abort-request" || /^\/queries\/[^/]+\/abort-request$/.test(path)) {
			const found = request.token === undefined ? undefined : logins.get(request.token);
			found?.session.connection.interrupt();
			return okReply(null);
		}
		return undefined;
	};

	const server = createServer((message, response) => {
		void (async () => {
			try {
				const request = await readRequest(message);
				const reply = await route(request, response);
				if (response.writableEnded || response.destroyed) return;
				response.writeHead(reply ? 200 : 404, { "content-type": "application/json" });
				response.end(reply ? JSON.stringify(reply) : "");
			} catch (error) {
				if (response.writableEnded || response.destroyed) return;
				const failure = errorReply(asSnowflakeError(error, ""));
				response.writeHead(200, { "content-type": "application/json" });
				response.end(JSON.stringify(failure));
			}
		})();
	});
	server.keepAliveTimeout = 60_000;
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(options.port ?? 0, "127.0.0.1", resolve);
	});
	return {
		port: (server.address() as AddressInfo).port,
		counts: running.counts,
		async close() {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
			for (const found of logins.values()) await account.closeSession(found.session);
			logins.clear();
		},
	};
}
