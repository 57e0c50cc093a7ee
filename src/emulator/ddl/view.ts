import { formatIdentifier, formatName, formatString } from "../../model/identifier.ts";
import { canonicalSql } from "../../parse/canonical.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { CreateStatement } from "../../parse/statement.ts";
import { compilationError } from "../account/errors.ts";
import { parameterRows } from "../account/parameters.ts";
import { requireOwnership } from "../account/privileges.ts";
import { contextIn, cursorOver, statementScope } from "../account/scope/scope.ts";
import { columns, columnsJson, plainColumn } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import { booleanValue, invalidProperty, stringValue, takeProperty } from "../load/property-list.ts";
import { compileQuery } from "../sql/compile.ts";
import { readQuery } from "../sql/parse.ts";
import type { CatalogObject, Column, Context, Kind, Result } from "../types.ts";
import * as column from "./columns.ts";
import { alterMasking, checkMasking, maskingDdl, takeMasking, UNMASKED } from "./masking.ts";
import { statusResult } from "./result.ts";
import {
	addObject,
	beginCreate,
	created,
	renameObject,
	requireEnd,
	splitName,
	unexpectedAt,
} from "./shared.ts";
import { setChangeTracking } from "./table/change.ts";
import { describeColumns } from "./table/describe.ts";

/** A column of the list behind a view's name. */
type ListedColumn = Pick<Column, "name" | "comment" | "maskingPolicy" | "maskingArguments">;

/** What a CREATE VIEW says. */
interface Definition {
	readonly list: readonly ListedColumn[] | undefined;
	readonly comment: string | null;
	readonly changeTracking: boolean | undefined;
	readonly copyGrants: boolean;
	/** The query as written, and a cursor over it. */
	readonly query: string;
	readonly cursor: Cursor;
}

function readList(context: Context, rest: Cursor): Definition["list"] {
	if (!rest.looksAt("(")) return undefined;
	return rest
		.expectGroup()
		.splitAt()
		.map((part) => {
			const name = part.expectIdentifier("a column name");
			const masking = takeMasking(context, part, name) ?? UNMASKED;
			if (part.looksAt("WITH") || part.looksAt("PROJECTION") || part.looksAt("TAG"))
				throw unsupported("projection policies and tags on columns of a VIEW");
			const text = part.take("COMMENT") ? part.expectString() : "";
			requireEnd(part);
			return { name, comment: text || null, ...masking };
		});
}

function readDefinition(context: Context, rest: Cursor): Definition {
	let list = readList(context, rest);
	let comment: string | null = null;
	let changeTracking: boolean | undefined;
	let copyGrants = false;
	while (!rest.take("AS")) {
		if (list === undefined && rest.looksAt("(")) list = readList(context, rest);
		else if (rest.take("COPY", "GRANTS")) copyGrants = true;
		else if (rest.take("COPY", "TAGS"))
			continue; // Objects here have no tags, so there are none to copy.
		else {
			const property = takeProperty(rest);
			if (!property) {
				for (const words of [
					["ROW", "ACCESS", "POLICY"],
					["AGGREGATION", "POLICY"],
					["JOIN", "POLICY"],
					["TAG"],
				])
					if (rest.looksAt(...words) || rest.looksAt("WITH", ...words))
						throw unsupported(`${words.join(" ")} on VIEW`);
				throw unexpectedAt(rest);
			}
			if (property.name === "COMMENT") comment = stringValue(property) || null;
			else if (property.name === "CHANGE_TRACKING") changeTracking = booleanValue(property);
			else throw invalidProperty(property, "VIEW");
		}
	}
	if (rest.done) throw unexpectedAt(rest);
	const cursor = rest.clone();
	return { list, comment, changeTracking, copyGrants, query: rest.takeRest().text, cursor };
}

function hasModifier(statement: CreateStatement, word: string): boolean {
	return statement.modifiers.some((modifier) => modifier.value === word);
}

/**
 * The query that is run. That of a RECURSIVE view may read the view by its own name; the documentation has the
 * same view with a recursive common table expression of that name, which is how it is read here.
 * https://docs.snowflake.com/en/sql-reference/sql/create-view#examples
 */
