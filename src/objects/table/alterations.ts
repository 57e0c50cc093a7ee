import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import type { Properties } from "../../model/value.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { Alteration } from "../define/object-type.ts";
import type { ReadContext } from "../define/value-syntax.ts";
import { takeDataType } from "../shared/data-type.ts";
import { takeMasking } from "../shared/masking.ts";
import { clusterBy } from "./clustering.ts";
import { type Column, columnsOf } from "./column.ts";
import { renameIn } from "./column-renames.ts";
import { readColumn } from "./column-syntax.ts";
import { type ConstraintKind, constraintsOf, type TableConstraint } from "./constraint.ts";
import { nextValueOf } from "./expression.ts";
import { constraintAt, readConstraint, takeColumns } from "./read-constraint.ts";

type Fold = (properties: Properties, cursor: Cursor, context: ReadContext) => Properties;

const MIGRATION = "it is not part of what a table is declared as; run it in a migration";

/** Actions that say nothing a table is compared by, by the words behind ADD, DROP, ALTER COLUMN … SET. */
const UNMANAGED = [
	"ROW ACCESS POLICY",
	"ALL ROW ACCESS POLICIES",
	"SEARCH OPTIMIZATION",
	"DATA METRIC FUNCTION",
	"STORAGE LIFECYCLE POLICY",
	"PROJECTION POLICY",
	"TAG",
];

function refuseUnmanaged(cursor: Cursor): void {
	const phrase = UNMANAGED.find((words) => cursor.looksAt(...words.split(" ")));
	if (phrase === undefined) return;
	throw new DeployError(
		EXIT.input,
		errorAt(cursor.here(), "UNSUPPORTED_CLAUSE", `TABLE … ${phrase}: ${MIGRATION}`),
	);
}

function unmanaged(...keywords: readonly string[]): Alteration {
	return {
		keywords,
		apply(_properties, cursor) {
			throw new DeployError(
				EXIT.input,
				errorAt(cursor.here(), "UNSUPPORTED_CLAUSE", `TABLE … ${keywords.join(" ")}: ${MIGRATION}`),
			);
		},
	};
}

function withColumns(properties: Properties, columns: readonly Column[]): Properties {
	return { ...properties, COLUMN: columns };
}

function withConstraints(
	properties: Properties,
	constraints: readonly TableConstraint[],
): Properties {
	const { CONSTRAINT: _old, ...rest } = properties;
	return constraints.length > 0 ? { ...rest, CONSTRAINT: constraints } : rest;
}

/** Takes the name of a column that the table has. */
function takeColumn(properties: Properties, cursor: Cursor): Column {
	const token = cursor.peek();
	const name = cursor.expectIdentifier("a column's name");
	const columns = columnsOf(properties);
	const found = columns.find((c) => c.name === name);
	if (found) return found;
	throw new DeployError(
		EXIT.input,
		errorAt(
			token && cursor.span(token, token),
			"UNKNOWN_COLUMN",
			`${name} is not a column of this table`,
			didYouMean(
				name,
				columns.map((c) => c.name),
			),
		),
	);
}

function replaceColumn(properties: Properties, name: string, column: Column): Properties {
	return withColumns(
		properties,
		columnsOf(properties).map((c) => (c.name === name ? column : c)),
	);
}

/** ADD: a constraint, or one column or several. A primary key added so leaves its columns nullable. */
const add: Fold = (properties, cursor, context) => {
	refuseUnmanaged(cursor);
	if (cursor.looksAt("CONSTRAINT") || constraintAt(cursor)) {
		const constraint = readConstraint(cursor, context);
		return withConstraints(properties, [...constraintsOf(properties), constraint]);
	}
	cursor.take("COLUMN");
	const whole = cursor.takeGroup() ?? cursor;
	let result = properties;
	for (const part of whole.splitAt(",")) {
		part.take("COLUMN");
		const idle = part.take("IF", "NOT", "EXISTS");
		const at = part.here();
		const { column, constraints } = readColumn(part, context);
		if (columnsOf(result).some((c) => c.name === column.name)) {
			if (idle) continue;
			throw new DeployError(
				EXIT.input,
				errorAt(at, "DUPLICATE_COLUMN", `${column.name} is a column of this table already`),
			);
		}
		const sure = constraints.some((c) => c.kind === "PRIMARY KEY");
		result = withColumns(result, [
			...columnsOf(result),
			sure ? { ...column, nullable: false } : column,
		]);
		result = withConstraints(result, [...constraintsOf(result), ...constraints]);
	}
	return result;
};

