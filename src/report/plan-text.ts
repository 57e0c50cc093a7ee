import type { ChalkInstance } from "chalk";
import type { Plan, Step } from "../plan/plan.ts";

const SYMBOLS: Readonly<Record<Step["action"], string>> = {
	create: "+",
	alter: "~",
	replace: "±",
	drop: "-",
	relink: "~",
	drain: "↓",
	hold: "‖",
	release: "▶",
	grant: "~",
	migrate: "»",
	recover: "↺",
};

function paint(action: Step["action"], chalk: ChalkInstance): (text: string) => string {
	if (action === "create") return chalk.green;
	if (action === "drop" || action === "replace") return chalk.red;
	if (action === "drain" || action === "hold" || action === "release") return chalk.dim;
	return chalk.yellow;
}

function value(v: unknown): string {
	if (v === null) return "(none)";
	const text = typeof v === "string" ? v : JSON.stringify(v);
	return text.includes("\n") || text.length > 70 ? `${text.split("\n")[0]?.slice(0, 67)}…` : text;
}

function diffLines(step: Step, chalk: ChalkInstance): readonly string[] {
	return step.diff
		.split("\n")
		.filter((line) => line !== "" && !/^(---|\+\+\+|\\|={3,})/.test(line))
		.map((line) =>
			line.startsWith("+")
				? chalk.green(line)
				: line.startsWith("-")
					? chalk.red(line)
					: line.startsWith("@@")
						? chalk.cyan(line)
						: line,
		);
}

function hazardLines(step: Step, chalk: ChalkInstance): readonly string[] {
	return step.hazards.flatMap((h) => {
		const label = h.level === "refuse" ? chalk.red.bold(`${h.code}`) : chalk.yellow(h.code);
		const whose = h.object === `${step.kind} ${step.object}` ? "" : ` (${h.object})`;
		const line = `${h.level === "refuse" ? "!" : "i"} ${label}${whose}: ${h.message}`;
		if (!h.permitted) return [line];
		const { until, reason } = h.permitted;
		return [
			line,
			chalk.dim(`  permitted${until === undefined ? "" : ` until ${until}`}: ${reason}`),
		];
	});
}

/** A migration's own statements: what a reviewer has in place of a diff. */
function statementLines(step: Step): readonly string[] {
	if (step.action !== "migrate") return [];
	return step.operations
		.filter((operation) => operation.origin)
		.flatMap((operation) => `${operation.sql};`.split("\n"));
}

function stepLines(step: Step, chalk: ChalkInstance): readonly string[] {
	const head = `${SYMBOLS[step.action]} ${step.action} ${step.kind} ${step.object}`;
	const changes = step.changes.map((c) => `${c.property}: ${value(c.from)} → ${value(c.to)}`);
	const indent = (lines: readonly string[]) => lines.map((line) => `    ${line}`);
	return [
		`  ${paint(step.action, chalk)(head)}  ${chalk.dim(`# ${step.reason}`)}`,
		...indent(hazardLines(step, chalk)),
		...(step.diff ? indent(diffLines(step, chalk)) : indent(changes)),
		...indent(statementLines(step)),
	];
}

/** `2 to create, 1 to replace` */
export function summaryLine(plan: Plan): string {
	const { summary } = plan;
	const parts = (["create", "alter", "replace", "drop", "migrate"] as const)
		.filter((key) => summary[key] > 0)
		.map((key) => `${summary[key]} to ${key}`);
	const rest = [
		`${summary.unchanged} unchanged`,
		...(summary.adopt > 0 ? [`${summary.adopt} to adopt`] : []),
		...(summary.unmanaged > 0 ? [`${summary.unmanaged} unmanaged`] : []),
	];
	return `${parts.length > 0 ? parts.join(", ") : "no changes"}; ${rest.join(", ")}`;
}

/** The plan for a person: what happens to each object, why, what it can lose, and a diff of its DDL. */
export function planText(
	plan: Plan,
	chalk: ChalkInstance,
	options: { readonly unmanaged?: boolean } = {},
): string {
	const head = chalk.bold(
		`Plan for ${plan.environment} (${plan.account}), project ${plan.project}`,
	);
	const lines = plan.steps.flatMap((step) => stepLines(step, chalk));
	const notes = plan.notes.map((note) => chalk.dim(`  note ${note.code}: ${note.message}`));
	const unmanaged =
		options.unmanaged && plan.unmanaged.length > 0
			? ["", "Unmanaged (never touched):", ...plan.unmanaged.map((key) => `  ${key}`)]
			: [];
	return [
		head,
		"",
		...lines,
		...notes,
		...(lines.length + notes.length > 0 ? [""] : []),
		summaryLine(plan),
		...unmanaged,
	].join("\n");
}
