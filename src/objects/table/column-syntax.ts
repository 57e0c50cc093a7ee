import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../diagnostics/source.ts";
import { formatIdentifier, formatName, formatString, parseName } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { Token } from "../../parse/lexer.ts";
import type { ReadContext } from "../define/value-syntax.ts";
import { columnPart } from "../shared/column-part.ts";
import { takeDataType } from "../shared/data-type.ts";
import { printMasking, takeMasking } from "../shared/masking.ts";
import { type Column, type Identity, plainColumn } from "./column.ts";
import type { TableConstraint } from "./constraint.ts";
import { canonicalDefault, inlineSql, nextValueOf, takeExpression } from "./expression.ts";
import { constraintAt, readConstraint } from "./read-constraint.ts";

/** A column definition: the column, and the constraints written behind it. */
export interface ReadColumn {
	readonly column: Column;
	readonly constraints: readonly TableConstraint[];
}

/** Clauses of a column that are not managed, with where they belong. */
const REFUSED: Readonly<Record<string, string>> = {
	"PROJECTION POLICY":
		"attach it with ALTER TABLE … MODIFY COLUMN … SET PROJECTION POLICY in a migration",
	TAG: "set it with ALTER TABLE … MODIFY COLUMN … SET TAG in a migration",
};

/** Words that begin another clause of the column, and so end its default. */
const CLAUSES = new Set([
	"CONSTRAINT",
	"UNIQUE",
	"PRIMARY",
	"FOREIGN",
	"REFERENCES",
	"CHECK",
	"COLLATE",
	"COMMENT",
	"WITH",
	"MASKING",
	"PROJECTION",
	"TAG",
	"AUTOINCREMENT",
	"IDENTITY",
]);

function endsDefault(cursor: Cursor, before: Token | undefined): boolean {
	const token = cursor.peek();
	if (token?.type !== "word") return false;
	if (token.value === "NOT") return cursor.looksAt("NOT", "NULL") && before?.value !== "IS";
	return CLAUSES.has(token.value);
}

/** A default expression, up to the column's next clause; the name of a sequence is completed. */
function readDefault(cursor: Cursor, context: ReadContext): string {
	const name = cursor.clone();
	const written = name.peek()?.type === "string" ? undefined : name.takeName();
	if (written && written.parts.length > 1 && written.parts.at(-1) === "NEXTVAL") {
		cursor.at = name.at;
		const sequence = { parts: written.parts.slice(0, -1), span: written.span };
		return nextValueOf(context.qualify(sequence, "schema"));
	}
	const tokens: Token[] = [];
	for (let depth = 0; !cursor.done; ) {
		if (depth === 0 && endsDefault(cursor, tokens.at(-1))) break;
		const token = cursor.next();
		if (token.type === "op" && "([{".includes(token.text)) depth++;
		if (token.type === "op" && ")]}".includes(token.text)) depth--;
		tokens.push(token);
	}
	if (tokens.length === 0) throw cursor.error("an expression");
	return inlineSql(tokens);
}

function takeInteger(cursor: Cursor): number {
	const negative = cursor.take("-");
	const token = cursor.peek();
	if (token?.type !== "number" || !/^\d+$/.test(token.value)) throw cursor.error("a whole number");
	cursor.next();
	return Number(token.value) * (negative ? -1 : 1);
}

/** `(1, 1)` or `START 1 INCREMENT 1`, and ORDER or NOORDER; the cursor stands behind AUTOINCREMENT. */
export function readIdentity(cursor: Cursor): Identity {
	let start = 1;
	let increment = 1;
	const group = cursor.takeGroup();
	if (group) {
		start = takeInteger(group);
		group.expect(",");
		increment = takeInteger(group);
		if (!group.done) throw group.error(")");
	} else if (cursor.take("START")) {
		if (!cursor.take("WITH")) cursor.take("=");
		start = takeInteger(cursor);
		if (cursor.take("INCREMENT")) {
			if (!cursor.take("BY")) cursor.take("=");
			increment = takeInteger(cursor);
		}
	}
	const order = cursor.take("ORDER") ? true : cursor.take("NOORDER") ? false : null;
	return { start, increment, order };
}

