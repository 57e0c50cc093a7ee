import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { isHazardCode, unknownHazard } from "../model/hazard.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { type Accepted, isAccepted, nameOf, PERMIT_ONLY, refuseExpired } from "./permits.ts";

/** How many steps of one hazard are told by name. */
const TOLD = 20;

/** How many lines to copy are offered; whoever needs more wants to accept the hazard for all. */
const OFFERED = 10;

/** A hazard nobody accepted, and the step that brings it. */
interface Open {
	readonly step: Step;
	readonly hazard: Step["hazards"][number];
}

function refusing(plan: Plan): readonly Open[] {
	return plan.steps.flatMap((step) =>
		step.hazards.flatMap((hazard) => (hazard.level === "refuse" ? [{ step, hazard }] : [])),
	);
}

function codesOf(open: readonly Open[]): readonly string[] {
	return [...new Set(open.map(({ hazard }) => hazard.code))].sort();
}

/** Throws a DeployError (exit 64) for a mistyped code of a flag; those of permits are checked with their file. */
function checkFlags(plan: Plan, accepted: Accepted): void {
	const inPlan = codesOf(refusing(plan));
	const flags = accepted.codes
		.filter((code) => !isHazardCode(code))
		.map((code): Diagnostic => {
			const guess = nearest(code, inPlan);
			const unknown = unknownHazard(code);
			if (guess !== undefined) return { ...unknown, hint: `did you mean ${guess}?` };
			if (unknown.hint !== undefined) return unknown;
			const hint =
				inPlan.length > 0
					? `this plan has ${inPlan.join(", ")}`
					: "this plan has no hazards to accept";
			return { ...unknown, hint };
		});
	if (flags.length > 0) throw new DeployError(EXIT.usage, flags);
}

function cut(lines: readonly string[], most: number): readonly string[] {
	return lines.length > most
		? [...lines.slice(0, most), `… and ${lines.length - most} more`]
		: lines;
}

/** `drop TABLE A`, and who loses by it where that is another object. */
function whatOf({ step, hazard }: Open): string {
	const own = `${step.kind} ${step.object}`;
	return `${step.action} ${own}${hazard.object === own ? "" : ` (${hazard.object})`}`;
}

/** One error for each code: a single step in its summary, several as a list under the sentence they share. */
function diagnosticOf(code: string, open: readonly Open[]): Diagnostic {
	const [first, ...others] = open;
	if (first && others.length === 0)
		return {
			severity: "error",
			code,
			summary: `${whatOf(first)}: ${first.hazard.message}`,
		};
	const sentences = new Map<string, readonly string[]>();
	for (const one of open) {
		const { message } = one.hazard;
		sentences.set(message, [...(sentences.get(message) ?? []), whatOf(one)]);
	}
	const [only] = sentences.keys();
	if (sentences.size === 1)
		return {
			severity: "error",
			code,
			summary: `${open.length} times: ${only}`,
			detail: cut([...sentences.values()].flat(), TOLD).join("\n"),
		};
	const blocks = [...sentences].flatMap(([message, steps]) =>
		steps.length === 1
			? [`${steps[0]}: ${message}`]
			: [`${message}:`, ...steps.map((step) => `  ${step}`)],
	);
	return {
		severity: "error",
		code,
		summary: `${open.length} times`,
		detail: cut(blocks, TOLD).join("\n"),
	};
}

/** Permits that would do, as items of a list; what more there is to say is a comment. */
function permitItems(open: readonly Open[], today: Date): readonly string[] {
	const lines = new Set(
		open.map(
			({ hazard }) =>
				`- { hazard: ${hazard.code}, object: ${JSON.stringify(nameOf(hazard.object))}, until: ${nextWeek(today)}, reason: "…" }`,
		),
	);
	if (lines.size <= OFFERED) return [...lines];
	return [
		...[...lines].slice(0, OFFERED),
		`# and ${lines.size - OFFERED} more like these; a permit without an object is for all of them${codesOf(open).some((code) => PERMIT_ONLY.has(code)) ? ` (not for ${[...PERMIT_ONLY].join(", ")})` : ""}`,
	];
}

/** Permits to be pasted into the environment's file: a list, or more items for the one that it has. */
function offer(plan: Plan, open: readonly Open[], accepted: Accepted) {
	const items = permitItems(open, accepted.today);
	const [there] = accepted.permits;
	if (!there)
		return {
			where: `to environments/${plan.environment}.yaml`,
			paste: ["permit:", ...items.map((item) => `  ${item}`)].join("\n"),
		};
	const { file, lineText, column } = there.at;
	const dash = lineText.slice(0, column - 1).replace(/-\s*$/, "");
	const indent = dash.trim() === "" ? dash : "  ";
	return {
		where: `to the permits in ${file}`,
		paste: items.map((item) => `${indent}${item}`).join("\n"),
	};
}

/**
 * Refuses a plan whose hazards nobody accepted: exit 3, with what would be lost by which step, and the
 * flag or permit that would allow it.
 */
export function refuseHazards(plan: Plan, accepted: Accepted): void {
	checkFlags(plan, accepted);
	refuseExpired(plan, accepted);
	const open = refusing(plan).filter(({ hazard }) => !isAccepted(accepted, hazard));
	if (open.length === 0) return;
	const codes = codesOf(open);
	const byFlag = codes.filter((code) => !PERMIT_ONLY.has(code));
	const diagnostics = codes.map((code) =>
		diagnosticOf(
			code,
			open.filter(({ hazard }) => hazard.code === code),
		),
	);
	const { where, paste } = offer(plan, open, accepted);
	const hint = [
		...(byFlag.length > 0 ? [`to accept it now: --allow-hazards ${byFlag.join(",")}`] : []),
		`to accept it in this environment, add ${where}:`,
	].join("\n");
	throw new DeployError(
		EXIT.refused,
		diagnostics.map((d, i) => (i === diagnostics.length - 1 ? { ...d, hint, paste } : d)),
	);
}

function nextWeek(today: Date): string {
	return new Date(today.getTime() + 7 * 86_400_000).toISOString().slice(0, 10);
}