function runnableQuery(name: string, { list, query }: Definition, recursive: boolean): string {
	if (!recursive) return query;
	if (!list)
		throw compilationError(
			"002211",
			"42601",
			`Recursive view '${name}' must provide a column name list.`,
		);
	const whole = cursorOver(query);
	const inside = whole.takeGroup();
	const body = inside && whole.done ? inside.takeRest().text : query;
	const own = formatIdentifier(name);
	const names = list.map((column) => formatIdentifier(column.name)).join(", ");
	return `WITH RECURSIVE ${own} (${names}) AS (${body}\n) SELECT * FROM ${own}`;
}

/** What a view's query comes to when the view is created. */
interface Compiled {
	readonly columns: readonly Column[];
	/** The query's own names for them, to tell when they change. */
	readonly produced: readonly string[];
	readonly reads: ReadonlySet<number>;
}

/** The columns of a view: the query's, under the names of the list. Names in the query are those of the view's schema. */
async function compileView(
	context: Context,
	name: readonly string[],
	{ list, cursor, query: written }: Definition,
	query: string,
): Promise<Compiled> {
	const place = {
		...splitName(view, name),
		id: 0,
		kind: "VIEW",
		owner: "",
		createdOn: 0,
		comment: null,
		properties: {},
	};
	const inner = contextIn(context, place);
	// Mistakes are told where they stand in the statement, as long as it is the written query that is run.
	const parsed = readQuery(query === written ? cursor : cursorOver(query));
	const compiled = await compileQuery(parsed, statementScope(inner));
	// What only the engine's binder finds, such as a column that is not grouped.
	await context.engine(`DESCRIBE ${compiled.sql}`);
	if (list && list.length !== compiled.columns.length)
		throw compilationError(
			"002057",
			"42601",
			`View definition for '${formatName(name)}' declared ${list.length} column(s), but view query produces ${compiled.columns.length} column(s).`,
		);
	const found = compiled.columns.map((given, i) => ({
		...plainColumn(given.name, given.type),
		nullable: given.nullable ?? true,
		...list?.[i],
	}));
	checkMasking(context, found);
	const twice = found.find((one, i) => found.findIndex((other) => other.name === one.name) !== i);
	if (twice) throw compilationError("002025", "42S21", `duplicate column name '${twice.name}'`);
	const produced = compiled.columns.map((column) => column.name);
	return { columns: found, produced, reads: compiled.reads };
}

/**
 * Change tracking of a view is also that of the tables under it: "cascades the setting to all underlying tables".
 * https://docs.snowflake.com/en/sql-reference/sql/alter-view
 */
async function cascadeTracking(
	context: Context,
	reads: Iterable<number>,
	on: boolean,
): Promise<void> {
	for (const id of reads) {
		const table = context.catalog.byId(id);
		if (table?.kind !== "TABLE" || table.properties.changeTracking === on) continue;
		requireOwnership(context, table);
		await context.lock(id, "define");
		await setChangeTracking(context, table, on);
	}
}

/** What a view reads now. */
async function readsOf(context: Context, object: CatalogObject): Promise<ReadonlySet<number>> {
	const query = readQuery(cursorOver(String(object.properties.query)));
	return (await compileQuery(query, statementScope(contextIn(context, object)))).reads;
}

const MODIFIERS = ["SECURE", "RECURSIVE"];

async function alterToDefinition(
	context: Context,
	object: CatalogObject,
	definition: Definition,
	secure: boolean,
): Promise<Result> {
	if (canonicalSql(definition.query) !== canonicalSql(String(object.properties.written)))
		throw compilationError(
			"002213",
			"0A000",
			`The query of view '${object.name}' cannot be changed by CREATE OR ALTER.`,
		);
	const list = columns(object).map((one, i) => ({
		...one,
		comment: definition.list?.[i]?.comment ?? null,
	}));
	const { changeTracking } = definition;
	if (changeTracking !== undefined)
		await cascadeTracking(context, await readsOf(context, object), changeTracking);
	await context.catalog.update({
		...object,
		comment: definition.comment,
		properties: {
			...object.properties,
			secure,
			columns: columnsJson(list),
			...(changeTracking !== undefined && { changeTracking }),
		},
	});
	return statusResult(`View ${object.name} successfully altered.`);
}

