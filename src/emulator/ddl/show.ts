import type { Cursor } from "../../parse/cursor.ts";
import { fixedType, simpleType, textType, timeType } from "../account/data-type.ts";
import { cannotBePerformed, compilationError } from "../account/errors.ts";
import { visibility } from "../account/privileges.ts";
import { unsupported } from "../error.ts";
import type {
	CatalogObject,
	Context,
	Kind,
	Result,
	ResultColumn,
	ShowColumn,
	SqlType,
} from "../types.ts";
import { findObject, findScope, requireEnd, unexpectedAt } from "./shared.ts";

/** No SHOW gives more rows than this. */
export const SHOW_CAP = 10_000;

const TYPES: Readonly<Record<ShowColumn["type"], SqlType>> = {
	text: textType(),
	timestamp: timeType("TIMESTAMP_LTZ", 3),
	number: fixedType(),
	boolean: simpleType("BOOLEAN"),
};

/** Where SHOW looks. `implicit` when no IN was written. */
export interface Scope {
	readonly database?: string;
	readonly schema?: string;
	/** IN TABLE t, for columns and keys. */
	readonly table?: CatalogObject;
	readonly implicit: boolean;
}

/** The clauses that nearly every SHOW has. */
export interface ShowClauses {
	readonly terse: boolean;
	readonly like: string | undefined;
	readonly scope: Scope;
	readonly startsWith: string | undefined;
	readonly limit: number | undefined;
	readonly from: string | undefined;
	readonly options: readonly (readonly string[])[];
}

/** Whether a name matches a LIKE pattern of SHOW: `%` and `_`, case not counted, backslash escapes. */
export function likes(pattern: string, name: string): boolean {
	const source = pattern.replaceAll(/\\?[\s\S]/g, (part) => {
		if (part === "%") return ".*";
		if (part === "_") return ".";
		const plain = part.length === 2 && part.startsWith("\\") ? part.slice(1) : part;
		return plain.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
	});
	return new RegExp(`^(?:${source})$`, "is").test(name);
}

/** The scope where no IN is written: the current database if there is one, else the account. */
function implicitScope(context: Context): Scope {
	const { database } = context.session;
	return { implicit: true, ...(database !== undefined && { database }) };
}

function readScope(context: Context, cursor: Cursor, level: Kind["level"]): Scope {
	const { session } = context;
	if (cursor.take("ACCOUNT")) return { implicit: false };
	if (cursor.looksAt("APPLICATION")) throw unsupported("SHOW … IN APPLICATION");
	const atEnd = (): boolean =>
		cursor.done || cursor.looksAt("STARTS") || cursor.looksAt("LIMIT") || cursor.looksAt("LIKE");
	if (cursor.take("DATABASE")) {
		if (atEnd()) return { ...implicitScope(context), implicit: false };
		return {
			implicit: false,
			database: findScope(context, "DATABASE", cursor.expectName().parts).name,
		};
	}
	if (cursor.take("TABLE") || cursor.take("VIEW")) {
		if (atEnd()) throw unexpectedAt(cursor);
		const { parts } = cursor.expectName();
		const name = context.qualify(parts, "schema");
		const found =
			context.catalog.find("VIEW", name) ??
			findObject(context, { kind: "TABLE", level: "schema" }, parts);
		return { implicit: false, table: found };
	}
	const named = !cursor.take("SCHEMA");
	if (atEnd()) {
		if (named) throw unexpectedAt(cursor);
		if (session.database === undefined) return { implicit: false };
		if (session.schema === undefined) throw cannotBePerformed();
		return { implicit: false, database: session.database, schema: session.schema };
	}
	const { parts } = cursor.expectName();
	if (level === "database") {
		const database = findScope(context, "DATABASE", parts);
		return { implicit: false, database: database.name };
	}
	const schema = findScope(context, "SCHEMA", parts);
	return {
		implicit: false,
		schema: schema.name,
		...(schema.database !== undefined && { database: schema.database }),
	};
}

