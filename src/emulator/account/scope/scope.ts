import { textSource } from "../../../diagnostics/source.ts";
import { formatName } from "../../../model/identifier.ts";
import { Cursor } from "../../../parse/cursor.ts";
import { lex } from "../../../parse/lexer.ts";
import { sequenceNext } from "../../ddl/sequence.ts";
import { SnowflakeError, unsupported } from "../../error.ts";
import { stageRelation } from "../../load/stage-relation.ts";
import { streamRelation, streamSource } from "../../run/stream-read.ts";
import { type Tracking, trackRows } from "../../run/tracked-query.ts";
import { viewStreamRelation } from "../../run/view-stream.ts";
import { compileExpression, compileQuery } from "../../sql/compile.ts";
import { readExpression, readQuery } from "../../sql/parse.ts";
import type { Relation, RelationColumn, Scope, TargetTable } from "../../sql/scope.ts";
import type { CatalogObject, Column, Context, LockMode } from "../../types.ts";
import { qualifyName } from "../context.ts";
import { textType } from "../data-type.ts";
import { compilationError } from "../errors.ts";
import {
	columns,
	duckdbType,
	engineString,
	identitySequence,
	physicalColumn,
	physicalTable,
	quote,
	ROW_ID,
	storedColumns,
} from "../storage.ts";
import { findRelation, noRelation } from "./find-relation.ts";
import { callFunction } from "./functions.ts";
import { bound, boundRows, variable } from "./given-values.ts";
import { informationSchema } from "./information-schema.ts";
import { masked } from "./masked.ts";
import { scopeSession } from "./scope-session.ts";
import { callTableFunction } from "./table-functions.ts";

/** A cursor over a text of its own. */
export function cursorOver(text: string): Cursor {
	const source = textSource("", text);
	return new Cursor(source, lex(source).tokens);
}

/** A body of a policy on an object: names are those of the policy's schema, the current schema is the object's. */
function policyScope(context: Context): (policy: CatalogObject, object: CatalogObject) => Scope {
	return (policy, object) => {
		const { session } = contextIn(context, object);
		return statementScope({ ...contextIn(context, policy), session });
	};
}

/**
 * A table as it is read: its stored columns, and its virtual ones computed, each through its masking policy.
 * `from` is another state of its rows.
 */
async function tableRelation(
	context: Context,
	table: CatalogObject,
	from = physicalTable(table),
): Promise<Relation> {
	const plain: readonly RelationColumn[] = storedColumns(table).map(({ name, type }) => ({
		name,
		type,
		sql: physicalColumn(name),
	}));
	const virtual = columns(table).filter((column) => column.expression !== null);
	const hidden = {
		name: ROW_ID,
		type: { base: "FIXED", text: "" } as const,
		sql: ROW_ID,
		hidden: true,
	};
	const stored = await masked(
		context,
		table,
		{ columns: [...plain, hidden], from, reads: [table.id] },
		policyScope(context),
	);
	if (virtual.length === 0) return stored;
	const known = stored.columns.filter((column) => !column.hidden);
	const computed: string[] = [];
	for (const column of virtual) {
		const expression = readExpression(cursorOver(column.expression ?? "NULL"));
		const { sql } = await compileExpression(
			expression,
			statementScope(context),
			known,
			column.type,
		);
		known.push({ name: column.name, type: column.type, sql: `(${sql})` });
		computed.push(`${sql} AS ${physicalColumn(column.name)}`);
	}
	return {
		...stored,
		columns: [
			...columns(table).map(
				({ name, type }) =>
					stored.columns.find((column) => column.name === name) ?? {
						name,
						type,
						sql: physicalColumn(name),
					},
			),
			hidden,
		],
		from: `(SELECT *, ${computed.join(", ")} FROM ${stored.from})`,
	};
}

/** A stream on a table: "masking policies on columns in a table carry over to a stream on the same table". */
async function tableStream(context: Context, stream: CatalogObject): Promise<Relation> {
	const relation = await streamRelation(context, stream);
	const source = streamSource(context, stream);
	return source ? masked(context, source, relation, policyScope(context)) : relation;
}

/** A table in another state, with identities of text where its row ids are. */
async function trackedTable(
	context: Context,
	table: CatalogObject,
	tracked: Tracked,
): Promise<Relation> {
	const relation = await tableRelation(context, table, tracked.rows(table));
	const columns = relation.columns.map((column) =>
		column.name === ROW_ID ? { ...column, type: textType() } : column,
	);
	return { ...relation, columns };
}

/** The same context with another current schema: names inside a view mean what they mean in the view's schema. */
export function contextIn(context: Context, object: CatalogObject): Context {
	const { database, schema } = object;
	const session = { ...context.session, database, schema };
	return {
		...context,
		session,
		qualify: (name, level) => qualifyName(session, "SELECT", name, level),
	};
}

/** How deep views may stand on views before it must be a circle. */
const DEEPEST = 50;

/**
 * Reads a view over other rows than its tables have now: those of another time, or only new ones. Every row comes
 * with its identity, in the hidden column for row ids.
 */
export interface Tracked extends Tracking {
	/** The rows of a table as an item of the engine's FROM; the column for row ids holds text. */
	rows(table: CatalogObject): string;
}

