import type { ChalkInstance } from "chalk";
import { hideCredentials } from "../model/credentials.ts";
import type { Operation, Plan, Step } from "../plan/plan.ts";
import { remarksOf, terminated } from "./statement.ts";

const SYMBOLS: Readonly<Record<Step["action"], string>> = {
	create: "+",
	alter: "~",
	replace: "±",
	drop: "-",
	relink: "~",
	drain: "↓",
	hold: "‖",
	check: "?",
	capture: "○",
	release: "▶",
	prove: "✓",
	grant: "~",
	migrate: "»",
	recover: "↺",
};

function paint(action: Step["action"], chalk: ChalkInstance): (text: string) => string {
	if (action === "create") return chalk.green;
	if (action === "drop" || action === "replace") return chalk.red;
	if (["drain", "hold", "check", "capture", "release", "prove"].includes(action)) return chalk.dim;
	return chalk.yellow;
}

/** A value in a line. */
export function valueText(v: unknown): string {
	if (v === null) return "(none)";
	const text = typeof v === "string" ? v : JSON.stringify(v);
	return text.includes("\n") || text.length > 70 ? `${text.split("\n")[0]?.slice(0, 67)}…` : text;
}

/** A unified diff with colours, and without its heading. */
export function diffLines(diff: string, chalk: ChalkInstance): readonly string[] {
	return diff
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

/** Whether the diff shows already what a statement does: the CREATE of the step's own object, unless that is a clone. */
function isInDiff(step: Step, { sql }: Operation): boolean {
	const [head = ""] = sql.split("\n");
	const made = `${step.kind} ${step.object}`;
	const at = head.indexOf(made);
	if (at < 0 || /^[\w$]/.test(head.slice(at + made.length))) return false;
	return (
		step.diff !== "" &&
		(step.action === "create" || step.action === "replace") &&
		/^CREATE\b(?!.* CLONE )/i.test(sql)
	);
}

/** A migration's own statements: what a reviewer has in place of a diff. */
function migrationLines(step: Step): readonly string[] {
	const files = (step.baselines ?? []).map(({ file }) => `only recorded: ${file}`);
	const statements = step.operations
		.filter((operation) => operation.origin)
		.flatMap((operation) => terminated(operation.sql).split("\n"));
	return [...files, ...statements];
}

/** What apply runs and the diff does not show: each statement behind the symbol of its step. */
function statementLines(step: Step, chalk: ChalkInstance): readonly string[] {
	if (step.action === "migrate") return migrationLines(step);
	return step.operations
		.filter((operation) => !isInDiff(step, operation))
		.flatMap((operation) => {
			const [first = "", ...rest] = terminated(hideCredentials(operation.sql)).split("\n");
			const lines = [`${SYMBOLS[step.action]} ${first}`, ...rest.map((line) => `  ${line}`)];
			const remarks = remarksOf(operation).join(", ");
			const last = lines.length - 1;
			return lines.map((line, i) =>
				chalk.dim(i === last && remarks !== "" ? `${line}  -- ${remarks}` : line),
			);
		});
}

function stepLines(step: Step, chalk: ChalkInstance): readonly string[] {
	const head = `${SYMBOLS[step.action]} ${step.action} ${step.kind} ${step.object}`;
	const changes = step.changes.map(
		(c) => `${c.property}: ${valueText(c.from)} → ${valueText(c.to)}`,
	);
	const indent = (lines: readonly string[]) => lines.map((line) => `    ${line}`.trimEnd());
	return [
		`  ${paint(step.action, chalk)(head)}  ${chalk.dim(`# ${step.reason}`)}`,
		...indent(hazardLines(step, chalk)),
		...(step.diff ? indent(diffLines(step.diff, chalk)) : indent(changes)),
		...indent(statementLines(step, chalk)),
	];
}

/** `1 step`, `2 steps` */
export function countSteps(count: number): string {
	return `${count} step${count === 1 ? "" : "s"}`;
}

/** `2 to create, 1 to replace (4 steps); 7 unchanged`: objects, and the steps that bring them about. */
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
	const steps = countSteps(plan.steps.length);
	const what =
		parts.length > 0
			? `${parts.join(", ")} (${steps})`
			: plan.steps.length > 0
				? steps
				: "no changes";
	return `${what}; ${rest.join(", ")}`;
}

/** What has to be seen to outside Snowflake, a line each. */
export function handoffLines(handoffs: Plan["handoffs"]): readonly string[] {
	return handoffs.flatMap(({ object, lines }) =>
		lines.map((line) => `  handoff ${object}: ${line}`),
	);
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
	const handed = handoffLines(plan.handoffs);
	const unmanaged =
		options.unmanaged && plan.unmanaged.length > 0
			? ["", "Unmanaged (never touched):", ...plan.unmanaged.map((key) => `  ${key}`)]
			: [];
	return [
		head,
		"",
		...lines,
		...notes,
		...handed,
		...(lines.length + notes.length + handed.length > 0 ? [""] : []),
		summaryLine(plan),
		...unmanaged,
	].join("\n");
}
