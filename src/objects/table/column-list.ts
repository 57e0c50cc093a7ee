import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import type { Properties } from "../../model/value.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { samples } from "../define/domain.ts";
import type { Clause } from "../define/property.ts";
import type { ReadContext } from "../define/value-syntax.ts";
import { type Column, columnsOf } from "./column.ts";
import { printColumn, readColumn } from "./column-syntax.ts";
import { constraintsOf, printConstraint, type TableConstraint } from "./constraint.ts";
import { constraintAt, readConstraint } from "./read-constraint.ts";

/** What `( … )` behind a table's name says, as properties. */
function propertiesOf(
	columns: readonly Column[],
	constraints: readonly TableConstraint[],
): Properties {
	const keys = constraints.filter((c) => c.kind === "PRIMARY KEY").flatMap((c) => c.columns);
	const sure = columns.map((c) => (keys.includes(c.name) ? { ...c, nullable: false } : c));
	return { COLUMN: sure, ...(constraints.length > 0 ? { CONSTRAINT: constraints } : {}) };
}

/**
 * Reads columns and constraints. Mistakes are collected, so that those of several columns are reported
 * together. A primary key makes its columns NOT NULL in CREATE, unlike in ALTER TABLE … ADD.
 * https://docs.snowflake.com/en/sql-reference/constraints-overview
 */
function readList(cursor: Cursor, context: ReadContext): Properties {
	const columns: Column[] = [];
	const constraints: TableConstraint[] = [];
	const mistakes: Diagnostic[] = [];
	for (const part of cursor.expectGroup("( with columns )").splitAt(",")) {
		try {
			if (part.looksAt("CONSTRAINT") || constraintAt(part)) {
				constraints.push(readConstraint(part, context));
				if (!part.done) throw part.error(", or )");
				continue;
			}
			const read = readColumn(part, context);
			columns.push(read.column);
			constraints.push(...read.constraints);
		} catch (error) {
			if (!(error instanceof DeployError)) throw error;
			mistakes.push(...error.diagnostics);
		}
	}
	if (mistakes.length > 0) throw new DeployError(EXIT.input, mistakes);
	return propertiesOf(columns, constraints);
}

function printList(properties: Properties): string {
	const parts = [
		...columnsOf(properties).map(printColumn),
		...constraintsOf(properties).map(printConstraint),
	];
	return `(\n${parts.map((part) => `  ${part}`).join(",\n")}\n)`;
}

/** `( columns and constraints )`, right behind the table's name. */
export const columnList: Clause = {
	place: "clause",
	attached: true,
	spread: true,
	keywords: ["("],
	starts: (cursor) => cursor.looksAt("("),
	read: readList,
	print: (_value, properties) => printList(properties),
	verbatim: false,
	domain: samples(),
	shape: "( <column> <type> … [, …] [, <constraint> …] )",
};

/** Constraints stand between the columns; alone they are neither read nor printed. */
export const constraintList: Clause = {
	place: "within",
	keywords: ["CONSTRAINT"],
	starts: () => false,
	read(cursor) {
		throw cursor.error("constraints within the list of columns");
	},
	print: (_value, properties) => constraintsOf(properties).map(printConstraint).join(",\n"),
	verbatim: false,
	domain: samples(),
	shape: "[ CONSTRAINT <name> ] { PRIMARY KEY | UNIQUE | FOREIGN KEY | CHECK } …",
};
