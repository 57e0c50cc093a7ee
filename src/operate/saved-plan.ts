import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type * as z from "zod";
import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { canonicalJson, type Value } from "../model/value.ts";
import { objectHash } from "../plan/fingerprint.ts";
import { PLAN_VERSION, type Plan, planSchema, type Step } from "../plan/plan.ts";
import type { PlanResult } from "./plan-project.ts";
import type { Interrupted } from "./recovery.ts";
import { isAsLeft } from "./resume.ts";

/** A plan with the checksum of its content. */
export type SealedPlan = Plan & { readonly checksum: string };

function checksumOf({ checksum: _checksum, ...content }: Plan): string {
	return createHash("sha256")
		.update(canonicalJson(content as unknown as Value))
		.digest("hex");
}

/** The plan as it is saved: with a checksum, so that an edit by hand is seen. */
export function sealed(plan: Plan): SealedPlan {
	return { ...plan, checksum: checksumOf(plan) };
}

function refused(summary: string, hint: string): DeployError {
	return new DeployError(EXIT.input, { severity: "error", code: "PLAN_FILE", summary, hint });
}

const AGAIN = "make a new one with `snowline plan --out FILE`";

function versionOf(json: unknown): unknown {
	return typeof json === "object" && json !== null && "version" in json ? json.version : undefined;
}

/** Where a document is not like a plan, in words. */
function misfit(json: unknown, issue: z.core.$ZodIssue | undefined): string {
	if (typeof json !== "object" || json === null || Array.isArray(json)) return "it is no object";
	if (versionOf(json) === undefined) return "it does not say of which version it is";
	const path = issue?.path ?? [];
	const place = path.reduce<string>(
		(text, key) =>
			typeof key === "number" ? `${text}[${key}]` : `${text}${text && "."}${String(key)}`,
		"",
	);
	if (issue?.code === "unrecognized_keys") {
		const keys = issue.keys.join(", ");
		return `${place === "" ? "it" : place} has ${keys}, which no plan has`;
	}
	const found = path.reduce<unknown>(
		(value, key) =>
			typeof value === "object" && value !== null
				? (value as Readonly<Record<PropertyKey, unknown>>)[key]
				: undefined,
		json,
	);
	return found === undefined ? `${place} is missing` : `${place} is not what it is in a plan`;
}

/** Reads a saved plan. Throws a DeployError (exit 65) for anything but a whole, unedited plan of this version. */
export function readSavedPlan(file: string): SealedPlan {
	let json: unknown;
	try {
		json = JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code === "ENOENT") throw refused(`${file} does not exist`, AGAIN);
		if (code === "EISDIR") throw refused(`${file} is a directory`, AGAIN);
		if (error instanceof SyntaxError) throw refused(`${file} is not a plan: it is not JSON`, AGAIN);
		throw refused(`${file} cannot be read${code === undefined ? "" : ` (${code})`}`, AGAIN);
	}
	const version = versionOf(json);
	if (typeof version === "number" && version !== PLAN_VERSION)
		throw refused(
			`${file} is a plan of version ${version}, and this Snowline runs version ${PLAN_VERSION}`,
			AGAIN,
		);
	const parsed = planSchema.safeParse(json);
	if (!parsed.success) {
		throw refused(`${file} is not a plan: ${misfit(json, parsed.error.issues[0])}`, AGAIN);
	}
	const plan = parsed.data;
	const checksum = checksumOf(plan);
	if (plan.checksum !== checksum)
		throw refused(
			`${file} was changed after it was made: its checksum does not fit`,
			`plan files are not edited by hand; change the project, and ${AGAIN}`,
		);
	return { ...plan, checksum };
}

/** A saved plan runs only where it was made for. Throws a DeployError (exit 78). */
function checkPlace(saved: Plan, current: Plan): void {
	const pairs = [
		["project", saved.project, current.project],
		["environment", saved.environment, current.environment],
		["account", saved.account, current.account],
	] as const;
	const other = pairs.find(([, a, b]) => a !== b);
	if (other)
		throw new DeployError(EXIT.environment, {
			severity: "error",
			code: "OTHER_PLAN",
			summary: `this plan is for ${other[0]} ${other[1]}, and this is ${other[2]}`,
			hint: "run it where it was made for, or make one for here",
		});
}

function text(value: unknown): string {
	return value === null || value === undefined ? "(none)" : canonicalJson(value as Value);
}

/** The changes a plan makes to an object. */
function changesOf(plan: Plan, key: string): readonly Step["changes"][number][] {
	return plan.steps
		.filter((step) => `${step.kind} ${step.object}` === key)
		.flatMap((step) => step.changes);
}

/**
 * What is different about an object, property by property. The account's state when the plan was made is
 * not saved; it follows from what the plan changes, since what it leaves alone was as declared.
 */
