import type { z } from "zod";
import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean, nearest } from "../diagnostics/nearest.ts";
import { keyAt, type Located, nodeAt } from "./yaml-tree.ts";

/** As much of a JSON Schema as tells which keys a place knows. */
interface KeySchema {
	readonly properties?: Readonly<Record<string, KeySchema>>;
	readonly additionalProperties?: KeySchema | boolean;
	readonly items?: KeySchema;
}

const EXPECTED: Readonly<Record<string, string>> = {
	array: "a list",
	boolean: "true or false",
	int: "a whole number",
	number: "a number",
	object: "a map",
	record: "a map",
	string: "text",
};

function found(node: Located): string {
	if (node.kind === "list") return "a list";
	if (node.kind === "map") return "a map";
	if (node.value === null) return "nothing";
	if (typeof node.value === "string") return `the text ${JSON.stringify(node.value)}`;
	return `the ${typeof node.value} ${String(node.value)}`;
}

function keysAt(schema: KeySchema, path: readonly PropertyKey[]): readonly string[] {
	let at: KeySchema | undefined = schema;
	for (const step of path) {
		const additional: KeySchema | undefined =
			typeof at?.additionalProperties === "object" ? at.additionalProperties : undefined;
		at = at?.properties?.[String(step)] ?? at?.items ?? additional;
	}
	return Object.keys(at?.properties ?? {});
}

/** `connection.emulator`, for a message. */
function written(path: readonly PropertyKey[]): string {
	return path.reduce<string>(
		(text, step) =>
			typeof step === "number"
				? `${text}[${step}]`
				: text
					? `${text}.${String(step)}`
					: String(step),
		"",
	);
}

function unknownKey(
	tree: Located,
	schema: KeySchema,
	path: readonly PropertyKey[],
	key: string,
): Diagnostic {
	const here = keysAt(schema, path);
	const top = keysAt(schema, []);
	const guess = nearest(key, here);
	const elsewhere = path.length > 0 && top.includes(key);
	const inside = top.find((name) => path.length === 0 && keysAt(schema, [name]).includes(key));
	const hint =
		guess !== undefined
			? `did you mean ${guess}?`
			: elsewhere
				? `${key} stands at the top of the file`
				: inside !== undefined
					? `${key} stands inside ${inside}`
					: `known here: ${here.join(", ")}`;
	const place = path.length > 0 ? ` in ${written(path)}` : "";
	return errorAt(keyAt(tree, [...path, key]), "UNKNOWN_KEY", `there is no key ${key}${place}`, {
		hint,
	});
}

/** What zod found wrong, said at the place in the file where it was written. */
export function describeIssue(
	issue: z.core.$ZodIssue,
	tree: Located,
	schema: KeySchema,
): readonly Diagnostic[] {
	const { path } = issue;
	if (issue.code === "unrecognized_keys")
		return issue.keys.map((key) => unknownKey(tree, schema, path, key));
	const node = nodeAt(tree, path);
	const what = written(path);
	const key = keyAt(tree, path);
	const last = path.at(-1);
	if (typeof last === "string" && key === undefined)
		return [
			errorAt(node.span, "MISSING_KEY", `${what} is missing`, {
				hint: `add ${last}: … here`,
			}),
		];
	const span = node.span.end > node.span.start ? node.span : (key ?? node.span);
	if (issue.code === "invalid_type") {
		const expected = EXPECTED[issue.expected] ?? issue.expected;
		const summary = `${what} is ${expected}, but here is ${found(node)}`;
		const isText = issue.expected === "string" && node.kind === "scalar" && node.value !== null;
		return [errorAt(span, "WRONG_TYPE", summary, isText ? { hint: "put it in quotes" } : {})];
	}
	if (issue.code === "invalid_value" && node.kind === "scalar") {
		const values = issue.values.map(String);
		const summary = `${what} is one of ${values.join(", ")}, but here is ${found(node)}`;
		return [errorAt(span, "WRONG_VALUE", summary, didYouMean(String(node.value), values))];
	}
	if (issue.code === "invalid_key")
		return [errorAt(key ?? span, "WRONG_VALUE", `${what}: ${issue.issues[0]?.message ?? ""}`)];
	return [errorAt(span, "WRONG_VALUE", `${what}: ${issue.message}`)];
}
