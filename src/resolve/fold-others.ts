import { DeployError, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import { objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import { KINDS, OBJECT_TYPES, objectType } from "../objects/index.ts";
import type { OtherStatement, Statement } from "../parse/statement.ts";
import { qualify } from "./context.ts";
import { amend, collect, enter, type Folding } from "./fold.ts";

/** USE: sets the context of what follows in the file. */
export function foldUse(state: Folding, statement: OtherStatement): void {
	const cursor = statement.rest();
	collect(state, () => {
		if (cursor.take("WAREHOUSE")) {
			cursor.expectName();
			return;
		}
		if (cursor.take("SECONDARY", "ROLES")) {
			cursor.expectIdentifier();
			return;
		}
		if (cursor.take("ROLE")) {
			const roleSpan = cursor.here();
			state.context = { ...state.context, role: cursor.expectIdentifier("a role"), roleSpan };
			return;
		}
		const opens = cursor.take("DATABASE")
			? "database"
			: cursor.take("SCHEMA")
				? "schema"
				: undefined;
		const name = cursor.expectName("DATABASE, SCHEMA, ROLE or WAREHOUSE");
		const level = opens === "schema" || (!opens && name.parts.length === 2) ? "schema" : "database";
		const full = level === "schema" ? qualify(name, "database", state.context) : name.parts;
		state.context = enter(state.context, level, full);
	});
}

/** COMMENT ON KIND name IS '…' */
export function foldComment(state: Folding, statement: OtherStatement): void {
	const cursor = statement.rest();
	collect(state, () => {
		cursor.take("IF", "EXISTS");
		cursor.expect("ON");
		const kind = [...KINDS]
			.sort((a, b) => b.length - a.length)
			.find((k) => cursor.take(...k.split(" ")));
		if (!kind) throw cursor.error(`a kind of object (${KINDS.join(", ")})`);
		const type = objectType(kind);
		const written = cursor.expectName();
		const object = state.objects.get(
			objectKey({ kind, name: qualify(written, type.level, state.context) }),
		);
		if (!object)
			throw new DeployError(
				EXIT.input,
				errorAt(
					written.span,
					"NOT_DECLARED",
					`${kind} ${formatName(written.parts)} is not declared here`,
				),
			);
		cursor.expect("IS");
		const token = cursor.peek();
		const text = cursor.expectString();
		amend(
			state,
			object,
			{ ...object.properties, COMMENT: text },
			new Map(token ? [["COMMENT", cursor.span(token, token)]] : []),
		);
	});
}

/** `SELECT SYSTEM$…('name')` where a kind says that the call declares something; false when none does. */
export function foldCall(state: Folding, statement: Statement): boolean {
	const [, fn, open, argument] = statement.tokens;
	const type = [...OBJECT_TYPES.values()].find((t) => fn && t.calls?.[fn.value]);
	const call = fn && type?.calls?.[fn.value];
	if (!type || !call || open?.text !== "(" || argument?.type !== "string") return false;
	collect(state, () => {
		const span = { source: statement.source, start: argument.start, end: argument.end };
		const parts = argument.value
			.split(".")
			.map((p) => (p.startsWith('"') ? p.slice(1, -1) : p.toUpperCase()));
		const key = objectKey({
			kind: type.kind,
			name: qualify({ parts, span }, type.level, state.context),
		});
		const object = state.objects.get(key);
		if (!object)
			throw new DeployError(
				EXIT.input,
				errorAt(span, "NOT_DECLARED", `${key} is not declared here`),
			);
		for (const changed of call(object, { objects: state.objects }))
			state.objects.set(objectKey(changed), changed);
	});
	return true;
}