function refuse(cursor: Cursor, name: string): void {
	const clause = cursor.clone();
	clause.take("WITH");
	const phrase = Object.keys(REFUSED).find((words) => clause.looksAt(...words.split(" ")));
	if (phrase === undefined) return;
	throw new DeployError(
		EXIT.input,
		errorAt(clause.here(), "UNSUPPORTED_CLAUSE", `COLUMN ${name} … ${phrase}: ${REFUSED[phrase]}`),
	);
}

/** The old name that `-- renamed from: OLD` beside a column gives. */
function renamedFrom(context: ReadContext, span: Span): string | null {
	for (const comment of context.commentsNear?.(span) ?? []) {
		const match = /^--\s*renamed from\s*:?\s*(.*?)\s*$/i.exec(comment.text);
		if (!match) continue;
		const name = parseName(match[1] ?? "");
		const at = { source: span.source, start: comment.start, end: comment.end };
		if (name?.length !== 1)
			throw new DeployError(
				EXIT.input,
				errorAt(at, "DIRECTIVE", "-- renamed from: needs the column's old name", {
					hint: "-- renamed from: OLD_NAME",
				}),
			);
		return name[0] ?? null;
	}
	return null;
}

/** One clause behind a column's type, as a changed column. */
function readClause(cursor: Cursor, context: ReadContext, read: ReadColumn): ReadColumn {
	const { column } = read;
	const set = (changed: Partial<Column>) => ({ ...read, column: { ...column, ...changed } });
	if (cursor.take("NOT", "NULL")) return set({ nullable: false });
	if (cursor.take("NULL")) return set({ nullable: true });
	if (cursor.take("COLLATE")) return set({ collation: cursor.expectString().toLowerCase() });
	if (cursor.take("DEFAULT")) {
		const text = readDefault(cursor, context);
		return set({ default: canonicalDefault(text, column.type) === null ? null : text });
	}
	if (cursor.take("AUTOINCREMENT") || cursor.take("IDENTITY"))
		return set({ identity: readIdentity(cursor) });
	if (cursor.take("COMMENT")) return set({ comment: cursor.expectString() || null });
	if (cursor.take("GENERATED", "ALWAYS")) {
		if (!cursor.looksAt("AS")) throw cursor.error("AS");
	}
	if (cursor.take("AS")) {
		const expression = takeExpression(cursor.expectGroup("( with an expression )"));
		cursor.take("VIRTUAL");
		return set({ expression });
	}
	if (cursor.looksAt("CONSTRAINT") || constraintAt(cursor)) {
		const constraint = readConstraint(cursor, context, column.name);
		return { column, constraints: [...read.constraints, constraint] };
	}
	const masking = takeMasking(cursor, context, column.name);
	if (masking) return set({ masking });
	refuse(cursor, formatIdentifier(column.name));
	throw cursor.error(
		"NOT NULL, DEFAULT, MASKING POLICY, AUTOINCREMENT, COLLATE, COMMENT, AS or a constraint",
	);
}

/** Reads one column definition up to the end of the cursor. */
export function readColumn(cursor: Cursor, context: ReadContext): ReadColumn {
	const first = cursor.peek();
	const name = cursor.expectIdentifier("a column's name");
	let read: ReadColumn = { column: plainColumn(name, takeDataType(cursor)), constraints: [] };
	while (!cursor.done) read = readClause(cursor, context, read);
	if (!first) return read;
	const span = cursor.spanFrom(first);
	context.mark?.(columnPart(name), span);
	return { ...read, column: { ...read.column, renamedFrom: renamedFrom(context, span) } };
}

/** A column's definition behind its name. */
export function printDefinition(column: Column): string {
	const { identity } = column;
	const order = identity?.order === null ? "" : identity?.order ? " ORDER" : " NOORDER";
	return [
		column.type,
		...(column.expression === null ? [] : [`AS (${column.expression})`]),
		...(column.nullable ? [] : ["NOT NULL"]),
		...(column.collation === null ? [] : [`COLLATE ${formatString(column.collation)}`]),
		...(column.default === null ? [] : [`DEFAULT ${column.default}`]),
		...(identity
			? [
					`AUTOINCREMENT START ${identity.mark ?? identity.start} INCREMENT ${identity.increment}${order}`,
				]
			: []),
		...(column.masking === null ? [] : [printMasking(column.masking, column.name)]),
		...(column.comment === null ? [] : [`COMMENT ${formatString(column.comment)}`]),
	].join(" ");
}

/** A column as SQL. */
export function printColumn(column: Column): string {
	return `${formatName([column.name])} ${printDefinition(column)}`;
}
