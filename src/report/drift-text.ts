import type { ChalkInstance } from "chalk";
import type { Drift, Drifted } from "../operate/drift.ts";
import { diffLines, valueText } from "./plan-text.ts";

type What = Drifted["what"];

const SYMBOLS: Readonly<Record<What, string>> = {
	altered: "~",
	"made anew": "±",
	missing: "-",
	renamed: "→",
	granted: "+",
	revoked: "-",
};

/** How many statements are told of one object, the latest ones, and how much of their text. */
const TOLD = 5;
const WIDTH = 120;

function oneLine(statement: string): string {
	const line = statement.replace(/\s+/g, " ");
	return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}

/** `2026-11-20 12:00:00 UTC` */
function moment(at: string): string {
	return `${at.slice(0, 19).replace("T", " ")} UTC`;
}

/** Who did it: a line for each statement. */
function byLines({ by }: Drifted): readonly string[] {
	if (by.length === 0) return ["by whom and when is not told"];
	const earlier = by.length - TOLD;
	return [
		...(earlier > 0 ? [`${earlier} earlier statement${earlier === 1 ? "" : "s"}`] : []),
		...by
			.slice(-TOLD)
			.map(
				({ user, role, at, statement, queryId }) =>
					`by ${user} (role ${role}) at ${moment(at)}: ${oneLine(statement)} (query ${queryId})`,
			),
	];
}

/** What the diff does not show. */
function valueLines({ changes, diff }: Drifted): readonly string[] {
	return changes
		.filter(({ inDiff }) => !inDiff || diff === "")
		.map(
			({ property, applied, live }) => `${property}: ${valueText(applied)} → ${valueText(live)}`,
		);
}

function paint(what: What, chalk: ChalkInstance): (text: string) => string {
	if (what === "granted") return chalk.green;
	return what === "altered" || what === "renamed" ? chalk.yellow : chalk.red;
}

function lines(drifted: Drifted, chalk: ChalkInstance): readonly string[] {
	const { what, object, reason, diff } = drifted;
	return [
		`  ${paint(what, chalk)(`${SYMBOLS[what]} ${what} ${object}`)}  ${chalk.dim(`# ${reason}`)}`,
		...[
			...diffLines(diff, chalk),
			...valueLines(drifted),
			...byLines(drifted).map((l) => chalk.dim(l)),
		].map((line) => `    ${line}`),
	];
}

function count(n: number, word: string): string {
	return `${n} ${word}${n === 1 ? "" : "s"}`;
}

/** `1 altered, 1 missing; 12 objects and 3 grants compared` */
function driftSummary({ applied, compared, drifted }: Drift): string {
	if (!applied) return "nothing was applied here yet: there is nothing to compare with";
	const whats = Object.keys(SYMBOLS) as What[];
	const parts = whats.flatMap((what) => {
		const n = drifted.filter((d) => d.what === what).length;
		return n > 0 ? [`${n} ${what}`] : [];
	});
	const what = parts.length > 0 ? parts.join(", ") : "no drift";
	const grants = compared.grants > 0 ? ` and ${count(compared.grants, "grant")}` : "";
	return `${what}; ${count(compared.objects, "object")}${grants} compared`;
}

/** The drift for a person: each difference as a diff, as applied → live, with who made it and when. */
export function driftText(drift: Drift, chalk: ChalkInstance): string {
	const { environment, account, project, drifted, notes } = drift;
	const found = drifted.flatMap((one) => lines(one, chalk));
	const noted = notes.map((note) => chalk.dim(`  note ${note.code}: ${note.message}`));
	return [
		chalk.bold(
			`Drift of ${environment} (${account}), project ${project}: changes since the last apply`,
		),
		"",
		...found,
		...noted,
		...(found.length + noted.length > 0 ? [""] : []),
		driftSummary(drift),
		...(drifted.length > 0
			? ["to take it back, plan and apply; to keep it, write it into the files first"]
			: []),
	].join("\n");
}

function fence(text: string, language: string): readonly string[] {
	const marks = "`".repeat(
		Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)),
	);
	return [`${marks}${language}`, text.trimEnd(), marks, ""];
}

/** The drift for an issue or a chat: each difference under a heading of its own. */
export function driftMarkdown(drift: Drift): string {
	const { environment, account, project, drifted, notes } = drift;
	const code = (text: string) => text.replaceAll("`", "'");
	return [
		`## Drift of ${environment} (${account}), project ${project}`,
		"",
		`${driftSummary(drift)}.`,
		"",
		...drifted.flatMap((one) => [
			`### ${SYMBOLS[one.what]} ${one.what}: \`${code(one.object)}\``,
			"",
			`${one.reason}.`,
			"",
			...(one.diff === "" ? [] : fence(one.diff, "diff")),
			...[...valueLines(one), ...byLines(one)].map((line) => `- \`${code(line)}\``),
			"",
		]),
		...notes.map(({ code: name, message }) => `- note ${name}: ${message}`),
	]
		.join("\n")
		.trimEnd();
}
