import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { isHazardCode, unknownHazard } from "../model/hazard.ts";
import type { Plan } from "../plan/plan.ts";
import { type Accepted, isAccepted, PERMIT_ONLY, refuseExpired } from "./permits.ts";

/** Throws a DeployError (exit 64) for a mistyped code of a flag; those of permits are checked with their file. */
function checkFlags(accepted: Accepted): void {
	const flags = accepted.codes
		.filter((code) => !isHazardCode(code))
		.map((code) => unknownHazard(code));
	if (flags.length > 0) throw new DeployError(EXIT.usage, flags);
}

/**
 * Refuses a plan whose hazards nobody accepted: exit 3, with what would be lost by which step, and the
 * flag or permit that would allow it.
 */
export function refuseHazards(plan: Plan, accepted: Accepted): void {
	checkFlags(accepted);
	refuseExpired(plan, accepted);
	const open = plan.steps.flatMap((step) =>
		step.hazards.flatMap((h) =>
			h.level === "refuse" && !isAccepted(accepted, h) ? [{ step, hazard: h }] : [],
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
