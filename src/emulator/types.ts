import type { DuckDBConnection } from "@duckdb/node-api";
import type { OtherStatement, Statement } from "../parse/statement.ts";

/** A value that survives being written as JSON. */
export type Json =
	| string
	| number
	| boolean
	| null
	| readonly Json[]
	| { readonly [key: string]: Json };

/** An object in the account's catalog. `id` is Snowflake's hidden id: a replaced object gets a new one. */
export interface CatalogObject {
	readonly id: number;
	readonly kind: string;
	/** Undefined for objects of the account (databases, warehouses, integrations, roles). */
	readonly database?: string;
	/** Undefined for objects of the account and of a database (schemas). */
	readonly schema?: string;
	readonly name: string;
	readonly owner: string;
	/** Milliseconds since the epoch, by the account's clock. */
	readonly createdOn: number;
	readonly comment: string | null;
	/** What the kind keeps; only that kind's file reads or writes it directly. */
	readonly properties: { readonly [key: string]: Json };
}

/**
 * Snowflake's types as the account stores them, already canonical: `INT` is fixed(38,0).
 * `text` is what DESCRIBE TABLE prints, without collation.
 */
export interface SqlType {
	readonly base:
		| "FIXED"
		| "REAL"
		| "DECFLOAT"
		| "TEXT"
		| "BINARY"
		| "BOOLEAN"
		| "DATE"
		| "TIME"
		| "TIMESTAMP_NTZ"
		| "TIMESTAMP_LTZ"
		| "TIMESTAMP_TZ"
		| "VARIANT"
		| "OBJECT"
		| "ARRAY"
		| "GEOGRAPHY"
		| "GEOMETRY"
		| "VECTOR"
		| "MAP"
		| "FILE"
		| "UUID";
	readonly precision?: number;
	readonly scale?: number;
	readonly length?: number;
	readonly text: string;
}

/** One column of a result; `type` decides how the driver decodes the strings in `rows`. */
export interface ResultColumn {
	readonly name: string;
	readonly type: SqlType;
	readonly nullable?: boolean;
}

/** One column of a table, as the catalog keeps it (`properties.columns`; read it through `account/storage.ts`). */
export interface Column {
	readonly name: string;
	readonly type: SqlType;
	readonly nullable: boolean;
	/** The expression of DEFAULT as DESCRIBE prints it, or null. */
	readonly default: string | null;
	/** AUTOINCREMENT; the engine's column fills itself. */
	readonly identity: Identity | null;
	/** The expression of a virtual column, which has no place in the engine's table. */
	readonly expression: string | null;
	readonly collation: string | null;
	readonly comment: string | null;
	/** The catalog id of the masking policy on it. */
	readonly maskingPolicy: number | null;
	/** The masking policy's arguments after the first, as USING names them. */
	readonly maskingArguments: readonly string[];
	/** Whether the default came with ALTER TABLE … ADD COLUMN, which forbids dropping it. */
	readonly defaultAdded: boolean;
}

/** How an AUTOINCREMENT column counts. */
export interface Identity {
	readonly start: number;
	readonly increment: number;
	readonly ordered: boolean;
}

/** A value bound to a placeholder, in the driver's wire form. */
export interface Bind {
	/** FIXED, TEXT, REAL, BOOLEAN, DATE, TIMESTAMP_NTZ … */
	readonly type: string;
	readonly value: string | null;
	/** The values of all rows, where an INSERT is bound for several at once. */
	readonly values?: readonly (string | null)[];
}

/** What a statement answers: cells are strings in the driver's wire form, or null. */
export interface Result {
	readonly columns: readonly ResultColumn[];
	readonly rows: readonly (readonly (string | null)[])[];
	/** What kind of statement it was, for drivers; the account fills it in. */
	readonly statementTypeId?: number;
	/** The id of the statement; the account fills it in. */
	readonly queryId?: string;
	/** How many placeholders it has, where it was only described. */
	readonly binds?: number;
	/** For PUT and GET, which the driver carries out by itself. */
	readonly transfer?: { readonly [key: string]: Json };
}

