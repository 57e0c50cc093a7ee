import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { formatName } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { ReadContext } from "../define/value-syntax.ts";
import { type ConstraintKind, keyOf, type TableConstraint } from "./constraint.ts";
import { takeExpression } from "./expression.ts";

const ACTIONS = ["CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION"] as const;

/** Properties whose value is Snowflake's default: they say nothing. */
const IDLE = ["NOT ENFORCED", "NOT DEFERRABLE", "INITIALLY DEFERRED", "NORELY"];
const IDLE_OF_KEYS = ["DISABLE", "NOVALIDATE"];
const IDLE_OF_CHECK = ["ENABLE", "VALIDATE"];

/**
 * Properties with which Snowflake does not create the constraint, and does not say so.
 * https://docs.snowflake.com/en/sql-reference/sql/create-table-constraint
 */
const UNMADE = ["ENFORCED", "DEFERRABLE", "INITIALLY IMMEDIATE"];
const UNMADE_OF_KEYS = ["ENABLE", "VALIDATE"];
const UNMADE_OF_CHECK = ["DISABLE"];

function takeOneOf(cursor: Cursor, phrases: readonly string[]): string | undefined {
	return phrases.find((phrase) => cursor.take(...phrase.split(" ")));
}

function expectOneOf(cursor: Cursor, phrases: readonly string[]): string {
	const found = takeOneOf(cursor, phrases);
	if (found === undefined) throw cursor.error(phrases.join(", "));
	return found;
}

/** `( a, b )` of column names. */
export function takeColumns(cursor: Cursor): readonly string[] {
	return cursor
		.expectGroup("( with column names )")
		.splitAt(",")
		.map((part) => {
			const name = part.expectIdentifier("a column's name");
			if (!part.done) throw part.error(", or )");
			return name;
		});
}

/** The kind of the constraint that begins at the cursor, if one does. */
export function constraintAt(cursor: Cursor): ConstraintKind | undefined {
	if (cursor.looksAt("PRIMARY", "KEY")) return "PRIMARY KEY";
	if (cursor.looksAt("UNIQUE")) return "UNIQUE";
	if (cursor.looksAt("FOREIGN", "KEY") || cursor.looksAt("REFERENCES")) return "FOREIGN KEY";
	return cursor.looksAt("CHECK", "(") ? "CHECK" : undefined;
}

function unmade(cursor: Cursor, constraint: TableConstraint): void {
	const first = cursor.peek();
	const phrases = [...UNMADE, ...(constraint.kind === "CHECK" ? UNMADE_OF_CHECK : UNMADE_OF_KEYS)];
	const found = takeOneOf(cursor, phrases);
	if (found === undefined || !first) return;
	throw new DeployError(
		EXIT.input,
		errorAt(
			cursor.spanFrom(first),
			"UNSUPPORTED_CLAUSE",
			`Snowflake does not create a ${constraint.kind} constraint that is ${found}`,
			{ hint: `leave out ${found}` },
		),
	);
}

/** One property of a constraint, as a changed constraint; undefined when none begins here. */
function readProperty(
	cursor: Cursor,
	constraint: TableConstraint,
	place: "inline" | "out of line",
): TableConstraint | undefined {
	const { kind } = constraint;
	if (cursor.take("RELY")) return { ...constraint, rely: true };
	if (kind === "FOREIGN KEY") {
		if (cursor.take("MATCH")) {
			const match = expectOneOf(cursor, ["FULL", "SIMPLE", "PARTIAL"]);
			return { ...constraint, match: match === "FULL" ? null : match };
		}
		const on = cursor.take("ON");
		if (cursor.take("UPDATE")) return { ...constraint, onUpdate: expectOneOf(cursor, ACTIONS) };
		if (cursor.take("DELETE")) return { ...constraint, onDelete: expectOneOf(cursor, ACTIONS) };
		if (on) throw cursor.error("UPDATE or DELETE");
	}
	if (kind === "CHECK" && cursor.take("NOVALIDATE")) return { ...constraint, validate: false };
	if (takeOneOf(cursor, [...IDLE, ...(kind === "CHECK" ? IDLE_OF_CHECK : IDLE_OF_KEYS)]))
		return constraint;
	if (place === "out of line" && cursor.take("COMMENT"))
		return { ...constraint, comment: cursor.expectString() || null };
	unmade(cursor, constraint);
	return undefined;
}

function readProperties(
	cursor: Cursor,
	constraint: TableConstraint,
	place: "inline" | "out of line",
): TableConstraint {
	let result = constraint;
	while (!cursor.done) {
		const next = readProperty(cursor, result, place);
		if (!next) break;
		result = next;
	}
	return result;
}

/**
 * Reads a constraint that begins at the cursor, CONSTRAINT and its name included. `column` is the column it
 * stands behind; without one it is written out of line and names its columns itself.
 */
export function readConstraint(
	cursor: Cursor,
	context: ReadContext,
	column?: string,
): TableConstraint {
	const name = cursor.take("CONSTRAINT") ? cursor.expectIdentifier("the constraint's name") : null;
	const kind = constraintAt(cursor);
	if (!kind) throw cursor.error("PRIMARY KEY, UNIQUE, FOREIGN KEY, REFERENCES or CHECK");
	const inline = column !== undefined;
	const place = inline ? "inline" : "out of line";
	if (kind === "CHECK") {
		cursor.expect("CHECK");
		const expression = takeExpression(cursor.expectGroup("( with a condition )"));
		return readProperties(cursor, { ...keyOf(kind, []), name, expression }, place);
	}
	if (kind === "FOREIGN KEY") cursor.take("FOREIGN", "KEY");
	else cursor.expect(...kind.split(" "));
	const columns = inline ? [column] : takeColumns(cursor);
	const key = { ...keyOf(kind, columns), name };
	if (kind !== "FOREIGN KEY") return readProperties(cursor, key, place);
	cursor.expect("REFERENCES");
	const table = formatName(context.qualify(cursor.expectName("the table it points to"), "schema"));
	const parentColumns = cursor.looksAt("(") ? takeColumns(cursor) : [];
	return readProperties(cursor, { ...key, table, parentColumns }, place);
}
