import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import { HAZARDS, type Hazard } from "../model/hazard.ts";
import type { Plan } from "../plan/plan.ts";
import type { Permit } from "../project/environment.ts";

const CODES = Object.keys(HAZARDS);

/** Hazards that only a dated permit for the object accepts, never a flag. */
const PERMIT_ONLY = new Set(["PROTECTION_LOST", "LOCKOUT"]);

/** What is accepted: codes by flag, and the environment's permits. */
export interface Accepted {
	readonly codes: readonly string[];
	readonly permits: readonly Permit[];
	readonly today: Date;
}

function unknownCode(code: string, at?: Permit["at"]): Diagnostic {
	return {
		severity: "error",
		code: "HAZARD",
		summary: `${code} is not a hazard`,
		...didYouMean(code, CODES),
		...(at && { at }),
	};
}

function isExpired(permit: Permit, today: Date): boolean {
	return permit.until !== undefined && today.toISOString().slice(0, 10) > permit.until;
}

/** Mistyped and expired permits are errors, whatever the plan is. Throws a DeployError (64 for flags, 78 for permits). */
export function checkPermits(accepted: Accepted): void {
	const flags = accepted.codes
		.filter((code) => !CODES.includes(code))
		.map((code) => unknownCode(code));
	if (flags.length > 0) throw new DeployError(EXIT.usage, flags);
	const permits = accepted.permits.flatMap((permit): Diagnostic[] => {
		if (!CODES.includes(permit.hazard)) return [unknownCode(permit.hazard, permit.at)];
		if (!isExpired(permit, accepted.today)) return [];
		return [
			{
				severity: "error",
				code: "PERMIT_EXPIRED",
				summary: `the permit for ${permit.hazard} ended on ${permit.until}`,
				hint: "renew it or take it out",
				at: permit.at,
			},
		];
	});
	if (permits.length > 0) throw new DeployError(EXIT.environment, permits);
}

function permits(accepted: Accepted, hazard: Hazard): boolean {
	const name = hazard.object.slice(hazard.object.indexOf(" ") + 1);
	const byPermit = accepted.permits.some(
		(p) =>
			p.hazard === hazard.code &&
			(p.object === undefined
				? !PERMIT_ONLY.has(hazard.code)
				: p.object.toUpperCase() === name.toUpperCase() ||
					p.object.toUpperCase() === hazard.object.toUpperCase()),
	);
	return byPermit || (!PERMIT_ONLY.has(hazard.code) && accepted.codes.includes(hazard.code));
}

/**
 * Refuses a plan whose hazards nobody accepted: exit 3, with what would be lost by which step, and the
 * flag or permit that would allow it.
 */
export function refuseHazards(plan: Plan, accepted: Accepted): void {
	checkPermits(accepted);
	const open = plan.steps.flatMap((step) =>
		step.hazards.flatMap((h) =>
			h.level === "refuse" && !permits(accepted, h as Hazard) ? [{ step, hazard: h }] : [],
		),
	);
	if (open.length === 0) return;
	const codes = [...new Set(open.map((o) => o.hazard.code))].sort();
	const byFlag = codes.filter((code) => !PERMIT_ONLY.has(code));
	const name = (object: string) => object.slice(object.indexOf(" ") + 1);
	const permitLines = open.map(
		(o) =>
			`  - { hazard: ${o.hazard.code}, object: ${JSON.stringify(name(o.hazard.object))}, until: ${nextWeek(accepted.today)}, reason: "…" }`,
	);
	throw new DeployError(
		EXIT.refused,
		open.map((o, i) => ({
			severity: "error" as const,
			code: o.hazard.code,
			summary: `${o.step.action} ${o.step.kind} ${o.step.object}: ${o.hazard.message}`,
			...(i === open.length - 1
				? {
						hint: `${byFlag.length > 0 ? `to accept it now: --allow-hazards ${byFlag.join(",")}\n` : ""}to accept it in this environment, add to its file:\npermit:\n${[...new Set(permitLines)].join("\n")}`,
					}
				: {}),
		})),
	);
}

function nextWeek(today: Date): string {
	return new Date(today.getTime() + 7 * 86_400_000).toISOString().slice(0, 10);
}