/** Takes `CONSTRAINT n`, `PRIMARY KEY`, `UNIQUE (c)` or `FOREIGN KEY (c)`: the constraint it names. */
function takeConstraint(properties: Properties, cursor: Cursor): TableConstraint | undefined {
	const at = cursor.here();
	const constraints = constraintsOf(properties);
	let found: TableConstraint | undefined;
	if (cursor.take("CONSTRAINT")) {
		const name = cursor.expectIdentifier("the constraint's name");
		found = constraints.find((c) => c.name === name);
	} else {
		const kind = (["PRIMARY KEY", "UNIQUE", "FOREIGN KEY"] as const).find((words: ConstraintKind) =>
			cursor.take(...words.split(" ")),
		);
		if (!kind) return undefined;
		const columns = cursor.looksAt("(") ? takeColumns(cursor).join() : undefined;
		found = constraints.find(
			(c) => c.kind === kind && (columns === undefined || c.columns.join() === columns),
		);
	}
	if (found) return found;
	throw new DeployError(
		EXIT.input,
		errorAt(at, "UNKNOWN_CONSTRAINT", "this table has no such constraint"),
	);
}

/** DROP: a constraint, the clustering key, or columns and what stands on them. */
const drop: Fold = (properties, cursor) => {
	refuseUnmanaged(cursor);
	if (cursor.take("CLUSTERING", "KEY")) return { ...properties, "CLUSTER BY": null };
	const constraint = takeConstraint(properties, cursor);
	if (constraint) {
		if (!cursor.take("CASCADE")) cursor.take("RESTRICT");
		const left = constraintsOf(properties).filter((c) => c !== constraint);
		return withConstraints(properties, left);
	}
	cursor.take("COLUMN");
	const idle = cursor.take("IF", "EXISTS");
	let result = properties;
	do {
		const known = columnsOf(result).some((c) => c.name === cursor.clone().takeIdentifier());
		if (idle && !known) {
			cursor.expectIdentifier();
			continue;
		}
		const { name } = takeColumn(result, cursor);
		const left = constraintsOf(result).filter((c) => !c.columns.includes(name));
		result = withColumns(
			withConstraints(result, left),
			columnsOf(result).filter((c) => c.name !== name),
		);
	} while (cursor.take(","));
	if (!cursor.take("CASCADE")) cursor.take("RESTRICT");
	return result;
};

/** RENAME COLUMN: keys, conditions and virtual columns follow. */
const renameColumn: Fold = (properties, cursor) => {
	const column = takeColumn(properties, cursor);
	cursor.expect("TO");
	const name = cursor.expectIdentifier("the new name");
	const names = new Map([[column.name, name]]);
	const columns = columnsOf(properties).map((c) => ({
		...c,
		name: names.get(c.name) ?? c.name,
		expression: c.expression === null ? null : renameIn(c.expression, names),
	}));
	const constraints = constraintsOf(properties).map((c) => ({
		...c,
		columns: c.columns.map((n) => names.get(n) ?? n),
		expression: c.expression === null ? null : renameIn(c.expression, names),
	}));
	return withConstraints(withColumns(properties, columns), constraints);
};

const renameConstraint: Fold = (properties, cursor) => {
	const old = cursor.expectIdentifier("the constraint's name");
	cursor.expect("TO");
	const name = cursor.expectIdentifier("the new name");
	const constraints = constraintsOf(properties).map((c) => (c.name === old ? { ...c, name } : c));
	return withConstraints(properties, constraints);
};

