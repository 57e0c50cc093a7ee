import type { Change } from "../diff/diff.ts";
import { objectKey } from "../model/catalog.ts";
import { type HeldGrant, OWNERSHIP } from "../model/grant.ts";
import { type Hazard, hazard } from "../model/hazard.ts";
import { objectType } from "../objects/index.ts";
import type { States } from "./choreograph.ts";
import {
	changesWhoDecides,
	checkGrants,
	grantingRole,
	grantStatement,
	together,
} from "./grant-statements.ts";
import type { GrantInput } from "./grants.ts";
import { executeText } from "./operations.ts";
import { ownershipHazard, ownershipStatement } from "./ownership.ts";
import type { Operation, Step } from "./plan.ts";
import type { Roles } from "./steps.ts";

/** CREATE OR REPLACE itself carries the grants over. */
function copiesGrants({ kind, succeeds }: Change): boolean {
	return !succeeds && objectType(kind).replaceWith.includes("COPY GRANTS");
}

/** Grants that no statement can give again: what Snowflake granted, or to what only Snowflake grants. */
function lostGrants(held: readonly HeldGrant[], change: Change): readonly Hazard[] {
	if (copiesGrants(change)) return [];
	return held.flatMap(({ cells, grant }) => {
		if (grant || cells.privilege === OWNERSHIP) return [];
		const who = `${cells.granted_to.replaceAll("_", " ")} ${cells.grantee_name}`;
		const message = `${cells.privilege} of ${who} cannot be granted again`;
		return [hazard({ code: "GRANTS_LOST", message }, objectKey(change))];
	});
}

/** Where the new object is made: the last CREATE of the step. */
function creation(step: Step): number {
	return step.operations.findLastIndex((o) => o.do === "execute" && /^CREATE\b/.test(o.sql));
}

/** The owner the object gets, and the one it is to have: the declared one, else the one it had. */
function owners(change: Change, create: Operation, deployer: string) {
	const made = create.role ?? deployer;
	const before = (change.succeeds ?? change.from)?.owner;
	return { made, before, wanted: change.to?.owner ?? before ?? made };
}

/**
 * The step of a replacement, or of what takes the place of another object, so that everybody who could do
 * something with the object still can: a new object has no grants but future ones. They are looked at once more
 * before, since what was granted after the plan was made would be lost; given again at once; and compared at the
 * end. When a replacement is cut off in between, `restore` gives them.
 * https://docs.snowflake.com/en/user-guide/security-access-control-overview
 */
export function keepingGrants(
	step: Step,
	change: Change,
	input: GrantInput,
	states: States,
	roles: Roles,
): Step {
	const held = input.held.get(objectKey(change));
	const at = creation(step);
	const create = step.operations[at];
	if (!held || !create) return step;
	const { made, before, wanted } = owners(change, create, input.role);
	const given = before !== undefined && wanted !== before && made === wanted;
	const back = before === wanted && made !== wanted;
	const old = change.succeeds ?? change.renamedFrom ?? change;
	const role = grantingRole(old, states, roles, true);
	const transfer = back ? [executeText(ownershipStatement(change, wanted), create.role)] : [];
	const lost = copiesGrants(change) ? [] : held.flatMap(({ grant }) => grant ?? []);
	const again = together(lost).map((group) =>
		executeText(grantStatement(change, group), made === before ? role : (create.role ?? role)),
	);
	const told = ({ grant_option, ...cells }: HeldGrant["cells"]) =>
		changesWhoDecides(change, states) ? cells : { ...cells, grant_option };
	const kept = held
		.filter((h) => h.grant || h.cells.privilege === OWNERSHIP || copiesGrants(change))
		.map(({ cells }) =>
			told(
				cells.privilege === OWNERSHIP ? { ...cells, grantee_name: back ? wanted : made } : cells,
			),
		);
	return {
		...step,
		hazards: [
			...step.hazards,
			...lostGrants(held, change),
			...(given ? [ownershipHazard({ on: change, from: before, to: wanted })] : []),
		],
		operations: [
			checkGrants(old, role, { present: held.map((h) => told(h.cells)), only: true }),
			...step.operations.slice(0, at + 1),
			...again,
			...step.operations.slice(at + 1),
			...transfer,
			...(kept.length > 0
				? [
						{
							...checkGrants(change, role, { present: kept }),
							proves: kept.length === held.length ? "grants" : "grants that can be given again",
						},
					]
				: []),
		],
		restore: change.succeeds ? step.restore : [...step.restore, ...again, ...transfer],
	};
}