/** One connection of a driver. Mutable: USE, ALTER SESSION and CREATE DATABASE change it. */
export interface Session {
	readonly id: number;
	readonly user: string;
	role: string;
	database: string | undefined;
	schema: string | undefined;
	warehouse: string | undefined;
	/** Session parameters by upper-case name. */
	readonly parameters: Map<string, string>;
	/** The session's own connection to the engine, so that its transaction is its own. */
	readonly connection: DuckDBConnection;
	/** True between BEGIN and COMMIT or ROLLBACK, as the user sees it. */
	inTransaction: boolean;
	/** Session variables (`SET name = …`) by upper-case name. */
	readonly variables: Map<string, Json>;
	/** Ids of the session's statements, latest last. */
	readonly queryIds: string[];
}

/** The account's own clock: starts at the wall clock on first use, then moves only by ticks unless it follows the wall clock. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Moves forward; never back. */
	advanceTo(time: number): void;
}

/** Objects by name and id. Changes are written through to the engine in the statement's transaction. */
export interface Catalog {
	/** By fully qualified stored parts: `[db, schema, name]`, `[db, name]` for schemas, `[name]` for account objects. */
	find(kind: string, name: readonly string[]): CatalogObject | undefined;
	byId(id: number): CatalogObject | undefined;
	/** All of a kind, ordered by database, schema, name as SHOW orders them. */
	list(
		kind: string,
		within?: { readonly database?: string; readonly schema?: string },
	): readonly CatalogObject[];
	/** Adds an object and gives it a new id. */
	add(object: Omit<CatalogObject, "id" | "createdOn">): Promise<CatalogObject>;
	/** Replaces what is stored under the same id (also its name, for a rename). */
	update(object: CatalogObject): Promise<void>;
	remove(id: number): Promise<void>;
}

/** What a statement is run with. */
export interface Context {
	readonly account: Account;
	readonly session: Session;
	readonly catalog: Catalog;
	readonly clock: Clock;
	/** Runs SQL of the engine (DuckDB) in the session's transaction; values as DuckDB gives them. */
	engine(sql: string, values?: readonly unknown[]): Promise<readonly (readonly unknown[])[]>;
	/** Every kind of object the account knows, by name. */
	readonly kinds: ReadonlyMap<string, Kind>;
	/** Placeholder values of the statement, in order. */
	readonly binds: readonly Bind[];
	/** Only the columns of the answer are asked for: nothing is run. */
	readonly describeOnly?: boolean;
	/** The id of the statement. */
	readonly queryId: string;
	/**
	 * Takes a lock for the statement's transaction; it is released with it. While another session holds a
	 * conflicting one the whole statement is undone, waits, and runs again from its start, so take locks early.
	 * `insert` goes with `insert` and `update`; `update` excludes `update`; `define` excludes everything.
	 */
	lock(id: number, mode: LockMode): Promise<void>;
	/** What an earlier statement of the user answered; undefined when it is not known any more. */
	earlierResult(queryId: string): Result | undefined;
	/** Runs another statement inside this one, in the same session and transaction (CALL, EXECUTE IMMEDIATE). */
	execute(sql: string, binds?: readonly Bind[]): Promise<Result>;
	/** The full stored name of a name as written, by the session's current database and schema; 090105/090106 where there is none. */
	qualify(name: readonly string[], level: "account" | "database" | "schema"): readonly string[];
}

/** What a statement does with the rows of a table (or the offset of a stream): see `Context.lock`. */
export type LockMode = "insert" | "update" | "define";

/** Runs a statement that is not CREATE, ALTER, DROP, DESCRIBE: registered by its first word. */
export type Handler = (context: Context, statement: OtherStatement) => Promise<Result>;

/**
 * Everything the account knows about one kind of object. One file per kind in `ddl/`, one line in `ddl/index.ts`.
 * The column lists come from Snowflake's SHOW and DESC pages, not from the deployer.
 */
