import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { ArrangedStatement } from "../define/object-type.ts";
import type { ChangeContext, PropertyChange } from "../define/property.ts";
import { columnPart } from "../shared/column-part.ts";
import { maskingStatement } from "../shared/masking.ts";
import { clusteringOf } from "./clustering.ts";
import { type ColumnPlan, type KeptColumn, planColumns } from "./column-changes.ts";
import { printColumn } from "./column-syntax.ts";
import { givenName, printConstraint, type TableConstraint } from "./constraint.ts";
import { type ConstraintPlan, planConstraints } from "./constraint-changes.ts";
import { identifiersIn, sequenceOf } from "./expression.ts";

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

/** Virtual columns that are dropped and added again, because ALTER cannot change them. */
function remade(plan: ColumnPlan): readonly KeptColumn[] {
	return plan.kept.filter(
		({ before, after, aspects }) =>
			before.expression !== null &&
			after.expression !== null &&
			aspects.some(({ name }) => name === "EXPRESSION" || name === "TYPE"),
	);
}

/** One statement with one action or, in parentheses, with several. */
function alterColumns(object: string, plan: ColumnPlan): readonly ArrangedStatement[] {
	const anew = new Set(remade(plan).map(({ after }) => after.name));
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
	const anew = new Set(remade(plan).map(({ after }) => after.name));
	return plan.kept
		.filter(
			({ after, aspects }) =>
				!anew.has(after.name) && aspects.some((a) => a.name === "MASKING POLICY"),
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

function addColumns(object: string, plan: ColumnPlan): readonly ArrangedStatement[] {
	const again = remade(plan).map(({ after }) => after);
	const columns = [...plan.added, ...again];
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

function alterConstraints(object: string, plan: ConstraintPlan): readonly ArrangedStatement[] {
	return plan.kept.flatMap(({ before, after }) => {
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
	const before = clusteringOf(context.from.properties);
	const after = clusteringOf(context.to.properties);
	const moving = new Set([
		...columns.renamed.map(({ from }) => from),
		...columns.dropped.map(({ name }) => name),
	]);
	const inTheWay = before.some((key) => [...identifiersIn(key)].some((name) => moving.has(name)));
	const reclusters = touches("CLUSTER BY") || inTheWay;
	return [
		...constraints.dropped.map((c) => ({ text: `ALTER ${object} DROP ${namedIn(c)}` })),
		...(reclusters && (inTheWay || after.length === 0) ? [clusterStatement(object, [])] : []),
		...columns.renamed.map(({ from, to }) => ({
			text: `ALTER ${object} RENAME COLUMN ${formatIdentifier(from)} TO ${formatIdentifier(to)}`,
			property: columnPart(to),
		})),
		...remade(columns)
			.toReversed()
			.map(({ after: { name } }) => ({
				text: `ALTER ${object} DROP COLUMN ${formatIdentifier(name)}`,
				property: columnPart(name),
			})),
		...alterColumns(object, columns),
		...alterMasking(object, columns),
		...addColumns(object, columns),
		...dropColumns(object, columns),
		...(reclusters && after.length > 0 ? [clusterStatement(object, after)] : []),
		...alterConstraints(object, constraints),
		...constraints.added.flatMap((c) => addConstraint(object, c)),
	];
}
