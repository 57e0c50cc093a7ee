import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { ArrangedStatement } from "../define/object-type.ts";
import type { ChangeContext, PropertyChange } from "../define/property.ts";
import { columnPart } from "../shared/column-part.ts";
import { maskingStatement } from "../shared/masking.ts";
import { clusteringOf } from "./clustering.ts";
import type { Column } from "./column.ts";
import { type ColumnPlan, type KeptColumn, planColumns, substituted } from "./column-changes.ts";
import { printColumn } from "./column-syntax.ts";
import { givenName, printConstraint, type TableConstraint } from "./constraint.ts";
import { type ConstraintPlan, type KeptConstraint, planConstraints } from "./constraint-changes.ts";
import { identifiersIn, sequenceOf } from "./expression.ts";
import { fillSubstitutes, takePlaces } from "./substitution.ts";

const NO_COLUMNS: ColumnPlan = { renamed: [], kept: [], added: [], dropped: [] };
const NO_CONSTRAINTS: ConstraintPlan = { kept: [], added: [], dropped: [] };

/** How ALTER TABLE names a constraint: by its name, or by its columns where it was declared without one. */
function namedIn(constraint: TableConstraint): string {
	if (constraint.name !== null) return `CONSTRAINT ${formatIdentifier(constraint.name)}`;
	if (constraint.kind === "PRIMARY KEY") return "PRIMARY KEY";
	return `${constraint.kind} (${constraint.columns.map(formatIdentifier).join(", ")})`;
}

/** Each aspect of one column as an action of ALTER COLUMN. */
function actions({ before, after, aspects }: KeptColumn): readonly string[] {
	const column = `COLUMN ${formatIdentifier(after.name)}`;
	return aspects.flatMap(({ name }): readonly string[] => {
		switch (name) {
			case "TYPE":
				return before.expression === null ? [`${column} SET DATA TYPE ${after.type}`] : [];
			case "NULLABLE":
				return [`${column} ${after.nullable ? "DROP" : "SET"} NOT NULL`];
			case "DEFAULT":
				return sequenceOf(after.default)
					? [`${column} SET DEFAULT ${after.default}`]
					: [`${column} DROP DEFAULT`];
			case "COMMENT":
				return [
					after.comment === null
						? `${column} UNSET COMMENT`
						: `${column} COMMENT ${formatString(after.comment)}`,
				];
			default:
				return [];
		}
	});
}

/**
 * Virtual columns that are dropped and added again: because ALTER cannot change them, or because they read a
 * column that another one takes the place of, or that is renamed (whether their expressions follow is not
 * documented). In the order in which they read each other.
 */
function remade(plan: ColumnPlan): readonly KeptColumn[] {
	const moved = new Set([
		...substituted(plan).map(({ after }) => after.name),
		...plan.renamed.map(({ to }) => to),
	]);
	const virtual = plan.kept.filter(
		({ before, after }) => before.expression !== null && after.expression !== null,
	);
	const reads = ({ before }: KeptColumn) => [...identifiersIn(before.expression ?? "")];
	const found = new Set(
		virtual.filter(({ aspects }) =>
			aspects.some(({ name }) => name === "EXPRESSION" || name === "TYPE"),
		),
	);
	for (let size = -1; size !== moved.size; ) {
		size = moved.size;
		for (const kept of virtual)
			if (reads(kept).some((name) => moved.has(name))) {
				moved.add(kept.after.name);
				found.add(kept);
			}
	}
	const sorted: KeptColumn[] = [];
	const place = (kept: KeptColumn): void => {
		if (sorted.includes(kept)) return;
		for (const other of found)
			if (other !== kept && reads(kept).includes(other.after.name)) place(other);
		sorted.push(kept);
	};
	for (const kept of found) place(kept);
	return sorted;
}

