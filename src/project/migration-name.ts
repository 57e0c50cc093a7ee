import { compareText } from "../model/compare.ts";

/** What a migration's file name says: when it runs, and what it is called. */
export type MigrationName =
	| { readonly kind: "versioned"; readonly version: string; readonly name: string }
	| { readonly kind: "repeatable"; readonly name: string };

/** How migration files are named, for messages. */
export const MIGRATION_GRAMMAR = "V<version>__<name>.sql or R__<name>.sql";

/** Reads a file name such as `V0001__backfill_orders.sql`; undefined when it is not like that. */
export function parseMigrationName(fileName: string): MigrationName | undefined {
	const versioned = /^V(\d+(?:[._]\d+)*)__([^\s_][^\s/]*)\.sql$/.exec(fileName);
	if (versioned?.[1] !== undefined && versioned[2] !== undefined)
		return { kind: "versioned", version: versioned[1], name: versioned[2] };
	const repeatable = /^R__([^\s_][^\s/]*)\.sql$/.exec(fileName);
	return repeatable?.[1] === undefined ? undefined : { kind: "repeatable", name: repeatable[1] };
}

/** The parts of a version, without leading zeros and without parts 0 at the end: V1, V01 and V1.0 are one. */
function parts(version: string): readonly string[] {
	const all = version.split(/[._]/).map((part) => part.replace(/^0+(?=\d)/, ""));
	while (all.length > 1 && all.at(-1) === "0") all.pop();
	return all;
}

/** Orders versions by their parts as numbers, however long: V2 before V10, V1.2 before V1.10. */
export function compareVersions(a: string, b: string): number {
	const left = parts(a);
	const right = parts(b);
	for (let i = 0; i < Math.max(left.length, right.length); i++) {
		const x = left[i];
		const y = right[i];
		if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
		const order = x.length - y.length || compareText(x, y);
		if (order !== 0) return order;
	}
	return 0;
}
