import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { CreateStatement } from "../../parse/statement.ts";
import { compilationError, doesNotExist } from "../account/errors.ts";
import { requireOwnership } from "../account/privileges.ts";
import { viewRelation } from "../account/scope/scope.ts";
import { physicalTable } from "../account/storage.ts";
import { momentCell } from "../account/wire.ts";
import { unsupported } from "../error.ts";
import { directoryTable, prepareDirectory } from "../load/directory-table.ts";
import {
	booleanValue,
	invalidProperty,
	readProperties,
	stringValue,
} from "../load/property-list.ts";
import { enableLog } from "../run/change-log.ts";
import { readStreamPoint, type StreamPoint, startOffset } from "../run/stream-point.ts";
import {
	baseTables,
	readOffset,
	removeOffset,
	staleAfter,
	streamSource,
	writeOffset,
} from "../run/stream-read.ts";
import type { CatalogObject, Context, Json, Kind, Result, ShowColumn } from "../types.ts";
import { statusResult } from "./result.ts";
import {
	addObject,
	beginCreate,
	created,
	findObject,
	fullName,
	requireEnd,
	unexpectedAt,
} from "./shared.ts";
import { describeAsShown } from "./shown.ts";

/** What a CREATE STREAM says. */
interface Definition {
	readonly on: "TABLE" | "VIEW" | "STAGE";
	readonly sourceName: readonly string[];
	readonly point: StreamPoint | undefined;
	readonly appendOnly: boolean;
	readonly initialRows: boolean;
	readonly comment: string | null;
}

const REFUSED_SOURCES = ["EXTERNAL TABLE", "EVENT TABLE", "DYNAMIC TABLE"];

function readSource(rest: Cursor): Pick<Definition, "on" | "sourceName"> {
	rest.expect("ON");
	for (const source of REFUSED_SOURCES)
		if (rest.looksAt(...source.split(" "))) throw unsupported(`streams on a ${source}`);
	const on = rest.take("STAGE") ? "STAGE" : rest.take("VIEW") ? "VIEW" : "TABLE";
	if (on === "TABLE") rest.expect("TABLE");
	return { on, sourceName: rest.expectName(`the name of a ${on.toLowerCase()}`).parts };
}

/** Of a directory only its changes from now on can be asked for: none of these is in the syntax of ON STAGE. */
function requireTable(on: Definition["on"], clause: string): void {
	if (on === "STAGE")
		throw compilationError("001420", "0A000", `${clause} is not supported for streams on stages.`);
}

function readDefinition(rest: Cursor): Definition {
	if (rest.looksAt("WITH", "TAG") || rest.looksAt("TAG")) throw unsupported("tags on STREAM");
	// "This parameter is not supported currently", says the page of CREATE STREAM.
	if (rest.looksAt("COPY", "GRANTS")) throw unsupported("COPY GRANTS on STREAM");
	const source = readSource(rest);
	const point = readStreamPoint(rest);
	if (point) requireTable(source.on, point.keyword);
	const values = { appendOnly: false, initialRows: false, comment: null as string | null };
	for (const property of readProperties(rest)) {
		if (property.name === "APPEND_ONLY" || property.name === "SHOW_INITIAL_ROWS")
			requireTable(source.on, property.name);
		if (property.name === "APPEND_ONLY") values.appendOnly = booleanValue(property);
		else if (property.name === "SHOW_INITIAL_ROWS") values.initialRows = booleanValue(property);
		else if (property.name === "COMMENT") values.comment = stringValue(property) || null;
		else if (property.name === "INSERT_ONLY") {
			if (booleanValue(property))
				throw compilationError(
					"001420",
					"0A000",
					"INSERT_ONLY is only supported for streams on external tables.",
				);
		} else throw invalidProperty(property, "STREAM");
	}
	return { ...source, point, ...values };
}