function differences(saved: Plan, current: Plan, key: string): readonly string[] {
	const before = new Map(changesOf(saved, key).map((c) => [c.property, c]));
	const now = new Map(changesOf(current, key).map((c) => [c.property, c]));
	return [...new Set([...before.keys(), ...now.keys()])].sort().flatMap((property) => {
		const was = before.has(property) ? before.get(property)?.from : now.get(property)?.to;
		const is = now.has(property) ? now.get(property)?.from : before.get(property)?.to;
		return text(was) === text(is) ? [] : [`${property}: was ${text(was)}, is ${text(is)} now`];
	});
}

function staleObject(saved: Plan, current: PlanResult, key: string): Diagnostic {
	const exists = current.live.objects.has(key);
	const existed = saved.fingerprint.objects[key] !== null;
	const detail = exists && existed ? differences(saved, current.plan, key).join("\n") : "";
	return {
		severity: "error",
		code: "STALE_PLAN",
		summary: exists
			? existed
				? `${key} is not as it was when the plan was made`
				: `${key} did not exist when the plan was made, and exists now`
			: `${key} existed when the plan was made, and is gone or not visible to this role`,
		...(detail === "" ? {} : { detail }),
	};
}

/** Deployments that were cut off and that the plan does not know, or brings in order although that was done. */
function staleRecoveries(
	saved: Plan,
	current: PlanResult,
	own: Interrupted | undefined,
): readonly Diagnostic[] {
	const open = new Set(current.interrupted.filter((i) => i !== own).map((i) => i.id));
	const known = new Set(
		saved.steps
			.filter((step) => step.action === "recover" && !own?.journal.finished.has(step.id))
			.map((step) => step.object),
	);
	const stale = (id: string, what: string): Diagnostic => ({
		severity: "error",
		code: "STALE_PLAN",
		summary: `deployment ${id} ${what} since the plan was made`,
	});
	return [
		...[...open].filter((id) => !known.has(id)).map((id) => stale(id, "was cut off")),
		...[...known].filter((id) => !open.has(id)).map((id) => stale(id, "was brought in order")),
	];
}

function migrationsMoved(saved: Plan, current: Plan, own: Interrupted | undefined): boolean {
	const begun = saved.steps.some(
		(step) =>
			step.action === "migrate" &&
			(own?.journal.finished.has(step.id) || own?.journal.operations.has(step.id)),
	);
	return !begun && saved.fingerprint.migrations !== current.fingerprint.migrations;
}

/**
 * Grants that the plan changes, or keeps through a replacement, and that changed meanwhile. Of a plan that was
 * cut off nothing is said: what it granted itself is different too, and each replacement looks once more.
 */
function staleGrants(
	saved: Plan,
	current: Plan,
	own: Interrupted | undefined,
): readonly Diagnostic[] {
	if (own) return [];
	const now = current.fingerprint.grants ?? {};
	return Object.entries(saved.fingerprint.grants ?? {}).flatMap(([key, was]): Diagnostic[] =>
		now[key] === was
			? []
			: [
					{
						severity: "error",
						code: "STALE_PLAN",
						summary: `${key}: not as it was when the plan was made`,
					},
				],
	);
}

/** The deployment of this very plan that was cut off, if there is one. */
export function ownDeployment(saved: SealedPlan, current: PlanResult): Interrupted | undefined {
	return current.interrupted.find((i) => i.planHash === saved.checksum);
}

/**
 * Makes sure that a saved plan still fits: what it touches is as it was when it was made, or, where it was
 * cut off, as it left it. Throws a DeployError: 78 for a plan of another place, 4 with the difference when it is stale.
 */
export function checkSavedPlan(saved: SealedPlan, current: PlanResult): void {
	checkPlace(saved, current.plan);
	const own = ownDeployment(saved, current);
	const moved = Object.entries(saved.fingerprint.objects).filter(([key, hash]) => {
		const live = current.live.objects.get(key);
		return objectHash(live) !== hash && !(own && isAsLeft(saved, own.journal, key, live));
	});
	const stale: Diagnostic[] = [
		...staleRecoveries(saved, current, own),
		...moved.map(([key]) => staleObject(saved, current, key)),
		...staleGrants(saved, current.plan, own),
	];
	if (migrationsMoved(saved, current.plan, own))
		stale.push({
			severity: "error",
			code: "STALE_PLAN",
			summary: "migrations were run or recorded since the plan was made",
		});
	if (stale.length === 0) return;
	const hint = "plan again, and have the new plan reviewed";
	throw new DeployError(
		EXIT.stale,
		stale.map((d, i) => (i === stale.length - 1 ? { ...d, hint } : d)),
	);
}
