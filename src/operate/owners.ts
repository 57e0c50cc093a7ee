import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Span } from "../diagnostics/source.ts";
import type { Change } from "../diff/diff.ts";
import { type Catalog, type ObjectModel, objectKey } from "../model/catalog.ts";
import { formatIdentifier } from "../model/identifier.ts";

/**
 * Roles that USE ROLE makes owners and that this user cannot take: nothing can be created as them. Each is
 * told once, with the first object it was to own.
 */
export function checkOwners(
	desired: Catalog,
	available: ReadonlySet<string>,
): readonly Diagnostic[] {
	const first = new Map<Span, ObjectModel>();
	for (const object of desired.objects.values()) {
		const place = object.declared?.role;
		if (place && object.owner !== undefined && !available.has(object.owner) && !first.has(place))
			first.set(place, object);
	}
	return [...first].map(([place, object]) => {
		const role = object.owner ?? "";
		return errorAt(
			place,
			"UNAVAILABLE_ROLE",
			`role ${formatIdentifier(role)}, which is to own ${objectKey(object)}, is not available to this user`,
			{
				hint:
					didYouMean(role, available).hint ??
					`grant it to the user that deploys, or write another role (SHOW GRANTS TO USER tells which there are)`,
			},
		);
	});
}

/** The changes with the owner in the reason of what another role than the deploying one creates. */
export function withOwners(changes: readonly Change[], role: string): readonly Change[] {
	return changes.map((change) => {
		const owner = change.action === "create" ? change.to?.owner : undefined;
		return owner === undefined || owner === role
			? change
			: { ...change, reason: `${change.reason}, owned by ${formatIdentifier(owner)}` };
	});
}
