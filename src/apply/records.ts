import { formatName, type QualifiedName } from "../model/identifier.ts";
import {
	type Bind,
	type Connection,
	type QueryResult,
	type Row,
	StatementError,
} from "../model/port.ts";
import { ABSENT, EXISTS } from "./absent.ts";

/**
 * The deployment records: five tables in the account, written only by apply. Every row carries the
 * project, so that several projects can share a schema.
 */
export const RECORD_TABLES: Readonly<Record<string, string>> = {
	DEPLOYMENTS: `PROJECT VARCHAR NOT NULL, ID VARCHAR NOT NULL, ENVIRONMENT VARCHAR, ACTOR VARCHAR, TOOL VARCHAR,
  GIT_COMMIT VARCHAR, CI_JOB VARCHAR, PLAN_HASH VARCHAR, DATABASE_NAME VARCHAR,
  STARTED_AT TIMESTAMP_NTZ, FINISHED_AT TIMESTAMP_NTZ, OUTCOME VARCHAR`,
	JOURNAL: `PROJECT VARCHAR NOT NULL, DEPLOYMENT VARCHAR NOT NULL, SEQ NUMBER(38,0) NOT NULL, AT TIMESTAMP_NTZ,
  STEP VARCHAR, OPERATION NUMBER(38,0), EVENT VARCHAR, STATEMENT VARCHAR, QUERY_ID VARCHAR, NAME VARCHAR, VALUE VARCHAR`,
	MIGRATIONS: `PROJECT VARCHAR NOT NULL, FILE VARCHAR NOT NULL, VERSION VARCHAR, PHASE VARCHAR, CHECKSUM VARCHAR,
  STATUS VARCHAR, STATEMENTS NUMBER(38,0), DONE NUMBER(38,0), STATEMENT_HASHES VARCHAR, DEPLOYMENT VARCHAR, AT TIMESTAMP_NTZ`,
	OBJECTS: `PROJECT VARCHAR NOT NULL, OBJECT VARCHAR NOT NULL, KIND VARCHAR, NAME VARCHAR, MODEL VARCHAR, SECRETS VARCHAR,
  DEPLOYMENT VARCHAR, AT TIMESTAMP_NTZ`,
	LEASES: `PROJECT VARCHAR NOT NULL, HOLDER VARCHAR, DEPLOYMENT VARCHAR, EXPIRES_AT TIMESTAMP_NTZ`,
};

/** What the ledger holds of one object: how it was when it was last applied. */
export interface LedgerEntry {
	readonly object: string;
	readonly kind: string;
	readonly name: string;
	readonly model: string;
	/** Hashes of secret properties, as JSON by property. */
	readonly secrets: string;
	/** When it was written, by the account's clock (ISO 8601). */
	readonly at: string;
}

/** One migration's record. */
export interface MigrationRecord {
	readonly file: string;
	readonly version: string;
	readonly checksum: string;
	/**
	 * `done`, `baselined`, or how far it came: `failed` and `open` (inside a transaction) resume at statement
	 * `done`; `running` means that the outcome of that statement is not known.
	 */
	readonly status: string;
	readonly statements: number;
	/** How many statements have finished for good. */
	readonly done: number;
	/** Hashes of the statements, so that finished ones can be seen to be unchanged. */
	readonly hashes: readonly string[];
	/** The deployment that wrote it last, and when (UTC). */
	readonly deployment: string;
	readonly at: string;
}

/** What the account remembers of earlier deployments of a project. */
export interface Records {
	/** False before the first apply. */
	readonly exist: boolean;
	readonly ledger: ReadonlyMap<string, LedgerEntry>;
	/** Ledger entries of grants, which are on objects and are none. */
	readonly grants: ReadonlyMap<string, LedgerEntry>;
	readonly migrations: ReadonlyMap<string, MigrationRecord>;
	/** Ledger entries of other projects, by object: theirs to change, not ours. */
	readonly foreign: ReadonlyMap<string, string>;
}

export const NO_RECORDS: Records = {
	exist: false,
	ledger: new Map(),
	grants: new Map(),
	migrations: new Map(),
	foreign: new Map(),
};

/** The full name of a record table. */
export function recordTable(schema: QualifiedName, table: string): string {
	return formatName([...schema, table]);
}

function text(row: Row, column: string): string {
	return row[column] ?? "";
}

function entry(row: Row): LedgerEntry {
	return {
		object: text(row, "OBJECT"),
		kind: text(row, "KIND"),
		name: text(row, "NAME"),
		model: text(row, "MODEL"),
		secrets: text(row, "SECRETS"),
		at: `${text(row, "AT").replace(" ", "T")}Z`,
	};
}

function migration(row: Row): MigrationRecord {
	return {
		file: text(row, "FILE"),
		version: text(row, "VERSION"),
		checksum: text(row, "CHECKSUM"),
		status: text(row, "STATUS"),
		statements: Number(row.STATEMENTS ?? 0),
		done: Number(row.DONE ?? 0),
		hashes: JSON.parse(row.STATEMENT_HASHES ?? "[]") as readonly string[],
		deployment: text(row, "DEPLOYMENT"),
		at: text(row, "AT"),
	};
}