/** Reads the clauses behind SHOW's plural; `options` are the words that this kind knows besides. */
export function readShowClauses(
	context: Context,
	cursor: Cursor,
	level: Kind["level"],
	terse = false,
	options: readonly (readonly string[])[] = [],
): ShowClauses {
	if (cursor.take("HISTORY")) throw unsupported("SHOW … HISTORY");
	let like: string | undefined;
	let scope: Scope = level === "account" ? { implicit: false } : implicitScope(context);
	let startsWith: string | undefined;
	let limit: number | undefined;
	let from: string | undefined;
	const taken: (readonly string[])[] = [];
	while (!cursor.done) {
		const option = options.find((words) => cursor.looksAt(...words));
		if (option) {
			cursor.take(...option);
			taken.push(option);
		} else if (cursor.take("LIKE")) like = cursor.expectString();
		else if (cursor.take("IN")) scope = readScope(context, cursor, level);
		else if (cursor.take("STARTS", "WITH")) startsWith = cursor.expectString();
		else if (cursor.take("LIMIT")) {
			const token = cursor.next();
			limit = Number(token.value);
			if (token.type !== "number" || !Number.isInteger(limit)) throw unexpectedAt(cursor);
			if (limit > SHOW_CAP)
				throw compilationError(
					"001033",
					"42601",
					`Invalid row count '${limit}' in limit clause: the value cannot exceed ${SHOW_CAP}.`,
				);
			if (cursor.take("FROM")) from = cursor.expectString();
		} else throw unexpectedAt(cursor);
	}
	requireEnd(cursor);
	return { terse, like, scope, startsWith, limit, from, options: taken };
}

/**
 * What LIKE, STARTS WITH, LIMIT … FROM and the cap leave of rows in their order.
 * Without IN inside a database, objects of the same name in several schemas are shown once.
 * https://docs.snowflake.com/en/sql-reference/sql/show-tables
 */
export function pageRows<T>(
	rows: readonly T[],
	name: (row: T) => string,
	clauses: ShowClauses,
	silentCap: boolean,
): readonly T[] {
	let kept = rows.filter((row) => {
		const text = name(row);
		return (
			(clauses.like === undefined || likes(clauses.like, text)) &&
			(clauses.startsWith === undefined || text.startsWith(clauses.startsWith))
		);
	});
	if (clauses.scope.implicit && clauses.scope.database !== undefined) {
		const seen = new Set<string>();
		kept = kept.filter((row) => !seen.has(name(row)) && seen.add(name(row)));
	}
	const { from } = clauses;
	if (from !== undefined) {
		const first = kept.findIndex((row) => name(row).startsWith(from));
		kept = first < 0 ? kept.filter((row) => name(row) > from) : kept.slice(first + 1);
	}
	if (clauses.limit !== undefined) return kept.slice(0, clauses.limit);
	if (kept.length > SHOW_CAP && !silentCap)
		throw compilationError(
			"090153",
			"22000",
			`The result set size exceeded the max number of rows(${SHOW_CAP}) supported for SHOW statements. Use LIMIT option to limit result set to a smaller number.`,
		);
	return kept.slice(0, SHOW_CAP);
}

/** SHOW of a kind. */
export async function showKind(
	context: Context,
	kind: Kind,
	cursor: Cursor,
	terse: boolean,
): Promise<Result> {
	const options = kind.showOptions ?? [];
	const clauses = readShowClauses(
		context,
		cursor,
		kind.level,
		terse,
		options.map((option) => option.words),
	);
	const { scope } = clauses;
	const within = {
		...(scope.database !== undefined && { database: scope.database }),
		...(scope.schema !== undefined && { schema: scope.schema }),
	};
	const chosen = options.filter((option) => clauses.options.includes(option.words));
	const objects = context.catalog
		.list(kind.kind, kind.level === "account" ? {} : within)
		.filter(visibility(context))
		.filter((object) => chosen.every((option) => option.keep(object, context)));
	const rows = pageRows(objects, (object) => object.name, clauses, kind.silentCap ?? false);
	const measured = await kind.measure?.(context, rows);
	const names = kind.terse ?? ["created_on", "name", "kind", "database_name", "schema_name"];
	const shown = terse
		? names.flatMap((name) => kind.show.filter((column) => column.name === name))
		: kind.show;
	return {
		columns: shown.map(
			(column): ResultColumn => ({ name: column.name, type: TYPES[column.type], nullable: true }),
		),
		rows: rows.map((object) =>
			shown.map((column) => column.value(object, context, measured?.get(object.id))),
		),
	};
}
