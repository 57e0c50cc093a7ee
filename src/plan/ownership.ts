import type { Change } from "../diff/diff.ts";
import { type ObjectRef, objectKey } from "../model/catalog.ts";
import { granteeText, OWNERSHIP } from "../model/grant.ts";
import { type Hazard, hazard } from "../model/hazard.ts";
import { checkGrants, grantTarget } from "./grant-statements.ts";
import { executeText } from "./operations.ts";
import type { Operation, Step } from "./plan.ts";
import { keeper, type Roles } from "./steps.ts";

/** An object that belongs to one role and is declared to belong to another. */
export interface OwnerChange {
	readonly on: ObjectRef;
	readonly from: string;
	readonly to: string;
}

/** What is left to give away: a replacement by the declared owner makes the object its own. */
export function ownersToChange(
	owners: readonly OwnerChange[],
	changes: readonly Change[],
	roles: Roles,
): readonly OwnerChange[] {
	const own = new Set(
		changes
			.filter((c) => c.action === "replace" && c.from && keeper(c.from, roles) === undefined)
			.map(objectKey),
	);
	return owners.filter(({ on }) => !own.has(objectKey(on)));
}

/** Gives an object to a role; grants on it stay. */
export function ownershipStatement(on: ObjectRef, owner: string): string {
	const role = granteeText({ kind: "ROLE", name: [owner] });
	return `GRANT OWNERSHIP ON ${grantTarget(on)} TO ${role} COPY CURRENT GRANTS`;
}

/**
 * Gives an object to its declared owner, and looks whether it arrived. Who copies grants must be above the new
 * owner or manage grants, so the deploying role does it, not the old owner.
 * https://docs.snowflake.com/en/sql-reference/sql/grant-ownership#optional-parameters
 */
export function ownershipOperations({ on, to }: OwnerChange): readonly Operation[] {
	const present = [{ privilege: OWNERSHIP, granted_to: "ROLE", grantee_name: to }];
	return [
		executeText(ownershipStatement(on, to), undefined),
		checkGrants(on, undefined, { present }),
	];
}

/** The hazard of another owner. */
export function ownershipHazard({ on, from, to }: OwnerChange): Hazard {
	const message = `it belongs to ${to} afterwards, and no longer to ${from}`;
	return hazard({ code: "OWNERSHIP_CHANGED", message }, objectKey(on));
}

/** The change of owner as a step tells it. */
export function shownOwner({ from, to }: OwnerChange): Step["changes"][number] {
	return { property: "OWNER", from, to };
}
