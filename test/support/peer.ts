import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** What a peer answers: a body of Snowflake's protocol, or a bare HTTP status. */
export type Answer = Readonly<Record<string, unknown>> | number;

/** What a peer was asked. */
export interface Asked {
	readonly path: string;
	readonly query: URLSearchParams;
	readonly body: Readonly<Record<string, unknown>>;
}

/** A server that speaks Snowflake's protocol as far as a test says, and remembers what it was asked. */
export interface Peer {
	readonly port: number;
	readonly asked: readonly Asked[];
	/** The statements it was asked to run, in order. */
	statements(): readonly string[];
	close(): Promise<void>;
}

const TEXT = { type: "text", nullable: true, length: 100, byteLength: 400 };

/** The reply to a login that succeeds. */
export const LOGGED_IN = {
	success: true,
	data: {
		token: "session-token",
		masterToken: "master-token",
		validityInSeconds: 3600,
		masterValidityInSeconds: 14400,
		sessionId: 1,
		parameters: [],
		sessionInfo: {},
	},
};

/** The reply to a statement: one row. */
export function row(values: Readonly<Record<string, string | null>>): Answer {
	return {
		success: true,
		data: {
			rowtype: Object.keys(values).map((name) => ({ name, ...TEXT })),
			rowset: [Object.values(values)],
			total: 1,
			returned: 1,
			queryId: "01b2c3d4-0000-4000-8000-000000000001",
		},
	};
}

/** A refusal: `{success: false, code, message}`, as Snowflake sends it with HTTP 200. */
export function refusal(code: string, message: string): Answer {
	return { success: false, code, message, data: {} };
}

/**
 * Starts a peer. `answer` is asked first; what it does not know is answered as by an account in which everything works:
 * logins succeed, and every statement gives the role and warehouse of the login.
 */
export async function startPeer(answer: (asked: Asked) => Answer | undefined): Promise<Peer> {
	const asked: Asked[] = [];
	let role: string | null = null;
	let warehouse: string | null = null;
	const usual = ({ path, query }: Asked): Answer => {
		if (path !== "/session/v1/login-request") {
			const worked = path.startsWith("/queries")
				? row({ ROLE: role, WAREHOUSE: warehouse })
				: undefined;
			return worked ?? { success: true, data: {} };
		}
		role = query.get("roleName");
		warehouse = query.get("warehouse");
		return LOGGED_IN;
	};
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const raw = Buffer.concat(chunks);
		const text = (
			request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw
		).toString();
		const url = new URL(request.url ?? "/", "http://peer");
		const one: Asked = {
			path: url.pathname,
			query: url.searchParams,
			body: text.startsWith("{") ? JSON.parse(text) : {},
		};
		asked.push(one);
		const reply = answer(one) ?? usual(one);
		if (typeof reply === "number") response.writeHead(reply).end();
		else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
	});
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	return {
		port: (server.address() as AddressInfo).port,
		asked,
		statements: () => asked.flatMap(({ body }) => (body.sqlText ? [String(body.sqlText)] : [])),
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}
