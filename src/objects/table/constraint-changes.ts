import { sortBy } from "../../model/compare.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import { sameValue } from "../../model/value.ts";
import type { ChangeContext, PropertyChange } from "../define/property.ts";
import { renameIn, renames } from "./column-renames.ts";
import {
	constraintPart,
	constraintsOf,
	givenName,
	printConstraint,
	signature,
	type TableConstraint,
} from "./constraint.ts";
import { canonicalExpression } from "./expression.ts";

/** A constraint on both sides. */
export interface KeptConstraint {
	readonly before: TableConstraint;
	readonly after: TableConstraint;
}

/** What becomes of a table's constraints. One that cannot be altered is dropped and added. */
export interface ConstraintPlan {
	readonly kept: readonly KeptConstraint[];
	readonly added: readonly TableConstraint[];
	readonly dropped: readonly TableConstraint[];
}

/** Whether what ALTER cannot change is the same. Without columns, a foreign key means its parent's primary key. */
function alterable(before: TableConstraint, after: TableConstraint): boolean {
	return (
		signature(before) === signature(after) &&
		(after.parentColumns.length === 0 || sameValue(before.parentColumns, after.parentColumns)) &&
		before.onUpdate === after.onUpdate &&
		before.onDelete === after.onDelete &&
		before.comment === after.comment
	);
}

/** The constraints of the account with columns under their new names, which conditions follow by themselves. */
function liveConstraints(context: ChangeContext): readonly TableConstraint[] {
	const names = renames(context);
	return constraintsOf(context.from.properties).map((c) => ({
		...c,
		columns: c.columns.map((name) => names.get(name) ?? name),
		expression: c.expression === null ? null : renameIn(c.expression, names),
	}));
}

/** Pairs the constraints of both sides: by name, else by what they are. */
export function planConstraints(context: ChangeContext): ConstraintPlan {
	const live = [...liveConstraints(context)];
	const kept: KeptConstraint[] = [];
	const added: TableConstraint[] = [];
	const take = (found: (c: TableConstraint) => boolean): TableConstraint | undefined => {
		const at = live.findIndex(found);
		return at < 0 ? undefined : live.splice(at, 1)[0];
	};
	const declared = constraintsOf(context.to.properties);
	const named = declared.map((after) => {
		const name = givenName(after);
		return name === null ? undefined : take((c) => c.name === name && alterable(c, after));
	});
	declared.forEach((after, i) => {
		const before = named[i] ?? take((c) => alterable(c, after));
		if (before) kept.push({ before, after });
		else added.push(after);
	});
	return { kept, added, dropped: live };
}

function addHazards(constraint: TableConstraint): readonly HazardDraft[] {
	if (constraint.kind !== "CHECK") return [];
	return [
		{
			code: "NARROWING",
			message: `rows that are not ${constraint.expression ?? ""} are refused from now on, and COPY INTO and pipes cannot load a table with a CHECK`,
		},
	];
}

/** The differences of two lists of constraints. They are not enforced (but CHECK), so taking one away loses nothing. */
export function constraintChanges(context: ChangeContext): readonly PropertyChange[] {
	const { kept, added, dropped } = planConstraints(context);
	const change = (
		property: string,
		from: string | boolean | undefined,
		to: string | boolean | undefined,
		hazards: readonly HazardDraft[] = [],
	): PropertyChange => ({ property, from, to, how: "alter", hazards, emits: [] });
	return [
		...kept.flatMap(({ before, after }) => {
			const part = constraintPart(after);
			const name = givenName(after);
			return [
				...(name === null || name === before.name
					? []
					: [change(`${part}: NAME`, before.name ?? undefined, name)]),
				...(before.rely === after.rely ? [] : [change(`${part}: RELY`, before.rely, after.rely)]),
			];
		}),
		...added.map((c) => change(constraintPart(c), undefined, printConstraint(c), addHazards(c))),
		...dropped.map((c) => change(constraintPart(c), printConstraint(c), undefined)),
	];
}

/** Constraints as they are compared: without the names Snowflake made up, and what nothing reports. */
export function canonicalConstraints(
	constraints: readonly TableConstraint[],
): readonly TableConstraint[] {
	const comparable = constraints.map((c) => ({
		...c,
		name: givenName(c),
		match: null,
		validate: true,
		expression: c.expression === null ? null : canonicalExpression(c.expression),
	}));
	return sortBy(comparable, (c) => `${constraintPart(c)} ${signature(c)}`);
}