/** One `[COLUMN] name action` of ALTER COLUMN. */
function alterColumn(properties: Properties, part: Cursor, context: ReadContext): Properties {
	part.take("COLUMN");
	const column = takeColumn(properties, part);
	const set = (changed: Partial<Column>) =>
		replaceColumn(properties, column.name, { ...column, ...changed });
	if (part.take("DROP", "DEFAULT")) return set({ default: null });
	if (part.take("DROP", "NOT", "NULL")) return set({ nullable: true });
	if (part.take("SET", "NOT", "NULL") || part.take("NOT", "NULL")) return set({ nullable: false });
	if (part.take("UNSET", "COMMENT")) return set({ comment: null });
	if (part.take("COMMENT")) return set({ comment: part.expectString() || null });
	if (part.take("SET", "DEFAULT")) {
		const { parts, span } = part.expectName("a sequence's NEXTVAL");
		const sequence = context.qualify({ parts: parts.slice(0, -1), span }, "schema");
		return set({ default: nextValueOf(sequence) });
	}
	if (part.take("UNSET", "MASKING", "POLICY")) return set({ masking: null });
	if (part.looksAt("SET", "MASKING", "POLICY")) {
		part.take("SET");
		const masking = takeMasking(part, context, column.name) ?? null;
		part.take("FORCE");
		return set({ masking });
	}
	const action = part.clone();
	if (action.take("SET") || action.take("UNSET")) refuseUnmanaged(action);
	if (!part.take("SET", "DATA", "TYPE")) part.take("TYPE");
	return set({ type: takeDataType(part) });
}

/** ALTER and MODIFY: properties of a constraint, or actions on columns, with or without parentheses. */
const alter: Fold = (properties, cursor, context) => {
	const constraint = cursor.looksAt("(") ? undefined : takeConstraint(properties, cursor);
	if (!constraint) {
		const whole = cursor.takeGroup() ?? cursor;
		let result = properties;
		for (const part of whole.splitAt(",")) {
			result = alterColumn(result, part, context);
			if (!part.done) throw part.error("the end of this action");
		}
		return result;
	}
	let changed = constraint;
	while (!cursor.done) {
		if (cursor.take("RELY")) changed = { ...changed, rely: true };
		else if (cursor.take("NORELY")) changed = { ...changed, rely: false };
		else if (cursor.take("ENABLE", "VALIDATE")) changed = { ...changed, validate: true };
		else if (cursor.take("ENABLE", "NOVALIDATE")) changed = { ...changed, validate: false };
		else if (!cursor.take("NOT", "ENFORCED") && !cursor.take("NOVALIDATE"))
			throw cursor.error("RELY or NORELY");
	}
	const all = constraintsOf(properties).map((c) => (c === constraint ? changed : c));
	return withConstraints(properties, all);
};

/** A form of ALTER TABLE; whatever follows what it reads is an error. */
function form(keywords: readonly string[], fold: Fold): Alteration {
	return {
		keywords,
		apply(properties, cursor, context) {
			const result = fold(properties, cursor, context);
			if (!cursor.done) throw cursor.error("the end of the statement");
			return result;
		},
	};
}

/** What ALTER TABLE can add to a declared table, besides SET and UNSET of its properties. */
export const alterations: readonly Alteration[] = [
	form(["ADD"], add),
	form(["DROP"], drop),
	form(["RENAME", "COLUMN"], renameColumn),
	form(["RENAME", "CONSTRAINT"], renameConstraint),
	form(["ALTER"], alter),
	form(["MODIFY"], alter),
	{
		keywords: ["CLUSTER", "BY"],
		apply(properties, cursor, context) {
			cursor.at -= 2;
			const key = clusterBy.clause.read(cursor, context);
			if (!cursor.done) throw cursor.error("the end of the statement");
			return { ...properties, "CLUSTER BY": key };
		},
	},
	unmanaged("SWAP", "WITH"),
	unmanaged("RECLUSTER"),
	unmanaged("SUSPEND", "RECLUSTER"),
	unmanaged("RESUME", "RECLUSTER"),
	unmanaged("SET", "TAG"),
	unmanaged("UNSET", "TAG"),
	unmanaged("SET", "AGGREGATION", "POLICY"),
	unmanaged("UNSET", "AGGREGATION", "POLICY"),
	unmanaged("SET", "JOIN", "POLICY"),
	unmanaged("UNSET", "JOIN", "POLICY"),
	unmanaged("SET", "CONTACT"),
	unmanaged("UNSET", "CONTACT"),
	unmanaged("SET", "DATA_METRIC_SCHEDULE"),
	unmanaged("UNSET", "DATA_METRIC_SCHEDULE"),
	unmanaged("UNSET", "DCM", "PROJECT"),
];
