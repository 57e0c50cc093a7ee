import { DeployError, type Diagnostic, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import { textSource } from "../diagnostics/source.ts";
import { formatIdentifier } from "../model/identifier.ts";
import { OBJECT_TYPES } from "../objects/index.ts";
import { lex } from "../parse/lexer.ts";
import type { Operation, Plan, Step } from "../plan/plan.ts";

/** What a migration is made from besides the plan. */
export interface FromPlan {
	readonly phase: "before" | "after";
	/** The role that the session of a migration begins with. */
	readonly role: string;
	/** What was planned, where it was not everything. */
	readonly targets: readonly string[];
	/** Hazards that only a permit for their object accepts. */
	readonly permitOnly: ReadonlySet<string>;
}

/** The text of a migration that does what a plan would, and what it consists of. */
export interface PlannedMigration {
	readonly text: string;
	/** Its statements as they are rendered. */
	readonly statements: readonly string[];
	/** The plan's steps that it does. */
	readonly steps: readonly Step[];
}

/** Why steps of an action are no statements alone. */
const CHOREOGRAPHY: Partial<Record<Step["action"], string>> = {
	recover: "a deployment was cut off, and what it left has to be brought in order first",
	hold: "it is stopped meanwhile and gets back the state it had then, also when something fails",
	release: "it gets back the state that it had before",
	drain: "what is unread is read first, and it is waited for",
	capture: "what it finds is needed later on, to keep or to prove something",
	prove: "it compares what there is with what there was before",
};

/** Steps that are only there because of another one, which says more. */
const CONSEQUENCES: ReadonlySet<string> = new Set(["release", "prove"]);

/** Who holds what after a GRANT or REVOKE can be looked up at any time; no state depends on it. */
function isLookAtGrants({ do: what, rows }: Operation): boolean {
	return what === "check" && rows !== undefined;
}

/** Why a migration, which is statements and nothing between them, cannot do what a step does; undefined where it can. */
function obstacle(step: Step, permitOnly: ReadonlySet<string>): string | undefined {
	const { action, operations, restore, hazards } = step;
	const told = CHOREOGRAPHY[action];
	if (told !== undefined) return told;
	if (restore.length > 0) return "what it takes away is given back by it, also when it fails";
	const guarded = hazards.find(({ code, permitted }) => permitOnly.has(code) && !permitted);
	if (guarded) return `${guarded.code} is accepted by a permit for that object only`;
	const other = operations.find((o) => o.do !== "execute" && !isLookAtGrants(o));
	if (other?.do === "wait") return "it has to wait for the account between its statements";
	if (other) return "it keeps state by what it reads from the account between its statements";
	const bound = operations.some((o) => o.uses !== undefined || o.files !== undefined);
	return bound ? "what it sends depends on what the account answered before" : undefined;
}

/** Throws a DeployError (exit 3) that names each step which only apply can do. */
function refuseChoreography(steps: readonly Step[], permitOnly: ReadonlySet<string>): void {
	const refused = steps.flatMap((step) => {
		const why = obstacle(step, permitOnly);
		return why === undefined ? [] : [{ step, why }];
	});
	const causes = refused.filter(({ step }) => !CONSEQUENCES.has(step.action));
	const diagnostics = (causes.length > 0 ? causes : refused).map(
		({ step, why }): Diagnostic =>
			errorAt(undefined, "NOT_A_MIGRATION", `${step.id} cannot be a migration: ${why}`, {
				hint: "`snowline apply` does it; --target chooses other objects for the migration",
			}),
	);
	if (diagnostics.length > 0) throw new DeployError(EXIT.refused, diagnostics);
}

/** Text as it stands in a template that renders it unchanged. */
function escaped(text: string): string {
	return text.replaceAll("{{", "\\{{");
}

function comment(text: string): string {
	return escaped(`-- ${text.replace(/\s+/g, " ")}`);
}

/** A statement as it stands in a template, its secrets by their helper, with its semicolon outside of a comment at its end. */
function templateOf(sql: string): string {
	const { tokens, comments } = lex(textSource("", sql));
	let text = "";
	let at = 0;
	for (const token of tokens) {
		if (token.type !== "secret") continue;
		text += `${escaped(sql.slice(at, token.start))}{{secret "${token.value}"}}`;
		at = token.end;
	}
	text += escaped(sql.slice(at));
	const last = comments.at(-1);
	const endsInComment = last && !last.text.startsWith("/*") && last.end >= sql.trimEnd().length;
	return `${text}${endsInComment ? "\n" : ""};`;
}

/** Statements in their order, each after the USE that it needs. */
function writer(role: string): (step: Step) => readonly string[] {
	let current: { role: string; schema?: string } = { role };
	return ({ kind, operations }) =>
		operations.flatMap((operation) => {
			if (operation.do !== "execute") return [];
			const wanted = { role: operation.role ?? role, schema: operation.schema ?? current.schema };
			const before = [
				...(wanted.role === current.role ? [] : [`USE ROLE ${formatIdentifier(wanted.role)}`]),
				...(wanted.schema === undefined || wanted.schema === current.schema
					? []
					: [`USE SCHEMA ${wanted.schema}`]),
			];
			// CREATE DATABASE and CREATE SCHEMA move the session into what they make.
			const moves = OBJECT_TYPES.get(kind)?.opens !== undefined;
			const { schema } = wanted;
			current = { role: wanted.role, ...(moves || schema === undefined ? {} : { schema }) };
			return [...before, operation.sql];
		});
}

function header(plan: Plan, own: readonly Step[], { phase, targets }: FromPlan): readonly string[] {
	const pending = plan.steps.flatMap((s) => (s.migration ? [s.migration.file] : []));
	const only = targets.length > 0 ? `, only ${targets.join(" ")}` : "";
	const after = pending.length > 0 ? `, after ${pending.join(", ")}` : "";
	const lossy = own.some((step) => step.hazards.some(({ level }) => level === "refuse"));
	return [
		comment(
			`Made by \`snowline migrate new --from-plan\` from the plan for ${plan.environment} (account ${plan.account}) of ${plan.createdAt}${only}${after}.`,
		),
		comment(
			`The names in it are those of ${plan.environment}: put variables in their place where environments differ.`,
		),
		...(lossy
			? [
					comment(
						"Nobody is asked about hazards when it runs: what a statement loses stands above it.",
					),
				]
			: []),
		`-- phase: ${phase}`,
		// In a new environment the declared state is already its result; before it, that shows by itself.
		...(phase === "after" ? ["-- new environment: skip"] : []),
	];
}

/** What is said above the statements of a step; a number first, so that no line of it can be taken for a key. */
function heading({ id, reason, hazards }: Step, number: number): readonly string[] {
	return [
		comment(`${number}. ${id}: ${reason}`),
		...hazards.map(({ code, object, message }) => comment(`! ${code} (${object}): ${message}`)),
	];
}

/**
 * Writes what a plan would do, besides the migrations in it, as the text of one migration; undefined for a plan that
 * does nothing. Throws a DeployError (exit 3) for what only apply can do: whatever needs more than statements.
 */
export function migrationOf(plan: Plan, from: FromPlan): PlannedMigration | undefined {
	const steps = plan.steps.filter((step) => step.action !== "migrate");
	if (steps.length === 0) return undefined;
	refuseChoreography(steps, from.permitOnly);
	const write = writer(from.role);
	const written = steps.map((step) => ({ step, statements: write(step) }));
	const parts = written.map(({ step, statements }, i) =>
		[...heading(step, i + 1), ...statements.map(templateOf)].join("\n"),
	);
	return {
		text: `${[header(plan, steps, from).join("\n"), ...parts].join("\n\n")}\n`,
		statements: written.flatMap(({ statements }) => statements),
		steps,
	};
}
