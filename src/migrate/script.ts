import type { Source } from "../diagnostics/source.ts";
import { KINDS } from "../objects/index.ts";
import type { Token } from "../parse/lexer.ts";
import { parse, type Statement } from "../parse/statement.ts";
import type { Origin } from "../plan/plan.ts";
import type { Migration } from "../project/project.ts";
import { statementHash } from "./checksum.ts";

/**
 * What a statement does to its session: `session` sets it up for what follows, `begin` and `end` open and
 * close a transaction, `definition` commits an open one, `work` is everything else.
 */
export type StatementRole = "session" | "begin" | "end" | "definition" | "work";

/** One statement of a migration. */
export interface ScriptStatement {
	readonly sql: string;
	readonly origin: readonly Origin[];
	readonly hash: string;
	readonly role: StatementRole;
	/** The index of the BEGIN whose transaction it belongs to; BEGIN and COMMIT belong to it too. */
	readonly transaction: number | undefined;
	readonly statement: Statement;
}

const DEFINITIONS = new Set(["CREATE", "ALTER", "DROP", "UNDROP", "GRANT", "REVOKE", "COMMENT"]);

/**
 * The role of a statement. A DDL statement commits the transaction it stands in; TRUNCATE counts as DML.
 * https://docs.snowflake.com/en/sql-reference/transactions
 */
export function statementRole(tokens: readonly Token[]): StatementRole {
	const [first, second] = tokens.map((token) => (token.type === "word" ? token.value : ""));
	if (first === "USE" || first === "SET" || first === "UNSET") return "session";
	if (first === "ALTER" && second === "SESSION") return "session";
	if (first === "START" && second === "TRANSACTION") return "begin";
	if (first === "BEGIN")
		return tokens.length === 1 || ["TRANSACTION", "WORK", "NAME"].includes(second ?? "")
			? "begin"
			: "work";
	if (first === "COMMIT" || first === "ROLLBACK") return "end";
	return DEFINITIONS.has(first ?? "") ? "definition" : "work";
}

/**
 * Where each piece of a stretch of rendered text was written. A new piece begins where the file and the
 * rendered text run apart: at a line's start, and after each place that a template filled in.
 */
function originsOf(source: Source, start: number, end: number, tokens: readonly Token[]): Origin[] {
	const text = source.text.slice(start, end);
	const lines = [...text.matchAll(/^[ \t]*(?=\S)/gm)].map((m) => start + m.index + m[0].length);
	const places = [...new Set([...lines, ...tokens.map((token) => token.start)])].sort(
		(a, b) => a - b,
	);
	const origins: Origin[] = [];
	for (const place of places) {
		const { file, line, column } = source.locate(place, place + 1);
		const last = origins.at(-1);
		const follows =
			last?.file === file &&
			last.line === line &&
			last.column + (place - start - last.start) === column;
		if (follows) continue;
		if (last) origins[origins.length - 1] = { ...last, end: place - start };
		origins.push({ start: place - start, end: end - start, file, line, column });
	}
	return origins;
}

/** The statements of a migration, as rendered. Throws a DeployError (exit 65) for text that is not SQL. */
export function readScript({
	source,
	raw,
}: Pick<Migration, "source" | "raw">): readonly ScriptStatement[] {
	const isPlain = source.text === raw.text;
	let begin: number | undefined;
	return parse(source, KINDS).map((statement, index) => {
		const { start, end } = statement.span;
		const sql = source.text.slice(start, end);
		const role = statementRole(statement.tokens);
		// A BEGIN inside a transaction is ignored by Snowflake.
		if (role === "begin") begin ??= index;
		const transaction = begin;
		if (role === "end" || role === "definition") begin = undefined;
		return {
			sql,
			origin: originsOf(source, start, end, isPlain ? [] : statement.tokens),
			hash: statementHash(sql),
			role,
			transaction: role === "definition" ? undefined : transaction,
			statement,
		};
	});
}

/** Where a migration goes on of which the first `done` statements ran: inside a transaction, at its BEGIN. */
export function resumePoint(script: readonly ScriptStatement[], done: number): number {
	return script[done]?.transaction ?? done;
}
