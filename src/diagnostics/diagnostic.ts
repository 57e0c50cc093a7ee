import { type Location, locate, type Span } from "./source.ts";

/** One thing to tell the user: what, where, and what to do about it. */
export interface Diagnostic {
	readonly severity: "error" | "warning" | "notice";
	/** A stable upper-case name such as UNKNOWN_PROPERTY. */
	readonly code: string;
	/** One line saying what is wrong. */
	readonly summary: string;
	/** More lines, where one is not enough. */
	readonly detail?: string;
	/** What to do. */
	readonly hint?: string;
	/** What the hint ends with, to be copied as it is: printed without anything before its lines. */
	readonly paste?: string;
	readonly at?: Location;
}

/** The exit codes of the product's contract (after sysexits.h where one fits). */
export const EXIT = {
	ok: 0,
	failed: 1,
	changes: 2,
	refused: 3,
	stale: 4,
	locked: 5,
	usage: 64,
	input: 65,
	unavailable: 69,
	bug: 70,
	environment: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT] | 130 | 143;

/** An expected failure: one or more diagnostics and the exit code they mean. Anything else thrown is a bug. */
export class DeployError extends Error {
	override readonly name = "DeployError";
	readonly diagnostics: readonly Diagnostic[];
	readonly exitCode: ExitCode;

	constructor(
		exitCode: ExitCode,
		diagnostics: Diagnostic | readonly Diagnostic[],
		options?: ErrorOptions,
	) {
		const list = Array.isArray(diagnostics) ? diagnostics : [diagnostics as Diagnostic];
		super(list.map((d) => d.summary).join("\n"), options);
		this.diagnostics = list;
		this.exitCode = exitCode;
	}
}

interface Extra {
	readonly detail?: string;
	readonly hint?: string;
}

/** An error diagnostic at a span (or nowhere). */
export function errorAt(
	span: Span | undefined,
	code: string,
	summary: string,
	extra: Extra = {},
): Diagnostic {
	return { severity: "error", code, summary, ...extra, ...(span && { at: locate(span) }) };
}

/** A warning diagnostic at a span (or nowhere). */
export function warningAt(
	span: Span | undefined,
	code: string,
	summary: string,
	extra: Extra = {},
): Diagnostic {
	return { severity: "warning", code, summary, ...extra, ...(span && { at: locate(span) }) };
}

/** Throws the diagnostics as one error with this exit code if any of them is an error; returns the others. */
export function throwErrors(
	diagnostics: readonly Diagnostic[],
	exitCode: ExitCode,
): readonly Diagnostic[] {
	const errors = diagnostics.filter((d) => d.severity === "error");
	if (errors.length > 0) throw new DeployError(exitCode, diagnostics);
	return diagnostics;
}
