import type { Cursor } from "../../parse/cursor.ts";
import { accountObject, parameterRows, sessionParameterRows } from "../account/parameters.ts";
import { unsupported } from "../error.ts";
import type { Context, Handler, Kind, ParameterRow, Result } from "../types.ts";
import { showFutureGrants, showGrants } from "./grant/show-grants.ts";
import { textResult } from "./result.ts";
import { findObject, requireEnd, unexpectedAt } from "./shared.ts";
import { likes, showKind } from "./show.ts";
import { showColumns, showForeignKeys, showKeys } from "./table/show-columns.ts";
import { SHOW_KEYS } from "./table/show-keys.ts";

/** A SHOW that is not the list of a kind. */
export type ShowCommand = (context: Context, cursor: Cursor, terse: boolean) => Promise<Result>;

function longestFirst<T>(items: readonly T[], words: (item: T) => string): readonly T[] {
	return [...items].sort((a, b) => words(b).length - words(a).length);
}

async function parametersOf(context: Context, cursor: Cursor): Promise<readonly ParameterRow[]> {
	if (cursor.done || cursor.take("SESSION")) return sessionParameterRows(context);
	if (cursor.take("ACCOUNT")) {
		const account = accountObject(context);
		return account ? parameterRows(context, account) : [];
	}
	const kinds = longestFirst([...context.kinds.values()], (kind) => kind.kind);
	const kind = kinds.find((candidate) => cursor.take(...candidate.kind.split(" ")));
	if (!kind) throw unsupported(`SHOW PARAMETERS IN ${cursor.peek()?.value ?? ""}`);
	const current = currentOf(context, kind, cursor);
	const object = findObject(context, kind, current ?? cursor.expectName().parts);
	if (!kind.parameters) throw unsupported(`SHOW PARAMETERS IN ${kind.kind}`);
	return kind.parameters(context, object);
}

/** `IN DATABASE` and `IN SCHEMA` without a name mean the current one. */
function currentOf(context: Context, kind: Kind, cursor: Cursor): readonly string[] | undefined {
	if (!cursor.done && !cursor.looksAt("LIKE")) return undefined;
	const { database, schema } = context.session;
	if (kind.kind === "DATABASE" && database !== undefined) return [database];
	if (kind.kind === "SCHEMA" && database !== undefined && schema !== undefined)
		return [database, schema];
	return undefined;
}

/** `SHOW PARAMETERS [LIKE '…'] [{IN|FOR} …]`. */
const showParameters: ShowCommand = async (context, cursor) => {
	let like = cursor.take("LIKE") ? cursor.expectString() : undefined;
	let rows: readonly ParameterRow[] = [];
	if (cursor.take("IN") || cursor.take("FOR")) rows = await parametersOf(context, cursor);
	else rows = sessionParameterRows(context);
	if (like === undefined && cursor.take("LIKE")) like = cursor.expectString();
	requireEnd(cursor);
	return textResult(
		["key", "value", "default", "level", "description", "type"],
		rows
			.filter((row) => like === undefined || likes(like, row.key))
			.map((row) => [row.key, row.value, row.default, row.level, row.description, row.type]),
	);
};

/** `SHOW VARIABLES [LIKE '…']`. */
const showVariables: ShowCommand = async (context, cursor) => {
	const like = cursor.take("LIKE") ? cursor.expectString() : undefined;
	requireEnd(cursor);
	const rows = [...context.session.variables]
		.filter(([name]) => like === undefined || likes(like, name))
		.map(([name, value]) => [
			String(context.session.id),
			name,
			String(value),
			typeof value === "number" ? "fixed" : typeof value === "boolean" ? "boolean" : "text",
			"",
		]);
	return textResult(["session_id", "name", "value", "type", "comment"], rows);
};

/** The SHOW commands that are not lists of a kind, by the words behind SHOW. */
export const SHOW_COMMANDS: Readonly<Record<string, ShowCommand>> = {
	COLUMNS: showColumns,
	"EXPORTED KEYS": showForeignKeys("exported"),
	"FUTURE GRANTS": showFutureGrants,
	GRANTS: showGrants,
	"IMPORTED KEYS": showForeignKeys("imported"),
	PARAMETERS: showParameters,
	"PRIMARY KEYS": showKeys("PRIMARY KEY"),
	"UNIQUE KEYS": showKeys("UNIQUE"),
	VARIABLES: showVariables,
	...SHOW_KEYS,
};

/** SHOW: a command of its own, or the list of a kind by its plural. */
export const showHandler: Handler = async (context, statement) => {
	const cursor = statement.rest();
	const terse = cursor.take("TERSE");
	const commands = longestFirst(Object.keys(SHOW_COMMANDS), (words) => words);
	for (const words of commands)
		if (cursor.take(...words.split(" ")))
			return (SHOW_COMMANDS[words] as ShowCommand)(context, cursor, terse);
	const kinds = longestFirst([...context.kinds.values()], (kind) => kind.plural);
	const kind = kinds.find((candidate) => cursor.take(...candidate.plural.split(" ")));
	if (kind) return showKind(context, kind, cursor, terse);
	if (cursor.done) throw unexpectedAt(cursor);
	throw unsupported(`SHOW ${cursor.peek()?.value}`);
};
