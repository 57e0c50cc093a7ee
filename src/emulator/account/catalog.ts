import type { DuckDBConnection } from "@duckdb/node-api";
import { compareText } from "../../model/compare.ts";
import type { Catalog, CatalogObject, Clock } from "../types.ts";
import { type EngineRows, runEngine } from "./engine.ts";

/** Kinds that share one space of names in a schema. https://docs.snowflake.com/en/sql-reference/identifiers */
const RELATIONS: ReadonlySet<string> = new Set([
	"TABLE",
	"VIEW",
	"MATERIALIZED VIEW",
	"DYNAMIC TABLE",
	"EXTERNAL TABLE",
	"EVENT TABLE",
]);

/** The other kinds an object of this kind shares its names with, itself included. */
export function nameSpace(kind: string): ReadonlySet<string> {
	return RELATIONS.has(kind) ? RELATIONS : new Set([kind]);
}

/** An object's name, outermost part first. */
export function objectName(object: CatalogObject): readonly string[] {
	return [object.database, object.schema, object.name].filter((part) => part !== undefined);
}

function key(kind: string, name: readonly string[]): string {
	return JSON.stringify([kind, ...name]);
}

/** What is committed: all objects by id, with an index by name. */
export interface CommittedCatalog {
	readonly objects: Map<number, CatalogObject>;
	readonly names: Map<string, number>;
}

/** What an open transaction changed: new bodies by id, undefined for removed. */
export type CatalogChanges = Map<number, CatalogObject | undefined>;

/** Reads the objects of an account from its database. */
export async function loadCatalog(connection: DuckDBConnection): Promise<CommittedCatalog> {
	const { rows } = await runEngine(connection, {
		sql: "SELECT body FROM state.objects",
		values: [],
	});
	const objects = rows.map(([body]) => JSON.parse(String(body)) as CatalogObject);
	return {
		objects: new Map(objects.map((object) => [object.id, object])),
		names: new Map(objects.map((object) => [key(object.kind, objectName(object)), object.id])),
	};
}

/** Makes a transaction's changes part of what is committed. */
export function commitChanges(committed: CommittedCatalog, changes: CatalogChanges): void {
	for (const id of changes.keys()) {
		const before = committed.objects.get(id);
		if (!before) continue;
		committed.objects.delete(id);
		const name = key(before.kind, objectName(before));
		if (committed.names.get(name) === id) committed.names.delete(name);
	}
	for (const [id, object] of changes) {
		if (!object) continue;
		committed.objects.set(id, object);
		committed.names.set(key(object.kind, objectName(object)), id);
	}
}

function compareObjects(a: CatalogObject, b: CatalogObject): number {
	return (
		compareText(a.database ?? "", b.database ?? "") ||
		compareText(a.schema ?? "", b.schema ?? "") ||
		compareText(a.name, b.name)
	);
}

/**
 * The catalog as a statement sees it: what is committed, under the changes of its own transaction.
 * Every change is written to the engine in the same transaction as the physical change it goes with.
 */
export function catalogView(
	committed: CommittedCatalog,
	changes: () => CatalogChanges,
	clock: Clock,
	engine: (sql: string, values?: readonly unknown[]) => Promise<EngineRows>,
): Catalog {
	const byId = (id: number): CatalogObject | undefined =>
		changes().has(id) ? changes().get(id) : committed.objects.get(id);
	return {
		byId,
		find(kind, name) {
			const wanted = key(kind, name);
			for (const object of changes().values())
				if (object?.kind === kind && key(kind, objectName(object)) === wanted) return object;
			const id = committed.names.get(wanted);
			return id === undefined || changes().has(id) ? undefined : committed.objects.get(id);
		},
		list(kind, within = {}) {
			const found: CatalogObject[] = [];
			const consider = (object: CatalogObject): void => {
				if (object.kind !== kind) return;
				if (within.database !== undefined && object.database !== within.database) return;
				if (within.schema !== undefined && object.schema !== within.schema) return;
				found.push(object);
			};
			for (const object of committed.objects.values())
				if (!changes().has(object.id)) consider(object);
			for (const object of changes().values()) if (object) consider(object);
			return found.sort(compareObjects);
		},
		async add(draft) {
			const [row] = await engine("SELECT nextval('state.object_id')");
			const object: CatalogObject = { ...draft, id: Number(row?.[0]), createdOn: clock.now() };
			await engine("INSERT INTO state.objects VALUES (?, ?, ?)", [
				BigInt(object.id),
				object.kind,
				JSON.stringify(object),
			]);
			changes().set(object.id, object);
			return object;
		},
		async update(object) {
			await engine("UPDATE state.objects SET body = ? WHERE id = ?", [
				JSON.stringify(object),
				BigInt(object.id),
			]);
			changes().set(object.id, object);
		},
		async remove(id) {
			await engine("DELETE FROM state.objects WHERE id = ?", [BigInt(id)]);
			changes().set(id, undefined);
		},
	};
}