/** One statement with one action or, in parentheses, with several. */
function alterColumns(object: string, plan: ColumnPlan): readonly ArrangedStatement[] {
	const anew = new Set([...remade(plan), ...substituted(plan)].map(({ after }) => after.name));
	const changed = plan.kept.filter(({ after }) => !anew.has(after.name));
	const all = changed.flatMap(actions);
	const first = changed.find((kept) => actions(kept).length > 0);
	if (!first) return [];
	const text =
		all.length === 1
			? `ALTER ${object} ALTER ${all[0]}`
			: `ALTER ${object} ALTER (\n${all.map((action) => `  ${action}`).join(",\n")}\n)`;
	return [{ text, property: columnPart(first.after.name) }];
}

/** Each has a statement of its own; a policy changes over in one, so that no value is seen between two. */
function alterMasking(object: string, plan: ColumnPlan): readonly ArrangedStatement[] {
	const anew = new Set([...remade(plan), ...substituted(plan)].map(({ after }) => after.name));
	// What USING names is told nowhere: it may be a column that goes, so it is said again before that.
	const unsettled = plan.dropped.length + plan.renamed.length > 0;
	return plan.kept
		.filter(
			({ after, aspects }) =>
				!anew.has(after.name) &&
				(aspects.some((a) => a.name === "MASKING POLICY") ||
					(unsettled && (after.masking?.using.length ?? 0) > 0)),
		)
		.map(({ before, after }) => ({
			text: maskingStatement(object, after.name, before.masking, after.masking),
			property: columnPart(after.name),
		}));
}

/** Virtual columns first, one by one and the last defined first: what they read cannot be dropped before them. */
function dropColumns(object: string, plan: ColumnPlan): readonly ArrangedStatement[] {
	const virtual = plan.dropped.filter((c) => c.expression !== null).reverse();
	const stored = plan.dropped.filter((c) => c.expression === null);
	return [
		...virtual.map((c) => ({ text: `ALTER ${object} DROP COLUMN ${formatIdentifier(c.name)}` })),
		...(stored.length > 0
			? [
					{
						text: `ALTER ${object} DROP COLUMN ${stored.map((c) => formatIdentifier(c.name)).join(", ")}`,
					},
				]
			: []),
	];
}

/** The columns that ADD COLUMN appends, in its order: new ones, and virtual ones that are made again. */
export function addedColumns(plan: ColumnPlan): readonly Column[] {
	return [...plan.added, ...remade(plan).map(({ after }) => after)];
}

function addColumns(object: string, plan: ColumnPlan): readonly ArrangedStatement[] {
	const columns = addedColumns(plan);
	const [first] = columns;
	if (!first) return [];
	const list = columns.map(printColumn);
	const text =
		list.length === 1
			? `ALTER ${object} ADD COLUMN ${list[0]}`
			: `ALTER ${object} ADD COLUMN\n${list.map((c) => `  ${c}`).join(",\n")}`;
	return [{ text, property: columnPart(first.name) }];
}

/** A CHECK on existing rows is added without looking at them first, the only way the documentation has. */
function addConstraint(object: string, constraint: TableConstraint): readonly ArrangedStatement[] {
	const add = {
		text: `ALTER ${object} ADD ${printConstraint(constraint)}`,
		property: "CONSTRAINT",
	};
	if (constraint.kind !== "CHECK" || !constraint.validate) return [add];
	const unchecked = printConstraint({ ...constraint, validate: false });
	const name = givenName(constraint);
	return [
		{ ...add, text: `ALTER ${object} ADD ${unchecked}` },
		...(name === null
			? []
			: [
					{
						text: `ALTER ${object} ALTER CONSTRAINT ${formatIdentifier(name)} ENABLE VALIDATE`,
						property: "CONSTRAINT",
					},
				]),
	];
}

function alterConstraints(
	object: string,
	kept: readonly KeptConstraint[],
): readonly ArrangedStatement[] {
	return kept.flatMap(({ before, after }) => {
		const name = givenName(after);
		const renamed = name !== null && name !== before.name && before.name !== null;
		const current = renamed ? { ...before, name } : before;
		return [
			...(renamed
				? [
						`ALTER ${object} RENAME CONSTRAINT ${formatIdentifier(before.name ?? "")} TO ${formatIdentifier(name)}`,
					]
				: []),
			...(before.rely === after.rely
				? []
				: [`ALTER ${object} ALTER ${namedIn(current)} ${after.rely ? "RELY" : "NORELY"}`]),
		].map((text) => ({ text, property: "CONSTRAINT" }));
	});
}