async function createView(context: Context, statement: CreateStatement): Promise<Result> {
	const definition = readDefinition(context, statement.rest());
	const creation = beginCreate(context, view, statement, { orAlter: true, modifiers: MODIFIERS });
	if (creation.step === "nothing") return creation.result;
	const secure = hasModifier(statement, "SECURE");
	const recursive = hasModifier(statement, "RECURSIVE");
	if (creation.step === "alter")
		return alterToDefinition(context, creation.object, definition, secure);
	const query = runnableQuery(creation.name.at(-1) ?? "", definition, recursive);
	const compiled = await compileView(context, creation.name, definition, query);
	// FALSE "does not enable change tracking"; only ALTER turns that of the tables off.
	if (definition.changeTracking) await cascadeTracking(context, compiled.reads, true);
	const object = await addObject(context, view, creation, {
		comment: definition.comment,
		properties: {
			secure,
			recursive,
			changeTracking: definition.changeTracking ?? false,
			columns: columnsJson(compiled.columns),
			produced: compiled.produced,
			query,
			written: definition.query,
			text: statement.source.text.slice(statement.span.start, statement.span.end),
		},
		copyGrants: definition.copyGrants,
	});
	return created(view, object);
}

/** VIEW. Its query is bound when it is read; the names and types of its columns when it is created. */
export const view: Kind = {
	kind: "VIEW",
	plural: "VIEWS",
	level: "schema",
	create: createView,
	async alter(context, statement, object) {
		const rest = statement.rest();
		const update = async (change: Partial<CatalogObject>): Promise<Result> => {
			requireEnd(rest);
			await context.catalog.update({ ...object, ...change });
			return statusResult();
		};
		if (rest.take("RENAME", "TO")) {
			await renameObject(context, view, object, rest);
			return statusResult();
		}
		if (rest.take("SET", "SECURE"))
			return update({ properties: { ...object.properties, secure: true } });
		if (rest.take("UNSET", "SECURE"))
			return update({ properties: { ...object.properties, secure: false } });
		if (rest.take("UNSET", "COMMENT")) return update({ comment: null });
		if (rest.take("SET")) {
			const property = takeProperty(rest);
			if (property?.name === "COMMENT") return update({ comment: stringValue(property) || null });
			if (property?.name === "CHANGE_TRACKING") {
				const changeTracking = booleanValue(property);
				await cascadeTracking(context, await readsOf(context, object), changeTracking);
				return update({ properties: { ...object.properties, changeTracking } });
			}
			if (rest.looksAt("TAG")) throw unsupported("tags on VIEW");
			throw property ? invalidProperty(property, "VIEW") : unexpectedAt(rest);
		}
		if (rest.take("ALTER") || rest.take("MODIFY")) {
			rest.take("COLUMN");
			const name = rest.expectIdentifier("a column name");
			await context.lock(object.id, "define");
			if (!(await alterMasking(context, object, name, rest)))
				throw unsupported(`ALTER VIEW … ALTER COLUMN … ${rest.peek()?.value ?? ""}`);
			requireEnd(rest);
			return statusResult();
		}
		if (!rest.looksAt("UNSET")) throw unsupported(`ALTER VIEW … ${rest.peek()?.value ?? ""}`);
		throw unexpectedAt(rest);
	},
	show: [
		column.createdOn,
		column.name,
		column.always("reserved", ""),
		column.databaseName,
		column.schemaName,
		column.owner,
		column.comment,
		column.text("text", ({ properties, owner }, { session }) =>
			properties.secure && owner !== session.role ? "" : String(properties.text),
		),
		column.text("is_secure", (object) => String(object.properties.secure)),
		column.always("is_materialized", "false"),
		column.ownerRoleType,
		column.text("change_tracking", (object) => (object.properties.changeTracking ? "ON" : "OFF")),
		column.always("kind", "VIEW"),
	],
	describe: (context, object, rest) => describeColumns(context, object, rest),
	async ddl(context, object) {
		const secure = object.properties.secure ? "secure " : "";
		const recursive = object.properties.recursive ? "recursive " : "";
		const list = columns(object)
			.map(
				(one) =>
					`\t${formatIdentifier(one.name)}${maskingDdl(context, one)}${one.comment ? ` COMMENT ${formatString(one.comment)}` : ""}`,
			)
			.join(",\n");
		const comment = object.comment ? ` COMMENT=${formatString(object.comment)}\n` : " ";
		const tracking = object.properties.changeTracking ? " CHANGE_TRACKING=TRUE" : "";
		return `create or replace ${secure}${recursive}view ${formatIdentifier(object.name)}(\n${list}\n)${tracking}${comment}as ${object.properties.written};`;
	},
	parameters: async (context, object) => parameterRows(context, object),
};