/** Reads the records of a project; an account that has none yet gives none. */
export async function readRecords(
	connection: Connection,
	schema: QualifiedName,
	project: string,
): Promise<Records> {
	const read = async (table: string, columns: string) =>
		(await connection.execute(`SELECT ${columns} FROM ${recordTable(schema, table)}`)).rows;
	try {
		const objects = await read(
			"OBJECTS",
			"PROJECT, OBJECT, KIND, NAME, MODEL, SECRETS, TO_VARCHAR(AT, 'YYYY-MM-DD HH24:MI:SS.FF3') AS AT",
		);
		const migrations = await read(
			"MIGRATIONS",
			"PROJECT, FILE, VERSION, CHECKSUM, STATUS, STATEMENTS, DONE, STATEMENT_HASHES, DEPLOYMENT, AT",
		);
		const own = (rows: readonly Row[]) => rows.filter((row) => row.PROJECT === project);
		const entries = (isKind: (kind: string) => boolean) =>
			new Map(
				own(objects)
					.filter((row) => isKind(text(row, "KIND")))
					.map((row) => [text(row, "OBJECT"), entry(row)]),
			);
		return {
			exist: true,
			ledger: entries((kind) => kind !== "GRANT"),
			grants: entries((kind) => kind === "GRANT"),
			migrations: new Map(own(migrations).map((row) => [text(row, "FILE"), migration(row)])),
			foreign: new Map(
				objects
					.filter((row) => row.PROJECT !== project)
					.map((row) => [text(row, "OBJECT"), text(row, "PROJECT")]),
			),
		};
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return NO_RECORDS;
		throw error;
	}
}

/**
 * The table of leases begins with one row that belongs to no project: whoever takes a lease locks it first.
 * A plain CREATE TABLE AS SELECT makes it, which only one of several first deployments can carry out.
 */
const FIRST_LEASE = "SELECT '', NULL::VARCHAR, NULL::VARCHAR, NULL::TIMESTAMP_NTZ";

async function existingTables(
	connection: Connection,
	schema: QualifiedName,
): Promise<ReadonlySet<string> | undefined> {
	try {
		const { rows } = await connection.execute(`SHOW TABLES IN SCHEMA ${formatName(schema)}`);
		return new Set(rows.map((row) => row.name ?? ""));
	} catch (error) {
		if (error instanceof StatementError && ABSENT.has(error.code)) return undefined;
		throw error;
	}
}

/** Creates what is missing of the records; the database must exist. */
export async function createRecords(connection: Connection, schema: QualifiedName): Promise<void> {
	const existing = await existingTables(connection, schema);
	if (!existing)
		await connection.execute(
			`CREATE SCHEMA IF NOT EXISTS ${formatName(schema)} COMMENT = 'Records of Snowline deployments'`,
		);
	for (const [table, columns] of Object.entries(RECORD_TABLES)) {
		if (existing?.has(table)) continue;
		const first = table === "LEASES" ? ` AS ${FIRST_LEASE}` : "";
		try {
			await connection.execute(
				`CREATE TABLE ${recordTable(schema, table)} (\n  ${columns}\n)${first}`,
			);
		} catch (error) {
			// Another first deployment was quicker.
			if (!(error instanceof StatementError && error.code === EXISTS)) throw error;
		}
	}
}

/** A statement on the records. */
export interface RecordStatement {
	readonly sql: string;
	readonly binds: readonly Bind[];
}

/** Columns of the records that are not text. */
const TYPES: Readonly<Record<string, string>> = {
	SEQ: "NUMBER(38,0)",
	OPERATION: "NUMBER(38,0)",
	STATEMENTS: "NUMBER(38,0)",
	DONE: "NUMBER(38,0)",
	AT: "TIMESTAMP_NTZ",
	STARTED_AT: "TIMESTAMP_NTZ",
	FINISHED_AT: "TIMESTAMP_NTZ",
};

/** Rows given with a statement as a query over them; their types are said, since VALUES takes them from its first row. */
export function givenRows(
	columns: readonly string[],
	rows: readonly (readonly Bind[])[],
): RecordStatement {
	const cells = columns.map((column, i) => {
		const type = TYPES[column];
		return `COLUMN${i + 1}${type === undefined ? "" : `::${type}`} AS ${column}`;
	});
	const places = rows.map((row) => `(${row.map(() => "?").join(", ")})`);
	return {
		sql: `SELECT ${cells.join(", ")} FROM VALUES ${places.join(", ")}`,
		binds: rows.flat(),
	};
}

/** Inserts rows, all of them or, where the condition does not hold, none. */
export function insertRows(
	table: string,
	columns: readonly string[],
	rows: readonly (readonly Bind[])[],
	condition: string,
): RecordStatement {
	const given = givenRows(columns, rows);
	return {
		sql: `INSERT INTO ${table} (${columns.join(", ")}) ${given.sql} WHERE ${condition}`,
		binds: given.binds,
	};
}

/** How many rows a statement inserted, updated or deleted. */
export function affectedRows(result: QueryResult): number {
	const counts = Object.entries(result.rows[0] ?? {}).filter(([column]) =>
		/^number of rows/.test(column),
	);
	return counts.reduce((sum, [, count]) => sum + Number(count ?? 0), 0);
}
