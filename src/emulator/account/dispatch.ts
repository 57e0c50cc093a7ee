import { formatName } from "../../model/identifier.ts";
import { Cursor } from "../../parse/cursor.ts";
import type { ObjectStatement, Statement } from "../../parse/statement.ts";
import { alterAccount, alterSession } from "../ddl/alter-session.ts";
import { statusResult } from "../ddl/result.ts";
import {
	findObject,
	fullName,
	lineAndPosition,
	nameHolder,
	removeObject,
	requireEnd,
	unexpectedAt,
} from "../ddl/shared.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { CatalogObject, Context, Kind, Result } from "../types.ts";
import { doesNotExist } from "./errors.ts";
import { HANDLERS } from "./handlers.ts";
import { requireOwnership } from "./privileges.ts";
import { QUERY_HANDLERS } from "./query.ts";
import { REFUSED_STATEMENTS } from "./refused.ts";
import { statementType } from "./statement-type.ts";

/** Statements that commit an open transaction before they run: all that define something. */
const DEFINING = new Set(["COMMENT", "GRANT", "REVOKE", "TRUNCATE"]);

/**
 * Whether a statement is DDL, which commits the transaction before it and is one of its own.
 * ALTER SESSION is not, except for AUTOCOMMIT.
 * https://docs.snowflake.com/en/sql-reference/transactions#ddl
 */
export function isDefinition(statement: Statement): boolean {
	switch (statement.verb) {
		case "CREATE":
		case "DROP":
		case "UNDROP":
			return true;
		case "ALTER":
			return statement.tokens[1]?.value !== "SESSION";
		case "DESCRIBE":
			return false;
		default:
			return DEFINING.has(statement.first);
	}
}

/** The kind a statement names, by its name or another spelling of it. */
function kindsNamed(context: Context, word: string | undefined): readonly Kind[] {
	if (word === undefined) return [];
	const kind = context.kinds.get(word);
	if (kind) return [kind];
	return [...context.kinds.values()].filter((other) => other.aliases?.includes(word));
}

function unknownKind(statement: Statement & { kindSpan: { start: number; end: number } }): Error {
	const { text } = statement.source;
	const words = text.slice(statement.kindSpan.start, statement.kindSpan.end).toUpperCase();
	return unsupported(
		`${statement.verb} ${words}`,
		lineAndPosition(statement, statement.kindSpan.start),
	);
}

/** The object of ALTER, DROP and DESCRIBE; undefined where it is missing and IF EXISTS allows that. */
function target(
	context: Context,
	statement: ObjectStatement,
): { readonly kind: Kind; readonly object: CatalogObject } | undefined {
	const kinds = kindsNamed(context, statement.kind);
	const [kind] = kinds;
	if (!kind) throw unknownKind(statement);
	if (!statement.name) throw unexpectedAt(statement.rest());
	try {
		const name = context.qualify(statement.name.parts, kind.level);
		for (const other of kinds) {
			const object = context.catalog.find(other.kind, name);
			if (object) return { kind: other, object };
		}
		if (statement.verb === "DESCRIBE" && (kind.kind === "TABLE" || kind.kind === "VIEW")) {
			const holder = nameHolder(context, kind, name);
			const other = holder && context.kinds.get(holder.kind);
			if (holder && other) return { kind: other, object: holder };
		}
		const word = statement.kind ?? kind.kind;
		if (kinds.length > 1 || word !== kind.kind) throw doesNotExist(word, name);
		return { kind, object: findObject(context, kind, statement.name.parts) };
	} catch (error) {
		if (statement.ifExists && error instanceof SnowflakeError && error.code === "002003")
			return undefined;
		throw error;
	}
}

async function drop(context: Context, statement: ObjectStatement): Promise<Result> {
	const found = target(context, statement);
	const rest = statement.rest();
	if (!rest.take("CASCADE") && rest.looksAt("RESTRICT")) throw unsupported("DROP … RESTRICT");
	requireEnd(rest);
	if (!found)
		return statusResult(
			`Drop statement executed successfully (${formatName(statement.name?.parts ?? [])} already dropped).`,
		);
	requireOwnership(context, found.object);
	await removeObject(context, found.kind, found.object);
	return statusResult(`${found.object.name} successfully dropped.`);
}

async function alter(context: Context, written: ObjectStatement): Promise<Result> {
	const statement = { ...written, verb: "ALTER" as const };
	if (statement.kind === undefined) {
		const word = statement.tokens[1]?.value;
		if (word === "SESSION") return alterSession(context, statement);
		if (word === "ACCOUNT") return alterAccount(context, statement);
	}
	const found = target(context, statement);
	if (!found) return statusResult();
	requireOwnership(context, found.object, statement);
	return found.kind.alter(context, statement, found.object);
}

async function describe(context: Context, statement: ObjectStatement): Promise<Result> {
	const found = target(context, statement);
	if (!found) return statusResult();
	if (!found.kind.describe) throw unsupported(`DESCRIBE ${found.kind.kind}`);
	const rest = statement.rest();
	return found.kind.describe(context, found.object, rest.done ? "" : rest.takeRest().text);
}

/** Statements that may be run to find out what columns they answer. */
const DESCRIBABLE = new Set([...Object.keys(QUERY_HANDLERS), "SHOW", "LIST", "LS"]);

/** The columns a statement would answer. What only says that it was done is not looked at further. */
export async function describeStatement(context: Context, statement: Statement): Promise<Result> {
	const runs =
		statement.verb === "DESCRIBE" ||
		(statement.verb === "OTHER" && DESCRIBABLE.has(statement.first));
	const result = runs
		? await dispatch({ ...context, describeOnly: true }, statement)
		: statusResult();
	const binds = statement.tokens.filter(
		(token) => token.type === "op" && token.text === "?",
	).length;
	return { ...result, rows: [], binds, statementTypeId: statementType(statement) };
}

/** Runs one statement. Everything that is not answered here or by a handler or a kind is refused by name. */
export async function dispatch(context: Context, statement: Statement): Promise<Result> {
	switch (statement.verb) {
		case "CREATE": {
			const kind = statement.kind === undefined ? undefined : context.kinds.get(statement.kind);
			if (!kind) throw unknownKind(statement);
			return kind.create(context, statement);
		}
		case "ALTER":
			return alter(context, statement);
		case "DROP":
			return drop(context, statement);
		case "DESCRIBE":
			return describe(context, statement);
		case "UNDROP": {
			const found = target(context, { ...statement, ifExists: true });
			throw found
				? unsupported(`UNDROP ${found.kind.kind} ${fullName(found.object)}`)
				: unsupported("UNDROP");
		}
		default: {
			const handler = HANDLERS[statement.first];
			if (handler) return handler(context, statement);
			if (REFUSED_STATEMENTS.has(statement.first)) throw unsupported(statement.first);
			throw unexpectedAt(new Cursor(statement.source, statement.tokens));
		}
	}
}
