/** An error as Snowflake answers it: six-digit code, SQL state, wording, and the place in the statement. */
export class SnowflakeError extends Error {
	override readonly name = "SnowflakeError";
	readonly code: string;
	readonly sqlState: string;
	/** 1-based line in the statement, and 0-based position in that line, as Snowflake counts. */
	readonly line: number | undefined;
	readonly pos: number | undefined;
	/** The id of the statement that failed, once the account knows it. */
	queryId: string | undefined;

	constructor(code: string, sqlState: string, message: string, at?: { line: number; pos: number }) {
		super(message);
		this.code = code;
		this.sqlState = sqlState;
		this.line = at?.line;
		this.pos = at?.pos;
	}
}

/** What the local account does not do, by name. Every refusal goes through here. */
export function unsupported(construct: string, at?: { line: number; pos: number }): SnowflakeError {
	return new SnowflakeError(
		"000002",
		"0A000",
		`Unsupported by the local account: ${construct}`,
		at,
	);
}