/** CREATE STREAM … CLONE: "The clone inherits the current offset". */
async function cloneStream(
	context: Context,
	statement: CreateStatement,
	rest: Cursor,
): Promise<Result> {
	const original = findObject(context, stream, rest.expectName("the name of a stream").parts);
	if (rest.looksAt("COPY", "GRANTS")) throw unsupported("COPY GRANTS on STREAM");
	requireEnd(rest);
	const source = streamSource(context, original);
	const offset = await readOffset(context, original);
	const creation = beginCreate(context, stream, statement);
	if (creation.step === "nothing") return creation.result;
	if (creation.step === "alter") throw unexpectedAt(rest);
	const { comment, properties } = original;
	const object = await addObject(context, stream, creation, { comment, properties });
	if (source) await writeOffset(context, object, source, offset);
	return created(stream, object);
}

/** CREATE OR ALTER STREAM on one that exists changes its comment and nothing else. */
async function alterToDefinition(
	context: Context,
	object: CatalogObject,
	definition: Definition,
	source: CatalogObject,
): Promise<Result> {
	const mode = definition.appendOnly ? "APPEND_ONLY" : "DEFAULT";
	if (object.properties.sourceId !== source.id || object.properties.mode !== mode)
		throw compilationError(
			"001420",
			"0A000",
			`The source object and the mode of stream '${object.name}' cannot be changed by CREATE OR ALTER.`,
		);
	await context.catalog.update({ ...object, comment: definition.comment });
	return statusResult(`Stream ${object.name} successfully altered.`);
}

const text = (name: string, value: ShowColumn["value"]): ShowColumn => ({
	name,
	type: "text",
	value,
});

const SOURCE_TYPES: Readonly<Record<string, string>> = {
	STAGE: "Stage",
	TABLE: "Table",
	VIEW: "View",
};

const SHOW: readonly ShowColumn[] = [
	{ name: "created_on", type: "timestamp", value: (o) => momentCell(o.createdOn) },
	text("name", (o) => o.name),
	text("database_name", (o) => o.database ?? null),
	text("schema_name", (o) => o.schema ?? null),
	text("owner", (o) => o.owner),
	text("comment", (o) => o.comment ?? ""),
	// Snowflake's words for a source that is gone or hidden; not in the documentation.
	text("table_name", (o, context) => {
		const source = streamSource(context, o);
		return source ? fullName(source) : "No privilege or table dropped";
	}),
	text("source_type", (o) => SOURCE_TYPES[String(o.properties.on)] ?? "Table"),
	// "This column applies to streams on views only."
	text("base_tables", (o, context) =>
		o.properties.on === "VIEW" ? (baseTables(context, o) ?? []).map(fullName).join(",") : null,
	),
	text("type", () => "DELTA"),
	text("stale", (_o, context, measured) =>
		String(context.clock.now() > Number(measured?.staleAfter ?? Number.NEGATIVE_INFINITY)),
	),
	text("mode", (o) => String(o.properties.mode)),
	{
		name: "stale_after",
		type: "timestamp",
		value: (_o, _context, measured) => (measured ? momentCell(Number(measured.staleAfter)) : null),
	},
	text("invalid_reason", () => "N/A"),
	text("owner_role_type", () => "ROLE"),
];

/** The object whose changes a new stream is to tell, with the logs of its tables begun. */
async function openSource(
	context: Context,
	{ on, sourceName, appendOnly }: Definition,
): Promise<CatalogObject> {
	const name = context.qualify(sourceName, "schema");
	const found = context.catalog.find(on, name);
	if (!found) throw doesNotExist(on, name);
	if (on === "STAGE") {
		const directory = directoryTable(found);
		if (!directory)
			throw compilationError(
				"001420",
				"0A000",
				`Stage '${found.name}' has no directory table: a stream on it needs DIRECTORY = (ENABLE = TRUE).`,
			);
		await prepareDirectory(context, directory);
		await enableLog(context, directory);
		return directory;
	}
	for (const table of on === "VIEW" ? await tablesOf(context, found, appendOnly) : [found])
		await trackChanges(context, table);
	if (on === "VIEW" && found.properties.changeTracking !== true) {
		requireOwnership(context, found);
		await tracking(context, found);
	}
	return found;
}

/** Notes on an object that its changes are tracked. */
async function tracking(context: Context, object: CatalogObject): Promise<void> {
	const properties = { ...object.properties, changeTracking: true };
	await context.catalog.update({ ...object, properties });
}

