/** One row of a result: cells as text, by the column's name as Snowflake gives it. */
export interface Row {
	readonly [column: string]: string | null;
}

/** What a statement answered. */
export interface QueryResult {
	readonly queryId: string;
	readonly columns: readonly string[];
	readonly rows: readonly Row[];
}

/** A value for a placeholder of a statement. */
export type Bind = string | number | null;

/** What goes along with one statement. */
export interface ExecuteOptions {
	/** QUERY_TAG of this statement alone. */
	readonly tag?: string;
}

/**
 * The one way to an account. The driver stands behind it, and nothing else in Snowline knows the driver.
 *
 * `execute` sends one statement and throws a `StatementError` when Snowflake refuses it, a `DeployError`
 * (exit 69) when the account cannot be reached.
 */
export interface Connection {
	execute(sql: string, binds?: readonly Bind[], options?: ExecuteOptions): Promise<QueryResult>;
	/** Cancels the statements that are running; each of them then fails as Snowflake says it does (000604). */
	cancel?(): Promise<void>;
	close(): Promise<void>;
}

/** Values of session parameters, by name. */
export type SessionParameters = Readonly<Record<string, string | number | boolean>>;

/** What a session is opened with. */
export interface ConnectOptions {
	readonly role?: string;
	readonly warehouse?: string;
	/** Set along with what every session has. */
	readonly parameters?: SessionParameters;
}

/** Opens connections; one per role and purpose. */
export interface Connector {
	/** Who and where, for messages. */
	readonly description: string;
	connect(options: ConnectOptions): Promise<Connection>;
}

/** A statement that Snowflake refused: its code, where in the statement, and the query id. */
export class StatementError extends Error {
	override readonly name = "StatementError";
	readonly code: string;
	readonly sqlState: string | undefined;
	readonly queryId: string | undefined;
	/** 1-based line in the statement. */
	readonly line: number | undefined;
	/** 0-based position in that line. */
	readonly position: number | undefined;
	readonly sql: string;

	constructor(
		message: string,
		facts: Omit<StatementError, "name" | "message" | "stack" | "cause">,
		options?: ErrorOptions,
	) {
		super(message, options);
		this.code = facts.code;
		this.sqlState = facts.sqlState;
		this.queryId = facts.queryId;
		this.line = facts.line;
		this.position = facts.position;
		this.sql = facts.sql;
	}
}
