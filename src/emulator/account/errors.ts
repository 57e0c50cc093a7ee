import { DeployError } from "../../diagnostics/diagnostic.ts";
import { formatName } from "../../model/identifier.ts";
import { SnowflakeError } from "../error.ts";
import { engineError } from "../sql/engine-error.ts";

/** `TABLE` as Snowflake's messages write it: `Table`. */
export function titleCase(kind: string): string {
	return kind.charAt(0).toUpperCase() + kind.slice(1).toLowerCase();
}

/** 002003: what a statement names is not there, or the role may not see it. */
export function doesNotExist(kind: string, name: readonly string[]): SnowflakeError {
	return new SnowflakeError(
		"002003",
		kind === "TABLE" || kind === "VIEW" || kind === "OBJECT" ? "42S02" : "02000",
		`SQL compilation error:\n${titleCase(kind)} '${formatName(name)}' does not exist or not authorized.`,
	);
}

/** 002043: as 002003, where Snowflake does not say which object it was. */
export function cannotBePerformed(): SnowflakeError {
	return new SnowflakeError(
		"002043",
		"02000",
		"SQL compilation error:\nObject does not exist, or operation cannot be performed.",
	);
}

/** 002002: the name is taken; 001998 where it is taken by an object of another kind. */
export function alreadyExists(
	kind: string,
	name: readonly string[],
	existingKind: string,
): SnowflakeError {
	const same = kind === existingKind;
	return new SnowflakeError(
		same ? "002002" : "001998",
		"42710",
		`SQL compilation error:\nObject '${formatName(name)}' already exists${same ? "." : ` as ${existingKind}`}`,
	);
}

/** 003001: the role has not the privilege. */
export function insufficientPrivileges(kind: string, name: readonly string[]): SnowflakeError {
	return new SnowflakeError(
		"003001",
		"42501",
		`SQL access control error:\nInsufficient privileges to operate on ${kind.toLowerCase()} '${formatName(name)}'`,
	);
}

/** 001003 at a place in the statement. */
export function syntaxError(line: number, pos: number, found: string): SnowflakeError {
	return new SnowflakeError(
		"001003",
		"42000",
		`SQL compilation error:\nsyntax error line ${line} at position ${pos} unexpected '${found}'.`,
		{ line, pos },
	);
}

/** 001008: a parameter cannot have this value. */
export function invalidValue(parameter: string, value: string): SnowflakeError {
	return new SnowflakeError(
		"001008",
		"22023",
		`SQL compilation error:\ninvalid value [${value}] for parameter '${parameter}'`,
	);
}

/** An error of a compilation that has only a sentence. */
export function compilationError(code: string, sqlState: string, what: string): SnowflakeError {
	return new SnowflakeError(code, sqlState, `SQL compilation error:\n${what}`);
}

/**
 * The parser's diagnostics in Snowflake's form. The parser underlines the token it did not expect; at the end of
 * the statement Snowflake calls it <EOF>.
 */
export function fromParser(error: DeployError, text: string): SnowflakeError {
	const at = error.diagnostics[0]?.at;
	if (!at) return compilationError("001003", "42000", error.message);
	const found = at.lineText.slice(at.column - 1, at.column - 1 + at.length).trim();
	const offset =
		text
			.split("\n")
			.slice(0, at.line - 1)
			.reduce((sum, line) => sum + line.length + 1, 0) +
		at.column -
		1;
	const atEnd =
		text.slice(offset).trim().length <= 1 && /but the statement ends/.test(error.message);
	return syntaxError(at.line, at.column - 1, atEnd || found === "" ? "<EOF>" : found);
}

/** Any error as the driver should see it; errors that are neither Snowflake's nor the parser's keep their text. */
export function asSnowflakeError(error: unknown, text: string): SnowflakeError {
	if (error instanceof SnowflakeError) return error;
	if (error instanceof DeployError) return fromParser(error, text);
	const found = engineError(error);
	found.cause = error;
	return found;
}
