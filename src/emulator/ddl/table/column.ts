import { formatIdentifier } from "../../../model/identifier.ts";
import { Cursor } from "../../../parse/cursor.ts";
import { parseDataType } from "../../account/data-type.ts";
import { compilationError } from "../../account/errors.ts";
import { sessionParameter } from "../../account/parameters.ts";
import { statementScope } from "../../account/scope/scope.ts";
import { physicalColumn, plainColumn } from "../../account/storage.ts";
import { unsupported } from "../../error.ts";
import { compileExpression } from "../../sql/compile.ts";
import { readExpression } from "../../sql/parse.ts";
import type { Column, Context, Identity } from "../../types.ts";
import { takeMasking } from "../masking.ts";
import { unexpectedAt } from "../shared.ts";
import { readConstraint, startsConstraint, type WrittenConstraint } from "./constraint.ts";

/** Words that end the expression of a DEFAULT. */
const ENDS: readonly (readonly string[])[] = [
	["NOT", "NULL"],
	["NULL"],
	["COMMENT"],
	["COLLATE"],
	["CONSTRAINT"],
	["UNIQUE"],
	["PRIMARY", "KEY"],
	["FOREIGN", "KEY"],
	["REFERENCES"],
	["CHECK", "("],
	["WITH"],
	["MASKING", "POLICY"],
	["PROJECTION", "POLICY"],
	["TAG", "("],
];

/** Functions that the documentation also lets one write without parentheses; DESCRIBE shows them with. */
const BARE_CALLS =
	/^(?:CURRENT_TIMESTAMP|CURRENT_DATE|CURRENT_TIME|CURRENT_USER|LOCALTIME|LOCALTIMESTAMP|CURRENT_ROLE)$/;

/** Whether DEFAULT's expression ends at the cursor. NULL directly behind DEFAULT is the value. */
function endsDefault(cursor: Cursor, first: boolean): boolean {
	return ENDS.some((words) => !(first && words[0] === "NULL") && cursor.looksAt(...words));
}

/**
 * The text of a DEFAULT as DESCRIBE prints it: literals as written, words in upper case, the name of a sequence
 * in full: `DB1.PUBLIC.SEQ1.NEXTVAL`.
 */
function readDefault(context: Context, cursor: Cursor): string {
	const start = cursor.clone();
	const name = start.takeName();
	if (name && name.parts.length > 1 && name.parts.at(-1) === "NEXTVAL") {
		cursor.at = start.at;
		const sequence = context.qualify(name.parts.slice(0, -1), "schema");
		return `${sequence.map(formatIdentifier).join(".")}.NEXTVAL`;
	}
	let text = "";
	let depth = 0;
	let end = -1;
	while (!cursor.done && (depth > 0 || !endsDefault(cursor, text === ""))) {
		const token = cursor.next();
		if (token.text === "(") depth++;
		if (token.text === ")") depth--;
		if (end >= 0 && token.start > end) text += " ";
		text += token.type === "word" ? token.value : token.text;
		end = token.end;
	}
	if (text === "") throw unexpectedAt(cursor);
	return BARE_CALLS.test(text) ? `${text}()` : text;
}

function readInteger(cursor: Cursor): number {
	const negative = cursor.take("-");
	const token = cursor.next();
	if (token.type !== "number" || !/^\d+$/.test(token.value)) throw unexpectedAt(cursor);
	return negative ? -Number(token.value) : Number(token.value);
}

/** What follows AUTOINCREMENT or IDENTITY. */
function readIdentity(context: Context, cursor: Cursor): Identity {
	let start = 1;
	let increment = 1;
	if (cursor.looksAt("(")) {
		const [first, second, third] = cursor.expectGroup().splitAt();
		if (!first || third) throw unexpectedAt(cursor);
		start = readInteger(first);
		if (second) increment = readInteger(second);
	} else {
		if (cursor.take("START")) {
			cursor.take("WITH");
			cursor.take("=");
			start = readInteger(cursor);
		}
		if (cursor.take("INCREMENT")) {
			cursor.take("BY");
			cursor.take("=");
			increment = readInteger(cursor);
		}
	}
	if (increment === 0)
		throw compilationError("002250", "42601", "Increment of an identity column cannot be 0.");
	let ordered = sessionParameter(context, "NOORDER_SEQUENCE_AS_DEFAULT") === "false";
	if (cursor.take("ORDER")) ordered = true;
	else if (cursor.take("NOORDER")) ordered = false;
	return { start, increment, ordered };
}

