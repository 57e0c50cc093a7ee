import { KINDS } from "../ddl/index.ts";
import { SHOW_COMMANDS } from "../ddl/show-statement.ts";
import { FORMAT_TYPES } from "../load/format-options.ts";
import { READABLE_FORMATS } from "../load/scan.ts";
import { ROWS } from "../sql/flatten.ts";
import { FUNCTIONS } from "../sql/functions/index.ts";
import { REFUSED_FUNCTIONS } from "../sql/functions/refused.ts";
import type { Kind } from "../types.ts";
import { ACTIVE_PARAMETERS } from "./active-parameters.ts";
import { HANDLERS } from "./handlers.ts";
import { PASSIVE_PARAMETERS } from "./passive-parameters.ts";
import { REFUSED_KINDS, REFUSED_STATEMENTS } from "./refused.ts";
import { ACCOUNT_FUNCTIONS } from "./scope/functions.ts";
import { INFORMATION_SCHEMA_VIEWS } from "./scope/information-schema.ts";
import { TABLE_FUNCTIONS } from "./scope/table-functions.ts";
import { TRANSACTION_STATEMENTS } from "./transaction-statement.ts";

/** One construct, what it belongs to, and whether the local account answers it. */
export interface Covered {
	readonly area: Area;
	readonly construct: string;
	readonly answered: boolean;
}

/** The parts of the list, in their order. */
export const AREAS = [
	"Statements",
	"Kinds of object",
	"SHOW commands",
	"Functions",
	"Table functions",
	"INFORMATION_SCHEMA views",
	"Types of staged files",
	"Parameters that have an effect",
	"Parameters that are kept and shown",
] as const;

/** One part of the list. */
export type Area = (typeof AREAS)[number];

/** The statements of one kind of object, by name. */
function statementsOf(kind: Kind): readonly (readonly [construct: string, answered: boolean])[] {
	return [
		[`CREATE ${kind.kind}`, true],
		[`ALTER ${kind.kind}`, true],
		[`DROP ${kind.kind}`, true],
		[`SHOW ${kind.plural}`, true],
		[`DESCRIBE ${kind.kind}`, kind.describe !== undefined],
		[`GET_DDL('${kind.kind}', …)`, kind.ddl !== undefined],
		[`SHOW PARAMETERS IN ${kind.kind}`, kind.parameters !== undefined],
		[`UNDROP ${kind.kind}`, false],
	];
}

/** What the local account answers, out of its own registries, and what it refuses by name. */
export function coverage(): readonly Covered[] {
	const known = new Set(KINDS.map(({ kind }) => kind));
	const words = [...Object.keys(HANDLERS), ...TRANSACTION_STATEMENTS].filter((w) =>
		/^[A-Z ]+$/.test(w),
	);
	const list = (area: Area, answered: boolean, constructs: Iterable<string>): Covered[] =>
		[...new Set(constructs)].map((construct) => ({ area, construct, answered }));
	const both = (area: Area, answered: Iterable<string>, refused: Iterable<string>): Covered[] =>
		[...list(area, true, answered), ...list(area, false, refused)].sort((a, b) =>
			a.construct < b.construct ? -1 : 1,
		);
	return [
		...both(
			"Statements",
			[...words, "CREATE", "ALTER", "DROP", "DESCRIBE"],
			[...REFUSED_STATEMENTS].filter((word) => !words.includes(word)),
		),
		...KINDS.flatMap((kind) =>
			statementsOf(kind).flatMap(([construct, answered]) =>
				list("Kinds of object", answered, [construct]),
			),
		),
		...list(
			"Kinds of object",
			false,
			REFUSED_KINDS.filter((kind) => !known.has(kind)).map((kind) => `CREATE ${kind}`),
		),
		...both(
			"SHOW commands",
			Object.keys(SHOW_COMMANDS).map((show) => `SHOW ${show}`),
			[],
		),
		...both("Functions", [...FUNCTIONS.keys(), ...ACCOUNT_FUNCTIONS], REFUSED_FUNCTIONS),
		...both("Table functions", [...TABLE_FUNCTIONS, ...Object.keys(ROWS), "GENERATOR"], []),
		...both("INFORMATION_SCHEMA views", INFORMATION_SCHEMA_VIEWS, []),
		...both(
			"Types of staged files",
			READABLE_FORMATS,
			FORMAT_TYPES.filter((type) => !READABLE_FORMATS.includes(type)),
		),
		...both(
			"Parameters that have an effect",
			ACTIVE_PARAMETERS.map(({ name }) => name),
			[],
		),
		...both(
			"Parameters that are kept and shown",
			PASSIVE_PARAMETERS.map(({ name }) => name),
			[],
		),
	];
}
