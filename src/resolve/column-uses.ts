import { textSource } from "../diagnostics/source.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import { formatName, parseIdentifier } from "../model/identifier.ts";
import type { Stretch } from "../objects/define/property.ts";
import { objectType } from "../objects/index.ts";
import { lex, type Token } from "../parse/lexer.ts";
import { complete } from "./context.ts";
import { type QueryScope, queryScopes, type Relation } from "./query-scopes.ts";

/** Columns by the name, as SQL, of what has them. */
export type ColumnsByName = ReadonlyMap<string, ReadonlySet<string>>;

/** A column that a body names. */
export interface ColumnUse {
	readonly property: string;
	readonly column: string;
	/** What has it: its name as SQL. */
	readonly of: string;
	/** Where it stands in the property's text. */
	readonly at: Stretch;
	/** It is surely this one: nothing else in its query can be meant. */
	readonly sure: boolean;
}

/** Words before which, not behind which, an expression ends: what follows any other word is an alias. */
const BEFORE_EXPRESSION = new Set(
	`ALL AND ANY BETWEEN BY CASE DISTINCT ELSE ELSEIF ESCAPE EXCLUDE FROM HAVING IF ILIKE IN IS LIKE NOT ON OR QUALIFY REGEXP
	RENAME REPLACE RETURN RLIKE SELECT SET SOME THEN USING VALUES WHEN WHERE`.split(/\s+/),
);

/** Whether a name that stands alone is the alias of what is before it. */
function isAlias(before: Token | undefined): boolean {
	if (before === undefined) return false;
	if (before.type === "word") return !BEFORE_EXPRESSION.has(before.value);
	return before.type !== "op" || before.text === ")";
}

/** Finds the names of columns in the scopes of one body. */
function usesIn(
	scopes: readonly QueryScope[],
	gone: ColumnsByName,
	known: ColumnsByName,
	nameOf: (relation: Relation) => string | undefined,
): readonly (Omit<ColumnUse, "property" | "at"> & { readonly token: Token })[] {
	const has = (columns: ColumnsByName, relation: Relation, column: string): boolean =>
		columns.get(nameOf(relation) ?? "")?.has(column) ?? false;
	const found: (Omit<ColumnUse, "property" | "at"> & { readonly token: Token })[] = [];
	const add = (token: Token, column: string, relation: Relation, sure: boolean): void => {
		const of = nameOf(relation);
		if (of !== undefined && has(gone, relation, column)) found.push({ token, column, of, sure });
	};
	/** A name without a qualifier: of the innermost query that has it. */
	const unqualified = (scope: QueryScope, token: Token, column: string): void => {
		for (let at: QueryScope | undefined = scope; at; at = at.parent) {
			const read = at.relations.filter((r) => r.read);
			const [first, ...rivals] = read.filter((r) => has(gone, r, column));
			const others = read.filter((r) => !has(gone, r, column));
			const isUnknown = (r: Relation) => !known.has(nameOf(r) ?? "");
			if (first) {
				const named = at.tokens.some(
					(t, i) => at?.tokens[i - 1]?.value === "AS" && parseIdentifier(t.text) === column,
				);
				const unsure = others.some((r) => isUnknown(r) || has(known, r, column));
				add(token, column, first, !(named || unsure || rivals.length > 0));
				return;
			}
			if (others.some((r) => isUnknown(r) || has(known, r, column))) return;
		}
	};
	for (const scope of scopes) {
		const { tokens } = scope;
		const target = scope.relations.find((r) => r.target);
		let sets = false;
		let inserts = false;
		for (const [i, token] of tokens.entries()) {
			if (token.type === "word" && token.value === "SET") sets = true;
			if (token.type === "word" && ["WHERE", "WHEN", "FROM"].includes(token.value)) sets = false;
			if (token.text === "(" && tokens[i - 1]?.value === "INSERT") inserts = true;
			if (token.text === ")") inserts = false;
			if ((token.type !== "word" && token.type !== "quoted") || scope.names.has(token)) continue;
			const column = parseIdentifier(token.text);
			const before = tokens[i - 1];
			const next = tokens[i + 1]?.text;
			const listed = scope.listed.get(token);
			if (listed) add(token, column, listed, true);
			else if (before?.text === ".") {
				const path: string[] = [];
				let at = i - 1;
				for (; tokens[at]?.text === "." && tokens[at - 1]; at -= 2)
					path.unshift(parseIdentifier((tokens[at - 1] as Token).text));
				// payload:a.b is a path into a value.
				if (tokens[at]?.text === ":") continue;
				for (let s: QueryScope | undefined = scope; s; s = s.parent) {
					const relation = s.relations.find((r) =>
						path.length === 1
							? r.alias === path[0]
							: r.name !== undefined && formatName(r.name).endsWith(formatName(path)),
					);
					if (!relation) continue;
					add(token, column, relation, true);
					break;
				}
			} else if (next === "(" || next === "." || next === "=>") continue;
			else if (before?.text === ":" || before?.text === "::") continue;
			else if (target && (inserts || (sets && next === "="))) add(token, column, target, true);
			else if (before?.value !== "AS" && !isAlias(before)) unqualified(scope, token, column);
		}
	}
	return found;
}

/**
 * The columns among `gone` that an object's bodies name. `known` are the columns of everything whose columns
 * are known, as they were.
 */
export function columnUses(
	object: ObjectModel,
	gone: ColumnsByName,
	known: ColumnsByName,
): readonly ColumnUse[] {
	const context = { database: object.name[0], schema: object.name[1] };
	const nameOf = ({ name }: Relation): string | undefined => {
		const full = name && complete(name, "schema", context);
		return full && formatName(full);
	};
	return objectType(object.kind).properties.flatMap((property) => {
		const value = object.properties[property.name];
		if (!property.clause.verbatim || typeof value !== "string") return [];
		const { tokens } = lex(textSource(objectKey(object), value));
		return usesIn(queryScopes(tokens), gone, known, nameOf).map(({ token, ...use }) => ({
			...use,
			property: property.name,
			at: { offset: token.start, length: token.end - token.start },
		}));
	});
}