/** A view as it is read: its query, under the names and types that were fixed when it was created. */
export async function viewRelation(
	context: Context,
	view: CatalogObject,
	depth = 0,
	tracked?: Tracked,
): Promise<Relation> {
	if (depth > DEEPEST) throw viewFailure(view, "the view refers to itself");
	const inner = contextIn(context, view);
	const written = readQuery(cursorOver(String(view.properties.query)));
	const query = tracked ? trackRows(written, tracked) : written;
	let compiled: Awaited<ReturnType<typeof compileQuery>>;
	try {
		compiled = await compileQuery(
			query,
			statementScope(inner, tracked ? { tracked } : {}, depth + 1),
		);
	} catch (error) {
		if (error instanceof SnowflakeError && error.message.startsWith("SQL compilation error"))
			throw viewFailure(view, error.message);
		throw error;
	}
	const fixed = columns(view);
	const found = compiled.columns.length - (tracked ? 1 : 0);
	if (found !== fixed.length)
		throw compilationError(
			"002057",
			"42601",
			`View definition for '${formatName([view.database ?? "", view.schema ?? "", view.name])}' declared ${fixed.length} column(s), but view query produces ${found} column(s).`,
		);
	const produced = (view.properties.produced ?? []) as readonly string[];
	const moved = produced.find((name, i) => compiled.columns[i]?.name !== name);
	if (moved !== undefined)
		throw viewFailure(view, `its query no longer gives column '${moved}' in that place`);
	const retyped = fixed.find(({ type }, i) => compiled.columns[i]?.type.base !== type.base);
	if (retyped)
		throw viewFailure(view, `column '${retyped.name}' is no longer of type ${retyped.type.text}`);
	const identity = { name: ROW_ID, type: textType(), sql: quote(`c${found + 1}`), hidden: true };
	const relation = {
		columns: [
			...fixed.map(({ name, type }, i) => ({ name, type, sql: quote(`c${i + 1}`) })),
			...(tracked ? [identity] : []),
		],
		from: `(${compiled.sql})`,
		reads: [view.id, ...compiled.reads],
	};
	return masked(context, view, relation, policyScope(context));
}

/** 002037: what a view stands on has changed. */
function viewFailure(view: CatalogObject, why: string): Error {
	return compilationError(
		"002037",
		"42601",
		`Failure during expansion of view '${view.name}': ${why}`,
	);
}

/** The engine's expression that fills a column nobody wrote, identity included. */
async function defaultOf(
	context: Context,
	table: CatalogObject,
	column: Column,
): Promise<string | undefined> {
	if (column.identity)
		return `CAST(nextval(${engineString(identitySequence(table, column.name))}) AS ${duckdbType(column.type)})`;
	if (column.default === null) return undefined;
	const expression = readExpression(cursorOver(column.default));
	const { sql } = await compileExpression(
		expression,
		statementScope(contextIn(context, table)),
		[],
		column.type,
	);
	return sql;
}

async function targetTable(context: Context, table: CatalogObject): Promise<TargetTable> {
	const stored = storedColumns(table);
	const defaults = await Promise.all(stored.map((column) => defaultOf(context, table, column)));
	return {
		id: table.id,
		table: physicalTable(table),
		rowId: ROW_ID,
		columns: stored.map(({ name, type, nullable }, i) => ({
			name,
			type,
			nullable,
			sql: physicalColumn(name),
			default: defaults[i],
		})),
		relation: await tableRelation(context, table),
	};
}

/** What the names of a statement mean. `lock` is taken on the table that it writes to. */
export function statementScope(
	context: Context,
	options: { readonly lock?: LockMode; readonly tracked?: Tracked } = {},
	depth = 0,
): Scope {
	return {
		session: scopeSession(context),
		async relation(name, span) {
			if (name.at(-2) === "INFORMATION_SCHEMA")
				return informationSchema(context, name, () => noRelation(context, name, span));
			const found = findRelation(context, name);
			if (!found) throw noRelation(context, name, span);
			const { tracked } = options;
			if (tracked && found.kind === "TABLE") return trackedTable(context, found, tracked);
			if (tracked && found.kind !== "VIEW")
				throw unsupported(`a stream on a view over a ${found.kind}`);
			switch (found.kind) {
				case "TABLE":
					return tableRelation(context, found);
				case "VIEW":
					return viewRelation(context, found, depth, tracked);
				case "STREAM":
					return found.properties.on === "VIEW"
						? viewStreamRelation(context, found, (view, other) =>
								viewRelation(context, view, depth + 1, other),
							)
						: tableStream(context, found);
				default:
					throw unsupported(`SELECT from a ${found.kind}`);
			}
		},
		async target(name, span) {
			const found = findRelation(context, name);
			if (!found) throw noRelation(context, name, span);
			if (found.kind !== "TABLE")
				throw compilationError(
					"002044",
					"42601",
					`Object '${formatName(context.qualify(name, "schema"))}' of type ${found.kind} cannot be changed by DML.`,
				);
			await context.lock(found.id, options.lock ?? "update");
			return targetTable(context, context.catalog.byId(found.id) ?? found);
		},
		stage: (reference, given) => stageRelation(context, reference, given),
		async evaluate(sql) {
			const [row] = await context.engine(`SELECT ${sql}`);
			return row?.[0] === null || row?.[0] === undefined ? null : String(row[0]);
		},
		tableFunction: (name, values) => callTableFunction(context, name, values),
		sequence(name) {
			const found = context.catalog.find("SEQUENCE", context.qualify(name, "schema"));
			return found && sequenceNext(found);
		},
		call: (name, values) => callFunction(context, name, values),
		variable: (name) => variable(context, name),
		bind: (name, span, row) => bound(context, name, span, row),
		boundRows: boundRows(context),
	};
}
