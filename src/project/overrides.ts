import { parse } from "yaml";
import { DeployError, type Diagnostic, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import { locate } from "../diagnostics/source.ts";
import { keyAt, type Located } from "./yaml-tree.ts";

/** Reads the values of `--var k=v`. Throws a DeployError (exit 64) at one that is not like that. */
export function parseOverrides(args: readonly string[]): ReadonlyMap<string, string> {
	const overrides = new Map<string, string>();
	for (const arg of args) {
		const [, key, value] = /^([^=\s]+)=([\s\S]*)$/.exec(arg) ?? [];
		if (key === undefined || value === undefined)
			throw new DeployError(
				EXIT.usage,
				errorAt(undefined, "WRONG_ARGUMENT", `--var ${arg} is not like NAME=VALUE`),
			);
		overrides.set(key, value);
	}
	return overrides;
}

function kindOf(value: unknown): "text" | "a number" | "true or false" | "a list" | "a map" {
	if (typeof value === "number") return "a number";
	if (typeof value === "boolean") return "true or false";
	if (Array.isArray(value)) return "a list";
	if (typeof value === "object" && value !== null) return "a map";
	return "text";
}

/** The text as a value like the one it replaces, or undefined when it is none. */
function typed(text: string, existing: unknown): unknown {
	const kind = kindOf(existing);
	if (kind === "text") return text;
	try {
		const value: unknown = parse(text);
		return kindOf(value) === kind && value !== null ? value : undefined;
	} catch {
		return undefined;
	}
}

/** The variables with those of the command line laid over them, each of the type that it replaces; text where this environment has none. */
export function overrideVariables(
	tree: Located,
	variables: Readonly<Record<string, unknown>>,
	overrides: ReadonlyMap<string, string>,
	report: (diagnostic: Diagnostic) => void,
): Readonly<Record<string, unknown>> {
	const result: Record<string, unknown> = { ...variables };
	for (const [name, text] of overrides) {
		const existing = Object.hasOwn(variables, name) ? variables[name] : undefined;
		const value = typed(text, existing);
		if (value !== undefined) {
			result[name] = value;
			continue;
		}
		const key = keyAt(tree, ["variables", name]);
		const at = key && locate(key);
		report(
			errorAt(undefined, "WRONG_TYPE", `--var ${name}=${text} is not ${kindOf(existing)}`, {
				...(at && { detail: `${name} is ${kindOf(existing)} in ${at.file}:${at.line}` }),
			}),
		);
	}
	return result;
}