/** A column as written: what it is, the constraint behind it, and the DEFAULT or virtual expression in it. */
export interface WrittenColumn {
	readonly column: Column;
	readonly constraints: readonly WrittenConstraint[];
	readonly expression: Cursor | undefined;
}

/**
 * Compiles what columns are filled by, where it stands in the statement: an unknown function or sequence fails when
 * the column is made, not when a row comes. A virtual column may use `others` of its table.
 */
export async function compileColumns(
	context: Context,
	written: readonly WrittenColumn[],
	others: readonly Column[],
): Promise<void> {
	const known = others.map(({ name, type }) => ({ name, type, sql: physicalColumn(name) }));
	for (const { column, expression } of written) {
		if (!expression) continue;
		await compileExpression(
			readExpression(expression.clone()),
			statementScope(context),
			column.expression === null ? [] : known.filter((other) => other.name !== column.name),
			column.type,
		);
	}
}

function refuseGovernance(cursor: Cursor): void {
	const at = cursor.clone();
	at.take("WITH");
	for (const words of [["PROJECTION", "POLICY"], ["TAG"]])
		if (at.looksAt(...words)) throw unsupported(`${words.join(" ")} on columns`);
}

/** `name type …` of CREATE TABLE and of ADD COLUMN. Without a type only where a query gives it. */
export function readColumn(context: Context, cursor: Cursor): WrittenColumn {
	const name = cursor.expectIdentifier("a column name");
	const type = parseDataType(cursor, sessionParameter(context, "TIMESTAMP_TYPE_MAPPING"));
	const found = { ...plainColumn(name, type) };
	const keys: WrittenConstraint[] = [];
	let expression: Cursor | undefined;
	const set = (change: Partial<Column>): void => {
		Object.assign(found, change);
	};
	while (!cursor.done) {
		if (cursor.take("NOT", "NULL")) set({ nullable: false });
		else if (cursor.take("NULL")) set({ nullable: true });
		else if (cursor.take("DEFAULT")) {
			const start = cursor.at;
			set({ default: readDefault(context, cursor) });
			expression = new Cursor(cursor.source, cursor.tokens, start, cursor.at);
		} else if (cursor.take("AUTOINCREMENT") || cursor.take("IDENTITY"))
			set({ identity: readIdentity(context, cursor) });
		else if (cursor.take("COLLATE")) set({ collation: cursor.expectString() });
		else if (cursor.take("COMMENT")) set({ comment: cursor.expectString() || null });
		else if (cursor.take("GENERATED", "ALWAYS", "AS") || cursor.take("AS")) {
			expression = cursor.expectGroup();
			set({ expression: expression.clone().takeRest().text });
			cursor.take("VIRTUAL");
		} else if (startsConstraint(cursor)) keys.push(readConstraint(cursor, name));
		else {
			const masking = takeMasking(context, cursor, name);
			if (masking) {
				set(masking);
				continue;
			}
			refuseGovernance(cursor);
			throw unexpectedAt(cursor);
		}
	}
	checkColumn(found);
	const primary = keys.some((key) => key.type === "PRIMARY KEY" && key.kept);
	const column = primary ? { ...found, nullable: false } : found;
	return { column, constraints: keys, expression };
}

function checkColumn(column: Column): void {
	const numeric = column.type.base === "FIXED" || column.type.base === "REAL";
	if (column.identity && column.default !== null)
		throw compilationError(
			"002265",
			"42601",
			`Column '${column.name}' has both DEFAULT and AUTOINCREMENT.`,
		);
	if (column.identity && !numeric)
		throw compilationError(
			"001435",
			"22023",
			`Identity column '${column.name}' must be of a numeric type, not ${column.type.text}.`,
		);
	if (column.collation !== null && column.type.base !== "TEXT")
		throw compilationError(
			"002023",
			"22000",
			`COLLATE is only allowed for text columns, not for column '${column.name}' of type ${column.type.text}.`,
		);
	if (
		column.expression !== null &&
		(!column.nullable || column.default !== null || column.identity)
	)
		throw compilationError(
			"002263",
			"22000",
			`Virtual column '${column.name}' cannot have NOT NULL, DEFAULT or AUTOINCREMENT.`,
		);
}

/** How DESCRIBE prints a type: with its collation. */
export function typeText(column: Column): string {
	return column.collation ? `${column.type.text} COLLATE '${column.collation}'` : column.type.text;
}

/** `IDENTITY START 1 INCREMENT 1 NOORDER`. */
export function identityText(identity: Identity): string {
	return `IDENTITY START ${identity.start} INCREMENT ${identity.increment} ${identity.ordered ? "ORDER" : "NOORDER"}`;
}
