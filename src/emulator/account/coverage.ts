import { KINDS } from "../ddl/index.ts";
import { SHOW_COMMANDS } from "../ddl/show-statement.ts";
import { HANDLERS } from "./handlers.ts";
import { INFORMATION_SCHEMA_VIEWS } from "./scope/information-schema.ts";

/** One construct and whether the local account answers it. */
export interface Covered {
	readonly construct: string;
	readonly answered: boolean;
}

/** Kinds of object of Snowflake's that people ask for first; those without a file here are refused by name. */
const KNOWN_KINDS = [
	"ALERT",
	"DATABASE",
	"DATABASE ROLE",
	"DYNAMIC TABLE",
	"EVENT TABLE",
	"EXTERNAL TABLE",
	"FILE FORMAT",
	"FUNCTION",
	"HYBRID TABLE",
	"ICEBERG TABLE",
	"MASKING POLICY",
	"MATERIALIZED VIEW",
	"NETWORK POLICY",
	"NETWORK RULE",
	"NOTIFICATION INTEGRATION",
	"PIPE",
	"PROCEDURE",
	"RESOURCE MONITOR",
	"ROLE",
	"ROW ACCESS POLICY",
	"SCHEMA",
	"SECRET",
	"SEQUENCE",
	"STAGE",
	"STORAGE INTEGRATION",
	"STREAM",
	"TABLE",
	"TAG",
	"TASK",
	"USER",
	"VIEW",
	"WAREHOUSE",
];

/** Statements by first word that people ask for, whoever answers them. */
const KNOWN_STATEMENTS = [
	"BEGIN",
	"CALL",
	"COMMENT",
	"COMMIT",
	"COPY",
	"DECLARE",
	"DELETE",
	"EXECUTE",
	"EXPLAIN",
	"GET",
	"GRANT",
	"INSERT",
	"LIST",
	"MERGE",
	"PUT",
	"REMOVE",
	"REVOKE",
	"ROLLBACK",
	"SELECT",
	"SET",
	"SHOW",
	"TRUNCATE",
	"UNSET",
	"UPDATE",
	"USE",
	"VALUES",
	"WITH",
];

const TRANSACTIONS = new Set(["BEGIN", "COMMIT", "ROLLBACK"]);

/** What the local account answers, out of its own registries, and what it is known to refuse. */
export function coverage(): readonly Covered[] {
	const kinds = new Map(KINDS.map((kind) => [kind.kind, kind]));
	const perKind = [...new Set([...KNOWN_KINDS, ...kinds.keys()])].sort().flatMap((name) => {
		const kind = kinds.get(name);
		const answered = kind !== undefined;
		return [
			...["CREATE", "ALTER", "DROP"].map((verb) => ({ construct: `${verb} ${name}`, answered })),
			{ construct: `SHOW ${kind?.plural ?? name}`, answered },
			{ construct: `DESCRIBE ${name}`, answered: kind?.describe !== undefined },
			{ construct: `GET_DDL ${name}`, answered: kind?.ddl !== undefined },
			{ construct: `SHOW PARAMETERS IN ${name}`, answered: kind?.parameters !== undefined },
			{ construct: `UNDROP ${name}`, answered: false },
		];
	});
	const words = [...new Set([...KNOWN_STATEMENTS, ...Object.keys(HANDLERS)])]
		.filter((word) => /^\w+$/.test(word))
		.sort();
	return [
		...perKind,
		...words.map((word) => ({
			construct: word,
			answered: word in HANDLERS || TRANSACTIONS.has(word),
		})),
		...Object.keys(SHOW_COMMANDS).map((show) => ({ construct: `SHOW ${show}`, answered: true })),
		...INFORMATION_SCHEMA_VIEWS.map((view) => ({
			construct: `INFORMATION_SCHEMA.${view}`,
			answered: true,
		})),
	];
}
