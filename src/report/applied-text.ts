import type { ChalkInstance } from "chalk";
import type { Proof } from "../apply/proof.ts";
import type { ApplyResult } from "../apply/run.ts";
import { sortBy } from "../model/compare.ts";
import type { Finding } from "../operate/health.ts";
import type { Verification } from "../operate/verify.ts";
import { countSteps, handoffLines } from "./plan-text.ts";

/** A deployment that was run to its end, and what the account shows of it: the one value that people and machines see. */
export interface Applied extends ApplyResult, Partial<Omit<Verification, "failures">> {
	/** Whether nothing is left to do. */
	readonly verified: boolean;
}

/** How many objects that are well are named one by one. */
const NAMED = 12;

interface Line {
	readonly object: string;
	readonly said: string;
	readonly well: boolean;
}

/** `offset: 17382 before = after`, or what there was before and what became of it. */
export function proofSaid({ what, before, after }: Proof): string {
	if (before === null) return `${what}: ${after}`;
	return `${what}: ${before === after ? `${after} before = after` : `${before}, ${after}`}`;
}

function findingSaid({ what, before, after, verdict, declared }: Finding): string {
	const same = before === after;
	const more = {
		healthy: declared ? ", as declared" : "",
		"unhealthy before": ", as before",
		announced: ", as announced",
		unhealthy: before === null || same ? "" : `, was ${before}`,
	}[verdict];
	return `${what}: ${after}${more}`;
}

/** Objects that are well in the same way are counted where there are many of them. */
function healthLines(health: readonly Finding[]): readonly Line[] {
	const lines = health.map((finding) => ({
		object: finding.object,
		said: findingSaid(finding),
		well: finding.verdict === "healthy",
		kind: finding.object.slice(0, finding.object.indexOf(" ")),
	}));
	if (lines.filter(({ well }) => well).length <= NAMED) return lines;
	const counts = new Map<string, Line & { readonly count: number; readonly kind: string }>();
	for (const line of lines.filter(({ well }) => well)) {
		const key = `${line.kind} ${line.said}`;
		counts.set(key, { ...line, count: (counts.get(key)?.count ?? 0) + 1 });
	}
	const counted = [...counts.values()].map(({ count, kind, ...line }) =>
		count === 1 ? line : { ...line, object: `${count} of kind ${kind}` },
	);
	return [...counted, ...lines.filter(({ well }) => !well)];
}

function linesOf({ proof, health = [] }: Applied): readonly Line[] {
	const proven = new Set(proof.map(({ object, what, after }) => `${object} ${what} ${after}`));
	// A state that was given back and proven then is not told twice.
	const more = health.filter(
		({ object, what, after, verdict }) =>
			verdict !== "healthy" || !proven.has(`${object} ${what} ${after}`),
	);
	const lines = [
		...proof.map((one) => ({ object: one.object, said: proofSaid(one), well: true })),
		...healthLines(more),
	];
	return sortBy(lines, ({ object }) => object);
}

/** What was proven and how everything does, a line for each, aligned; marks only where a terminal shows them. */
export function proofLines(
	applied: Applied,
	chalk: ChalkInstance,
	marks: boolean,
): readonly string[] {
	const lines = linesOf(applied);
	const width = Math.max(0, ...lines.map(({ object }) => object.length));
	return lines.map(({ object, said, well }) => {
		const mark = marks ? `${well ? chalk.green("✓") : chalk.red("✗")} ` : "";
		return `  ${mark}${object.padEnd(width)}  ${well ? chalk.dim(said) : chalk.red(said)}`;
	});
}

/** A deployment that is done, for a person. */
export function appliedText(
	applied: Applied,
	chalk: ChalkInstance,
	options: { readonly marks: boolean; readonly quiet: boolean },
): string {
	const { done, differences = 0, next = [] } = applied;
	const head = `${countSteps(done.length)} done; verified: ${differences} difference${differences === 1 ? "" : "s"}`;
	return [
		chalk.bold(head),
		...(options.quiet
			? []
			: [...proofLines(applied, chalk, options.marks), ...handoffLines(applied.handoffs ?? [])]),
		...(next.length > 0 ? [`still to do, by another plan: ${next.join(", ")}`] : []),
	].join("\n");
}