/** "Only the table owner can create the initial stream on the table", which turns change tracking on. */
async function trackChanges(context: Context, table: CatalogObject): Promise<void> {
	const tracked = table.properties.changeTracking === true;
	if (!tracked) requireOwnership(context, table);
	await enableLog(context, table);
	if (!tracked) await tracking(context, table);
}

/** The tables beneath a view; refuses a view that a stream cannot be on. */
async function tablesOf(
	context: Context,
	view: CatalogObject,
	appendOnly: boolean,
): Promise<readonly CatalogObject[]> {
	const { reads } = await viewRelation(context, view, 0, {
		joins: !appendOnly,
		rows: physicalTable,
	});
	return [...new Set(reads)].flatMap((id) => {
		const object = context.catalog.byId(id);
		return object?.kind === "TABLE" ? [object] : [];
	});
}

/** A stream on a table, a view or the directory of a stage. https://docs.snowflake.com/en/sql-reference/sql/create-stream */
export const stream: Kind = {
	kind: "STREAM",
	plural: "STREAMS",
	level: "schema",
	async create(context, statement) {
		const rest = statement.rest();
		if (rest.take("CLONE")) return cloneStream(context, statement, rest);
		const definition = readDefinition(rest);
		const creation = beginCreate(context, stream, statement, { orAlter: true });
		if (creation.step === "nothing") return creation.result;
		if (creation.step === "alter") {
			const name = context.qualify(definition.sourceName, "schema");
			const same = context.catalog.find(definition.on, name);
			if (!same) throw doesNotExist(definition.on, name);
			return alterToDefinition(context, creation.object, definition, same);
		}
		const source = await openSource(context, definition);
		// Before the old stream is dropped: AT (STREAM => …) may name the very stream that is replaced.
		const version = await startOffset(context, source, definition.point);
		const object = await addObject(context, stream, creation, {
			comment: definition.comment,
			properties: {
				on: definition.on,
				sourceId: source.id,
				baseIds:
					definition.on === "VIEW"
						? (await tablesOf(context, source, definition.appendOnly)).map(({ id }) => id)
						: [],
				sourceName: fullName(source),
				mode: definition.appendOnly ? "APPEND_ONLY" : "DEFAULT",
			},
		});
		await writeOffset(context, object, source, {
			version,
			readAt: context.clock.now(),
			initial: definition.initialRows,
		});
		return created(stream, object);
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (rest.looksAt("SET", "TAG") || rest.looksAt("UNSET", "TAG"))
			throw unsupported("tags on STREAM");
		if (rest.take("UNSET", "COMMENT")) {
			requireEnd(rest);
			await context.catalog.update({ ...object, comment: null });
			return statusResult();
		}
		rest.expect("SET");
		const [property, ...more] = readProperties(rest);
		if (property?.name !== "COMMENT" || more.length > 0) throw unexpectedAt(statement.rest());
		await context.catalog.update({ ...object, comment: stringValue(property) || null });
		return statusResult();
	},
	dropped: (context, object) => removeOffset(context, object),
	show: SHOW,
	terse: ["created_on", "name", "kind", "database_name", "schema_name", "tableOn"],
	async measure(context, objects) {
		const measured = new Map<number, { readonly [key: string]: Json }>();
		for (const object of objects) {
			const bases = streamSource(context, object) && baseTables(context, object);
			if (bases)
				measured.set(object.id, {
					staleAfter: staleAfter(context, bases, await readOffset(context, object)),
				});
		}
		return measured;
	},
	describe: (context, object) => describeAsShown(stream, context, object),
	async ddl(context, object) {
		const source = streamSource(context, object);
		const name = source ? fullName(source) : String(object.properties.sourceName);
		const mode = object.properties.mode === "APPEND_ONLY" ? " append_only=true" : "";
		const comment = object.comment === null ? "" : ` comment=${formatString(object.comment)}`;
		return `create or replace stream ${formatIdentifier(object.name)} on ${String(object.properties.on).toLowerCase()} ${name}${mode}${comment};`;
	},
};
