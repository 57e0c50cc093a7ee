import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { HELPER_NAMES } from "../render/helpers.ts";
import type { Located, LocatedMap } from "./yaml-tree.ts";

/** Keys whose text is a secret wherever they stand, without case and separators. */
const SECRET_KEYS =
	/^(password|passwd|passcode|token|privatekey|privatekeyraw|privatekeypass|privatekeypassphrase|oauthclientsecret|clientsecret|proxypassword|secret)$/;

/** Names of variables that hold a secret. */
const SECRET_VARIABLE =
	/(password|passwd|passphrase|secret|token|privatekey|accesskey|secretkey|apikey)$/;

/** What looks like a secret in a line of YAML, also where the file cannot be parsed. */
const SECRET_TEXT =
	/((?:password|passwd|passcode|passphrase|token|secret|(?:private|access|secret|api)_?key|private_?key_?(?:raw|pass\w*))["']?\s*:\s*)("[^"]*"?|'[^']*'?|[^\s,{}[\]][^\s,}]*)/gi;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Words that YAML 1.1 took for booleans and YAML 1.2 takes for text. */
const OLD_BOOLEANS: Readonly<Record<string, string>> = {
	yes: "true",
	on: "true",
	no: "false",
	off: "false",
};

const RESERVED = new Set([...HELPER_NAMES, "environment", "this"]);

function squeeze(key: string): string {
	return key.toLowerCase().replace(/[_\-.\s]/g, "");
}

function isText(node: Located): boolean {
	return node.kind === "scalar" && typeof node.value === "string" && node.value !== "";
}

/** Every entry of a tree of maps and lists, deepest too. */
function* entriesOf(
	node: Located,
): Generator<{ name: string; key: Located["span"]; value: Located }> {
	if (node.kind === "list") for (const item of node.items) yield* entriesOf(item);
	if (node.kind !== "map") return;
	for (const [name, entry] of node.entries) {
		yield { name, ...entry };
		yield* entriesOf(entry.value);
	}
}

function* scalarsOf(node: Located): Generator<Located & { readonly kind: "scalar" }> {
	if (node.kind === "scalar") yield node;
	else if (node.kind === "list") for (const item of node.items) yield* scalarsOf(item);
	else for (const { value } of node.entries.values()) yield* scalarsOf(value);
}

function secretInFile(span: Located["span"], what: string, hint: string): Diagnostic {
	return errorAt(span, "SECRET_IN_FILE", `${what} is in the file, where everybody can read it`, {
		detail: "take it out, and change it: it stays in the history of the repository",
		hint,
	});
}

/** A number that would be printed otherwise than it was written, such as 012 or 1.10, and yes for true. */
function misread(node: Located & { readonly kind: "scalar" }): Diagnostic | undefined {
	const { span, value, plain } = node;
	if (!plain) return undefined;
	const text = span.source.text.slice(span.start, span.end);
	if (typeof value === "number" && text !== String(value))
		return errorAt(span, "WRONG_VALUE", `${text} is the number ${value} in YAML`, {
			hint: `write "${text}" if it is text, ${value} if it is a number`,
		});
	const boolean = typeof value === "string" ? OLD_BOOLEANS[value.toLowerCase()] : undefined;
	if (boolean !== undefined)
		return errorAt(span, "WRONG_VALUE", `${text} is text in YAML, not ${boolean}`, {
			hint: `write ${boolean}, or "${text}" if it is text`,
		});
	return undefined;
}

/** What is wrong in one file whatever is merged with it: secrets, values that YAML reads otherwise than people do. */
export function checkFile(tree: LocatedMap): readonly Diagnostic[] {
	const diagnostics: Diagnostic[] = [];
	const variables = tree.entries.get("variables")?.value;
	const found = new Set<Located>();
	const settings = [...tree.entries].filter(([name]) => name !== "variables");
	for (const { name, key, value } of entriesOf({ ...tree, entries: new Map(settings) })) {
		if (!SECRET_KEYS.test(squeeze(name)) || !isText(value)) continue;
		found.add(value);
		const hint = `put it into connections.toml and write connection: { name: SECTION }, or set SNOWFLAKE_${name
			.replace(/([a-z])([A-Z])/g, "$1_$2")
			.toUpperCase()}`;
		diagnostics.push(secretInFile(key, `the secret ${name}`, hint));
	}
	for (const { name, key, value } of variables ? entriesOf(variables) : []) {
		if (!SECRET_VARIABLE.test(squeeze(name)) || !isText(value)) continue;
		found.add(value);
		const hint = `write {{secret "NAME"}} in the template; if this is only the NAME, call the variable ${name}_name`;
		diagnostics.push(secretInFile(key, `the secret ${name}`, hint));
	}
	for (const node of scalarsOf(tree))
		if (typeof node.value === "string" && PRIVATE_KEY.test(node.value) && !found.has(node))
			diagnostics.push(
				secretInFile(node.span, "a private key", "name its file with privateKeyPath"),
			);
	if (variables) {
		for (const node of scalarsOf(variables)) diagnostics.push(...[misread(node) ?? []].flat());
		if (variables.kind === "map")
			for (const [name, { key }] of variables.entries)
				if (RESERVED.has(name))
					diagnostics.push(
						errorAt(
							key,
							"RESERVED_NAME",
							name === "environment"
								? "{{environment}} is the environment's name already"
								: `${name} means something else in a template`,
							{ hint: "give the variable another name" },
						),
					);
	}
	return diagnostics;
}

/** A diagnostic whose excerpt shows stars where a secret stands, since messages end up in logs. */
export function maskSecrets(diagnostic: Diagnostic): Diagnostic {
	const { at } = diagnostic;
	if (!at) return diagnostic;
	const stars = (text: string): string => "*".repeat(text.length);
	const lineText = at.lineText
		.replace(SECRET_TEXT, (_, key: string, value: string) => key + stars(value))
		.replace(
			/(-----BEGIN [A-Z ]*PRIVATE KEY-----)(.*)/,
			(_, key: string, rest: string) => key + stars(rest),
		);
	return { ...diagnostic, at: { ...at, lineText } };
}
