import {
	type Catalog,
	catalogOf,
	NO_DIRECTIVES,
	type ObjectModel,
	objectKey,
} from "../model/catalog.ts";
import { sortBy } from "../model/compare.ts";
import { formatName } from "../model/identifier.ts";
import { type Connection, type Row, StatementError } from "../model/port.ts";
import type { Detail, ObjectType, Reported } from "../objects/define/object-type.ts";
import { OBJECT_TYPES, SEEN_TYPES } from "../objects/index.ts";
import { eachLimited } from "./limit.ts";

/** What to read. */
export interface Scope {
	/** Databases whose contents are listed; those that do not exist are left out. */
	readonly databases: readonly string[];
	/** Objects whose every property is read; of the others only what SHOW tells. */
	readonly wanted: (key: string) => boolean;
	/** How many statements run at a time. */
	readonly concurrency: number;
}

/** SHOW answers at most this many rows, and leaves the rest out without saying so. */
export const SHOW_LIMIT = 10_000;

/** Snowflake's codes for "does not exist or not authorized". */
export const ABSENT = new Set(["002003", "002043"]);

/**
 * A time as SHOW prints it, as ISO 8601; undefined where the session prints times in a form that has no order of
 * its own (TIMESTAMP_LTZ_OUTPUT_FORMAT of the user or the account).
 */
export function momentOf(cell: string | null | undefined): string | undefined {
	const [, day, time, zone] =
		/^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d:?\d\d)$/.exec(cell ?? "") ?? [];
	if (zone === undefined) return undefined;
	const offset = zone === "Z" ? zone : zone.replace(/^(...):?/, "$1:");
	return new Date(`${day}T${time}${offset}`).toISOString();
}

async function rowsOf(connection: Connection, sql: string): Promise<readonly Row[]> {
	return (await connection.execute(sql)).rows;
}

/** SHOW in a container; a container that does not exist has nothing in it. */
async function showIn(connection: Connection, sql: string): Promise<readonly Row[]> {
	try {
		return await rowsOf(connection, sql);
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return [];
		throw error;
	}
}

/** The rows of SHOW for a kind: over the account, or database by database, or schema by schema where that is cut off. */
async function listKind(
	connection: Connection,
	type: ObjectType,
	scope: Scope,
): Promise<readonly Row[]> {
	const { show } = type.read;
	if (type.level === "account") return rowsOf(connection, `SHOW ${show}`);
	const perDatabase = await Promise.all(
		scope.databases.map(async (database) => {
			const name = formatName([database]);
			const rows = await showIn(connection, `SHOW ${show} IN DATABASE ${name}`);
			if (rows.length < SHOW_LIMIT || type.level === "database") return rows;
			const schemas = await showIn(connection, `SHOW SCHEMAS IN DATABASE ${name}`);
			const parts = await Promise.all(
				schemas.map((s) =>
					showIn(connection, `SHOW ${show} IN SCHEMA ${formatName([database, s.name ?? ""])}`),
				),
			);
			return parts.flat();
		}),
	);
	return perDatabase.flat();
}

/** The name a detail's query is for: the object itself, or the schema or database it lives in. */
function targetOf(detail: Detail, object: Reported): string {
	const parts = {
		object: object.name,
		schema: object.name.slice(0, 2),
		database: object.name.slice(0, 1),
	};
	return formatName(parts[detail.per]);
}

function merged(
	object: Reported,
	more: { readonly properties?: Reported["properties"]; readonly runtime?: Reported["properties"] },
): Reported {
	return {
		...object,
		properties: { ...object.properties, ...more.properties },
		...(object.runtime || more.runtime ? { runtime: { ...object.runtime, ...more.runtime } } : {}),
	};
}

/** What the answer to a detail query, or its refusal, says about an object. */
type Answer = (object: Reported) => ReturnType<Detail["read"]>;

async function answerOf(connection: Connection, detail: Detail, target: string): Promise<Answer> {
	try {
		const rows = await rowsOf(connection, detail.sql(target));
		return (object) => detail.read(rows, object);
	} catch (error) {
		const said = error instanceof StatementError ? detail.failed?.(error) : undefined;
		if (!said) throw error;
		return () => said;
	}
}

/** Runs the detail queries of a kind for the wanted objects, each distinct query once. */
async function readDetails(
	connection: Connection,
	type: ObjectType,
	objects: readonly Reported[],
	scope: Scope,
): Promise<readonly Reported[]> {
	let result = objects;
	for (const detail of type.read.details ?? []) {
		const needed = (o: Reported) =>
			(scope.wanted(objectKey({ kind: type.kind, name: o.name })) || type.read.always?.(o)) &&
			(detail.when?.(o) ?? true);
		const targets = [...new Set(result.filter(needed).map((o) => targetOf(detail, o)))];
		const answers = new Map<string, Answer>();
		await eachLimited(scope.concurrency, targets, async (target) => {
			answers.set(target, await answerOf(connection, detail, target));
		});
		result = result.map((o) => {
			const answer = needed(o) ? answers.get(targetOf(detail, o)) : undefined;
			return answer ? merged(o, answer(o)) : o;
		});
	}
	return result;
}

async function readKind(
	connection: Connection,
	type: ObjectType,
	scope: Scope,
): Promise<readonly ObjectModel[]> {
	const rows = await listKind(connection, type, scope);
	const created = new Map<string, string>();
	const reported = rows.flatMap((row) => {
		const object = type.read.row(row);
		if (!object) return [];
		const at = momentOf(row.created_on);
		if (at !== undefined) created.set(formatName(object.name), at);
		return [object];
	});
	const detailed = await readDetails(
		connection,
		type,
		sortBy(reported, (o) => formatName(o.name)),
		scope,
	);
	return detailed.map((o) => {
		const createdOn = created.get(formatName(o.name));
		return {
			kind: type.kind,
			name: o.name,
			properties: o.properties,
			directives: NO_DIRECTIVES,
			...(o.owner === undefined ? {} : { owner: o.owner }),
			...(o.runtime === undefined ? {} : { runtime: o.runtime }),
			...(createdOn === undefined ? {} : { createdOn }),
		};
	});
}

/**
 * Reads the account into a catalog: one SHOW per kind and database, then the further queries each kind
 * declares, for the wanted objects. Nothing here knows a kind; `read` in the kind's file says what to ask.
 * A kind is read by the connection of the role that owns its objects: SHOW lists only what a role may see.
 */
export async function introspect(
	connectionFor: (kind: string) => Connection,
	scope: Scope,
): Promise<Catalog> {
	const kinds = await Promise.all(
		[...OBJECT_TYPES.values(), ...SEEN_TYPES.values()].map((type) =>
			readKind(connectionFor(type.kind), type, scope),
		),
	);
	return catalogOf(kinds.flat());
}
