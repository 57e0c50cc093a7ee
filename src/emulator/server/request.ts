import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Bind } from "../types.ts";

const unzip = promisify(gunzip);

/** A driver's request, read: path, query and JSON body, which may be compressed. */
export interface Request {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly body: { readonly [key: string]: unknown };
	/** The token of `Authorization: Snowflake Token="…"`. */
	readonly token: string | undefined;
}

/** Reads a request to its end. */
export async function readRequest(message: IncomingMessage): Promise<Request> {
	const chunks: Buffer[] = [];
	for await (const chunk of message) chunks.push(chunk as Buffer);
	let raw = Buffer.concat(chunks);
	if (message.headers["content-encoding"] === "gzip" && raw.length > 0) raw = await unzip(raw);
	const url = new URL(message.url ?? "/", "http://localhost");
	const text = raw.toString("utf8");
	return {
		method: message.method ?? "GET",
		// The Python connector asks for /monitoring/queries//<id>.
		path: url.pathname.replaceAll(/\/{2,}/g, "/"),
		query: url.searchParams,
		body: text.trim().startsWith("{") ? (JSON.parse(text) as Request["body"]) : {},
		token: /Token="([^"]*)"/.exec(message.headers.authorization ?? "")?.[1],
	};
}

function bindText(value: unknown): string | null {
	if (value === null || value === undefined) return null;
	return typeof value === "string" ? value : JSON.stringify(value);
}

/** The binds of a statement, in order of their numbers. An array of values binds the statement's rows one after another. */
export function readBinds(given: unknown): readonly Bind[] {
	if (typeof given !== "object" || given === null) return [];
	return Object.entries(given as Record<string, { type?: unknown; value?: unknown }>)
		.sort(([a], [b]) => Number(a) - Number(b))
		.map(([, bind]) => {
			const type = String(bind.type ?? "TEXT");
			if (!Array.isArray(bind.value)) return { type, value: bindText(bind.value) };
			const values = bind.value.map(bindText);
			return { type, value: values[0] ?? null, ...(values.length !== 1 && { values }) };
		});
}