function clusterStatement(object: string, key: readonly string[]): ArrangedStatement {
	return key.length === 0
		? { text: `ALTER ${object} DROP CLUSTERING KEY`, property: "CLUSTER BY" }
		: { text: `ALTER ${object} CLUSTER BY (${key.join(", ")})`, property: "CLUSTER BY" };
}

/** Keys over columns that others take the places of: dropped with the old column, and added over the new one. */
function stepAside(plan: ConstraintPlan, replaced: ReadonlySet<string>): readonly KeptConstraint[] {
	return plan.kept.filter(({ after }) => after.columns.some((name) => replaced.has(name)));
}

/**
 * The statements of a table's changes, in an order in which each can run: constraints and a clustering key
 * leave before the columns they use, and come after those that are new. A column in a clustering key can be
 * neither renamed nor dropped, so the key steps aside for it.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table
 */
export function arrangeTable(
	object: string,
	context: ChangeContext,
	changes: readonly PropertyChange[],
): readonly ArrangedStatement[] {
	const touches = (name: string) =>
		changes.some((c) => c.property === name || c.property.startsWith(`${name} `));
	const columns = touches("COLUMN") ? planColumns(context) : NO_COLUMNS;
	const constraints = touches("CONSTRAINT") ? planConstraints(context) : NO_CONSTRAINTS;
	const replaced = new Set(substituted(columns).map(({ after: { name } }) => name));
	const aside = replaced.size > 0 ? stepAside(planConstraints(context), replaced) : [];
	const before = clusteringOf(context.from.properties);
	const after = clusteringOf(context.to.properties);
	const moving = new Set([
		...columns.renamed.map(({ from }) => from),
		...columns.dropped.map(({ name }) => name),
	]);
	const uses = (names: ReadonlySet<string>) =>
		before.some((key) => [...identifiersIn(key)].some((name) => names.has(name)));
	const oldNames = new Map(columns.renamed.map(({ from, to }) => [to, from]));
	const anew = new Set(remade(columns).map(({ after: { name } }) => name));
	const inTheWay = uses(moving);
	const underWay = !inTheWay && uses(replaced);
	const reclusters = touches("CLUSTER BY") || inTheWay || underWay;
	const gone = remade(columns)
		.toReversed()
		.map(({ after: { name } }) => ({
			text: `ALTER ${object} DROP COLUMN ${formatIdentifier(oldNames.get(name) ?? name)}`,
			property: columnPart(name),
		}));
	// Until the substitutes are known to be right everything can be undone, if nothing has gone by then.
	const late = replaced.size > 0 && columns.renamed.length === 0;
	return [
		...constraints.dropped.map((c) => ({ text: `ALTER ${object} DROP ${namedIn(c)}` })),
		...(reclusters && (inTheWay || after.length === 0) ? [clusterStatement(object, [])] : []),
		...(late ? [] : gone),
		...columns.renamed
			.filter(({ to }) => !anew.has(to))
			.map(({ from, to }) => ({
				text: `ALTER ${object} RENAME COLUMN ${formatIdentifier(from)} TO ${formatIdentifier(to)}`,
				property: columnPart(to),
			})),
		...(replaced.size > 0 ? fillSubstitutes(object, context) : []),
		...(late ? gone : []),
		...aside.map(({ before: c }) => ({ text: `ALTER ${object} DROP ${namedIn(c)}` })),
		...(underWay && after.length > 0 ? [clusterStatement(object, [])] : []),
		...(replaced.size > 0 ? takePlaces(object, context) : []),
		...alterColumns(object, columns),
		...alterMasking(object, columns),
		...addColumns(object, columns),
		...dropColumns(object, columns),
		...(reclusters && after.length > 0 ? [clusterStatement(object, after)] : []),
		...alterConstraints(
			object,
			constraints.kept.filter((kept) => !aside.some((a) => a.after === kept.after)),
		),
		...aside.flatMap(({ after: c }) => addConstraint(object, c)),
		...constraints.added.flatMap((c) => addConstraint(object, c)),
	];
}