export interface Kind {
	/** As in SQL: `FILE FORMAT`. */
	readonly kind: string;
	/** As in SHOW: `FILE FORMATS`. */
	readonly plural: string;
	/** Other spellings in ALTER, DROP, DESCRIBE: `INTEGRATION`. */
	readonly aliases?: readonly string[];
	readonly level: "account" | "database" | "schema";
	/** Handles every CREATE form of the kind: OR REPLACE, OR ALTER, IF NOT EXISTS. */
	create(context: Context, statement: Statement & { verb: "CREATE" }): Promise<Result>;
	alter(
		context: Context,
		statement: Statement & { verb: "ALTER" },
		object: CatalogObject,
	): Promise<Result>;
	/** Called after the object left the catalog, by DROP and by OR REPLACE: physical tables, children, broken links. */
	dropped?(context: Context, object: CatalogObject): Promise<void>;
	/**
	 * Called before GRANT OWNERSHIP gives an object to another role: may refuse, and change what a new owner resets.
	 * `all` where all objects of the kind in a schema or database are given away together.
	 */
	transfer?(context: Context, object: CatalogObject, all: boolean): Promise<void>;
	readonly show: readonly ShowColumn[];
	/** Names of the columns SHOW TERSE gives; created_on, name, kind, database_name, schema_name where absent. */
	readonly terse?: readonly string[];
	/** Words that SHOW of this kind may end with, such as ROOT ONLY, and the objects that they keep. */
	readonly showOptions?: readonly {
		readonly words: readonly string[];
		keep(object: CatalogObject, context: Context): boolean;
	}[];
	/** True where SHOW has no LIMIT and leaves out what is above 10,000 rows in silence; else that is an error. */
	readonly silentCap?: boolean;
	/** What SHOW needs from the engine, by object id: handed to the columns' `value`. */
	measure?(
		context: Context,
		objects: readonly CatalogObject[],
	): Promise<ReadonlyMap<number, { readonly [key: string]: Json }>>;
	describe?(context: Context, object: CatalogObject, rest: string): Promise<Result>;
	/** The text GET_DDL gives; absent where Snowflake's GET_DDL has no such type. */
	ddl?(context: Context, object: CatalogObject): Promise<string>;
	/** Rows of SHOW PARAMETERS IN <kind>, where the kind has parameters. */
	parameters?(context: Context, object: CatalogObject): Promise<readonly ParameterRow[]>;
}

/** A column of SHOW: its lower-case name, its type, and its cell in wire form. */
export interface ShowColumn {
	readonly name: string;
	readonly type: "text" | "timestamp" | "number" | "boolean";
	value(
		object: CatalogObject,
		context: Context,
		measured?: { readonly [key: string]: Json },
	): string | null;
}

/** A row of SHOW PARAMETERS. `level` is "" where the default holds. */
export interface ParameterRow {
	readonly key: string;
	readonly value: string;
	readonly default: string;
	readonly level: string;
	readonly description: string;
	readonly type: string;
}

/** The whole account. */
export interface Account {
	readonly catalog: Catalog;
	readonly clock: Clock;
	readonly options: AccountOptions;
	openSession(user: string): Promise<Session>;
	closeSession(session: Session): Promise<void>;
	/** Runs one statement for a session. Statements of an account run one at a time. Throws SnowflakeError. */
	execute(session: Session, sql: string, binds?: readonly Bind[]): Promise<Result>;
	/** The columns a statement would answer, without running it; placeholders need no values. */
	describe(session: Session, sql: string, binds?: readonly Bind[]): Promise<Result>;
	/** Runs work as one statement of a session: alone, and in one transaction that is committed when it returns. */
	run<T>(session: Session, work: (context: Context) => Promise<T>): Promise<T>;
	/** The statements of a text, one by one. */
	split(sql: string): readonly string[];
	close(): Promise<void>;
}

/** Where the account keeps its state, and where its buckets are. */
export interface AccountOptions {
	/** Directory of the account's database file and internal stages. */
	readonly path: string;
	/** Bucket name → directory that stands for it. */
	readonly buckets: { readonly [bucket: string]: string };
	/** Follow the wall clock (`emulator start`) rather than ticks. */
	readonly live?: boolean;
}
