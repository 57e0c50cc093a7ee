import { textSource } from "../diagnostics/source.ts";
import type { ObjectModel } from "../model/catalog.ts";
import { objectKey } from "../model/catalog.ts";
import type { QualifiedName } from "../model/identifier.ts";
import type { Stretch } from "../objects/define/property.ts";
import { objectType } from "../objects/index.ts";
import { Cursor } from "../parse/cursor.ts";
import { lex } from "../parse/lexer.ts";
import { complete } from "./context.ts";

/** Words after which a body names something it reads or writes. */
const BEFORE_NAMES = new Set(["FROM", "JOIN", "INTO", "UPDATE", "USING"]);

/** What looks like a name there and is none. */
const NOT_NAMES = new Set(["SELECT", "VALUES", "TABLE", "LATERAL", "SET", "WITH", "IDENTIFIER"]);

/** A name that a body reads or writes, completed by the object's own schema, and the property it stands in. */
export interface BodyName {
	readonly name: QualifiedName;
	readonly property: string;
	/** Where it stands in the property's text. */
	readonly at: Stretch;
}

/** Names a query gives itself: `WITH a AS (`, `, b AS (`. */
function ownNames(cursor: Cursor): ReadonlySet<string> {
	const names = new Set<string>();
	for (const at = cursor.clone(); !at.done; at.next())
		if (
			(at.peek()?.type === "word" || at.peek()?.type === "quoted") &&
			at.peek(1)?.value === "AS" &&
			at.peek(2)?.text === "("
		)
			names.add(at.clone().expectIdentifier());
	return names;
}

/**
 * The tables, views and streams that an object's bodies name after FROM, JOIN, INTO, UPDATE and USING.
 * Only what is surely a name is given: functions, stages, subqueries and names the query gives itself are
 * not. Text that is not SQL throughout (a procedure in JavaScript) gives what it happens to give: this is
 * for warnings.
 */
export function bodyNames(object: ObjectModel): readonly BodyName[] {
	const context = { database: object.name[0], schema: object.name[1] };
	return objectType(object.kind).properties.flatMap((property) => {
		const value = object.properties[property.name];
		if (!property.clause.verbatim || typeof value !== "string") return [];
		const source = textSource(objectKey(object), value);
		const cursor = new Cursor(source, lex(source).tokens);
		const own = ownNames(cursor);
		const found: BodyName[] = [];
		while (!cursor.done) {
			const token = cursor.next();
			const first = cursor.peek();
			if (token.type !== "word" || !BEFORE_NAMES.has(token.value)) continue;
			if (first?.type === "word" && NOT_NAMES.has(first.value)) continue;
			const written = cursor.clone().takeName();
			const called =
				written &&
				cursor.peek(2 * written.parts.length - 1)?.text === "(" &&
				token.value !== "INTO";
			const full = written && !called ? complete(written.parts, "schema", context) : undefined;
			if (!written || !full) continue;
			if (written.parts.length === 1 && own.has(written.parts[0] ?? "")) continue;
			const { start, end } = written.span;
			found.push({
				name: full,
				property: property.name,
				at: { offset: start, length: end - start },
			});
		}
		return found;
	});
}
