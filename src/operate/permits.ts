import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import type { Hazard } from "../model/hazard.ts";
import { KINDS } from "../objects/index.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Permit } from "../project/environment.ts";

/** Hazards that only a dated permit for the object accepts, never a flag. */
export const PERMIT_ONLY: ReadonlySet<string> = new Set(["PROTECTION_LOST", "LOCKOUT"]);

/** What is accepted: codes by flag, and the environment's permits. */
export interface Accepted {
	readonly codes: readonly string[];
	readonly permits: readonly Permit[];
	readonly today: Date;
}

type HazardOfPlan = Pick<Hazard, "object"> & { readonly code: string };

function isExpired(permit: Permit, today: Date): boolean {
	return permit.until !== undefined && today.toISOString().slice(0, 10) > permit.until;
}

/** The name of an object that a hazard is of, without its kind. */
export function nameOf(object: string): string {
	const kind = KINDS.find((one) => object.startsWith(`${one} `));
	return object.slice((kind?.length ?? object.indexOf(" ")) + 1);
}

/** Whether a permit speaks of a hazard, whatever its date. */
function covers(permit: Permit, hazard: HazardOfPlan): boolean {
	if (permit.hazard !== hazard.code) return false;
	if (PERMIT_ONLY.has(hazard.code) && permit.until === undefined) return false;
	if (permit.object === undefined) return !PERMIT_ONLY.has(hazard.code);
	const written = permit.object.toUpperCase();
	return [hazard.object, nameOf(hazard.object)].some((name) => name.toUpperCase() === written);
}

function validPermit({ permits, today }: Omit<Accepted, "codes">, hazard: HazardOfPlan) {
	return permits.find((permit) => covers(permit, hazard) && !isExpired(permit, today));
}

/** Whether a flag or a permit that still holds accepts a hazard. */
export function isAccepted(accepted: Accepted, hazard: HazardOfPlan): boolean {
	const byFlag = !PERMIT_ONLY.has(hazard.code) && accepted.codes.includes(hazard.code);
	return byFlag || validPermit(accepted, hazard) !== undefined;
}

function expired(severity: "error" | "warning", permit: Permit): Diagnostic {
	return {
		severity,
		code: "PERMIT_EXPIRED",
		summary: `the permit for ${permit.hazard}${permit.object === undefined ? "" : ` on ${permit.object}`} ended on ${permit.until}`,
		hint: "renew it or take it out",
		at: permit.at,
	};
}

/** Permits whose last day is over, as warnings: nothing is refused for them until a plan needs one. */
export function expiredPermits(permits: readonly Permit[], today: Date): readonly Diagnostic[] {
	return permits
		.filter((permit) => isExpired(permit, today))
		.map((permit) => expired("warning", permit));
}

/**
 * Refuses a plan that needs a permit whose last day is over. Throws a DeployError (exit 78).
 *
 * "An expired permit is an error" is meant for the plan that rests on it. One that no hazard of the plan
 * needs, because nothing is lost or something else accepts it, must not block: otherwise the day after a
 * permit ends, even an apply without a single step would fail.
 */
export function refuseExpired(plan: Plan, accepted: Accepted): void {
	const open = plan.steps
		.flatMap((step) => step.hazards)
		.filter((hazard) => hazard.level === "refuse" && !isAccepted(accepted, hazard));
	const needed = accepted.permits.filter((permit) => open.some((hazard) => covers(permit, hazard)));
	if (needed.length > 0)
		throw new DeployError(
			EXIT.environment,
			needed.map((permit) => expired("error", permit)),
		);
}

/** The steps with the permit that accepts it beside each hazard that apply would refuse. */
export function withPermits(
	steps: readonly Step[],
	permits: readonly Permit[],
	today: Date,
): readonly Step[] {
	return steps.map((step) => ({
		...step,
		hazards: step.hazards.map((hazard) => {
			const permit =
				hazard.level === "refuse" ? validPermit({ permits, today }, hazard) : undefined;
			if (!permit) return hazard;
			const { until, reason } = permit;
			return { ...hazard, permitted: { ...(until === undefined ? {} : { until }), reason } };
		}),
	}));
}
