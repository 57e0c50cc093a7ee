import { createHash } from "node:crypto";
import { type Catalog, catalogOf, type ObjectModel } from "../../model/catalog.ts";
import { formatName } from "../../model/identifier.ts";
import { canonicalJson, type Value } from "../../model/value.ts";
import { type Column, columnsOf } from "./column.ts";

const SCRATCH = /^(.+)__SNOWLINE_[0-9A-F]{8}$/s;
/** Identifiers have at most 255 characters. */
const LONGEST = 255 - "__SNOWLINE_00000000".length;

/**
 * The name of what stands in for something until it takes its place. It follows from the change itself: the
 * plan that was reviewed says it, a second attempt finds it again, and the journal has every statement with it.
 */
export function scratchName(name: string, change: Value): string {
	const hash = createHash("sha256").update(canonicalJson(change)).digest("hex");
	return `${name.slice(0, LONGEST)}__SNOWLINE_${hash.slice(0, 8).toUpperCase()}`;
}

/** The name that something with a scratch name stands in for; undefined for every other name. */
export function standsFor(name: string): string | undefined {
	return SCRATCH.exec(name)?.[1];
}

/** The columns without those that stand in for one that is there; one whose place is free has taken it. */
function settled(columns: readonly Column[]): readonly Column[] {
	const names = new Set(columns.map((c) => c.name));
	return columns.flatMap((column) => {
		const place = standsFor(column.name);
		if (place === undefined) return [column];
		return names.has(place) ? [] : [{ ...column, name: place }];
	});
}

function withoutScratch(table: ObjectModel): ObjectModel {
	const columns = settled(columnsOf(table.properties));
	return { ...table, properties: { ...table.properties, COLUMN: columns } };
}

/** Whether one table was made before another. */
function isOlder(one: ObjectModel, other: ObjectModel): boolean {
	const made = ({ runtime }: ObjectModel) => new Date(String(runtime?.created)).getTime();
	return made(one) < made(other);
}

/**
 * The account once a substitution or a rebuild of a table that was cut off is undone or finished: without columns
 * and tables that stand in for others. Of two tables the older one is the original, whatever its name.
 */
export function withoutScratches(table: ObjectModel, live: Catalog): Catalog {
	const place = formatName(table.name);
	const copy = [...live.objects.values()].find(
		({ kind, name }) =>
			kind === table.kind &&
			formatName([...name.slice(0, -1), standsFor(name.at(-1) ?? "") ?? ""]) === place,
	);
	const original = copy && isOlder(copy, table) ? { ...copy, name: table.name } : table;
	const left = [...live.objects.values()].filter((object) => object !== copy);
	return { ...live, objects: catalogOf([...left, withoutScratch(original)]).objects };
}
