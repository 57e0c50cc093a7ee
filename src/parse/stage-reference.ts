import { parseIdentifier, type QualifiedName } from "../model/identifier.ts";
import type { Token } from "./lexer.ts";

/** `@db.schema.stage/path`: the stage's name as written and the path behind it. */
export interface StageReference {
	/** Undefined for a user stage (`@~`) and a table stage (`@%table`). */
	readonly name: QualifiedName | undefined;
	readonly path: string;
}

const PART = /^(?:"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_$]*)/;

/** Reads a stage token (also one in quotes, `'@stage/path with space'`). Undefined when it is no stage. */
export function stageReference(token: Token): StageReference | undefined {
	const text = token.type === "string" ? token.value : token.text;
	if (!text.startsWith("@")) return undefined;
	let rest = text.slice(1).replace(/^'(.*)'$/, "$1");
	if (/^[~%]/.test(rest)) return { name: undefined, path: rest };
	const parts: string[] = [];
	for (;;) {
		const match = PART.exec(rest);
		if (!match) return undefined;
		parts.push(parseIdentifier(match[0]));
		rest = rest.slice(match[0].length);
		if (!rest.startsWith(".")) break;
		rest = rest.replace(/^\.+/, "");
	}
	return { name: parts, path: rest.replace(/^\//, "") };
}
