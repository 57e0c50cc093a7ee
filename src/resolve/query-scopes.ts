import { parseIdentifier, type QualifiedName } from "../model/identifier.ts";
import type { Token } from "../parse/lexer.ts";

/** Something whose columns a query can name: a table by its name, or a subquery, of which nothing is known. */
export interface Relation {
	/** What columns are qualified with. */
	readonly alias: string | undefined;
	/** As written; undefined for what is no object: subqueries, functions, stages, names of WITH. */
	readonly name: QualifiedName | undefined;
	/** It is written to: INTO, UPDATE. */
	readonly target: boolean;
	/** Expressions can name its columns: not what INSERT and COPY write to. */
	readonly read: boolean;
}

/** One SELECT, INSERT, UPDATE, MERGE or COPY, without the queries inside it. */
export interface QueryScope {
	readonly parent: QueryScope | undefined;
	readonly relations: readonly Relation[];
	/** Its tokens; a query inside it is left out, with its parentheses. */
	readonly tokens: readonly Token[];
	/** Tokens that name relations and their aliases. */
	readonly names: ReadonlySet<Token>;
	/** The columns that are listed behind INTO, by their tokens. */
	readonly listed: ReadonlyMap<Token, Relation>;
}

/** Words behind which a scope ends and another begins on the same level. */
const SET_OPERATORS = new Set(["UNION", "INTERSECT", "EXCEPT", "MINUS"]);

/** What can follow a relation and is not its alias. */
const AFTER_RELATION = new Set(
	`AS ASOF AT BEFORE CHANGES CONNECT CROSS DO EXCEPT FETCH FILE_FORMAT FORCE FROM FULL GROUP HAVING INNER INTERSECT JOIN
	LATERAL LEFT LIMIT LOOP MATCH_BY_COLUMN_NAME MATCH_CONDITION MATCH_RECOGNIZE MINUS NATURAL OFFSET ON ON_ERROR ORDER
	OUTER OVERWRITE PATTERN PIVOT QUALIFY RIGHT SAMPLE SELECT SET START TABLESAMPLE THEN UNION UNPIVOT USING VALUES WHEN
	WHERE WITH`.split(/\s+/),
);

const isName = (token: Token | undefined): boolean =>
	token?.type === "word" || token?.type === "quoted";

/** The index behind the parenthesis that closes the one at `at`. */
function behindGroup(tokens: readonly Token[], at: number): number {
	let depth = 0;
	for (let i = at; i < tokens.length; i++) {
		if (tokens[i]?.text === "(") depth++;
		if (tokens[i]?.text === ")" && --depth === 0) return i + 1;
	}
	return tokens.length;
}

/** Names a text gives its own queries: `WITH a AS (`, `, b AS (`. */
function ownNames(tokens: readonly Token[]): ReadonlySet<string> {
	return new Set(
		tokens.flatMap((token, i) =>
			isName(token) && tokens[i + 1]?.value === "AS" && tokens[i + 2]?.text === "("
				? [parseIdentifier(token.text)]
				: [],
		),
	);
}

/** The tokens of one scope while its relations are found. */
interface Own {
	readonly tokens: Token[];
	/** Where, among them, a query in parentheses was left out. */
	readonly holes: Set<number>;
	readonly inner: (readonly Token[])[];
}

function isQuery(tokens: readonly Token[]): boolean {
	const first = tokens.find((token) => token.text !== "(");
	return first?.type === "word" && (first.value === "SELECT" || first.value === "WITH");
}

/** Takes the queries in parentheses out of a statement. */
function withoutQueries(tokens: readonly Token[]): Own {
	const own: Own = { tokens: [], holes: new Set(), inner: [] };
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i] as Token;
		const end = token.text === "(" ? behindGroup(tokens, i) : i;
		const group = tokens.slice(i + 1, end - 1);
		if (end === i || !isQuery(group)) {
			own.tokens.push(token);
			continue;
		}
		own.holes.add(own.tokens.length);
		own.inner.push(group);
		i = end - 1;
	}
	return own;
}

/** Finds the relations of one scope, at the words that name them. */
function relationsOf(own: Own, given: ReadonlySet<string>) {
	const { tokens, holes } = own;
	const relations: Relation[] = [];
	const names = new Set<Token>();
	const listed = new Map<Token, Relation>();
	let depth = 0;
	/** Reads one relation at `at`; gives the index behind it. */
	const read = (at: number, target: boolean, readable = true): number => {
		let i = at;
		let name: string[] | undefined;
		if (!holes.has(i)) {
			while (["LATERAL", "TABLE"].includes(tokens[i]?.value ?? "")) i++;
			if (isName(tokens[i])) {
				name = [];
				for (;;) {
					const part = tokens[i] as Token;
					names.add(part);
					name.push(parseIdentifier(part.text));
					if (tokens[i + 1]?.text !== "." || !isName(tokens[i + 2])) break;
					i += 2;
				}
				i++;
			} else if (tokens[i] && tokens[i]?.text !== "(") i++;
		}
		const [only, ...more] = name ?? [];
		if (more.length === 0 && only !== undefined && given.has(only)) name = undefined;
		const group = tokens[i]?.text === "(";
		// A list of columns behind INTO; elsewhere the arguments of a function.
		const list = group && target && name !== undefined;
		if (group && !list) name = undefined;
		const end = group ? behindGroup(tokens, i) : i;
		const columns = list ? tokens.slice(i, end).filter(isName) : [];
		i = end;
		if (["AT", "BEFORE", "CHANGES", "SAMPLE", "TABLESAMPLE"].includes(tokens[i]?.value ?? ""))
			i = tokens[i + 1]?.text === "(" ? behindGroup(tokens, i + 1) : i;
		const as = tokens[i]?.value === "AS" && tokens[i]?.type === "word" ? 1 : 0;
		const next = tokens[i + as];
		const aliased =
			next !== undefined &&
			!holes.has(i + as) &&
			(next.type === "quoted" || (next.type === "word" && !AFTER_RELATION.has(next.value)));
		if (aliased) names.add(next);
		const alias = aliased ? parseIdentifier(next.text) : name?.at(-1);
		const relation: Relation = { alias, name, target, read: readable };
		relations.push(relation);
		for (const column of columns) listed.set(column, relation);
		return aliased ? i + as + 1 : i;
	};
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i] as Token;
		if (token.text === "(") depth++;
		if (token.text === ")") depth--;
		if (token.type !== "word") continue;
		const next = tokens[i + 1];
		if (token.value === "JOIN") i = read(i + 1, false) - 1;
		else if (depth > 0) continue;
		else if (token.value === "FROM" && tokens[i - 1]?.value !== "DISTINCT") {
			i = read(i + 1, false);
			while (tokens[i]?.text === "," && !holes.has(i)) i = read(i + 1, false);
			i--;
		} else if (token.value === "INTO") i = read(i + 1, true, tokens[i - 1]?.value === "MERGE") - 1;
		else if (token.value === "UPDATE" && next?.value !== "SET") i = read(i + 1, true) - 1;
		else if (token.value === "USING" && next?.text !== "(") i = read(i + 1, false) - 1;
	}
	return { relations, names, listed };
}

/** A statement without parentheses around the whole of it, as a pipe's COPY can have. */
function unwrapped(tokens: readonly Token[]): readonly Token[] {
	const whole = tokens[0]?.text === "(" && behindGroup(tokens, 0) === tokens.length;
	return whole ? unwrapped(tokens.slice(1, -1)) : tokens;
}

/** The parts of a statement between set operators. */
function parts(tokens: readonly Token[]): readonly (readonly Token[])[] {
	const found: Token[][] = [[]];
	let depth = 0;
	for (const token of tokens) {
		if (token.text === "(") depth++;
		if (token.text === ")") depth--;
		const ends =
			depth === 0 &&
			(token.text === ";" || (token.type === "word" && SET_OPERATORS.has(token.value)));
		if (ends) found.push([]);
		else found.at(-1)?.push(token);
	}
	return found.filter((part) => part.length > 0);
}

/**
 * Takes SQL apart into its statements and queries, each with what it reads and writes. By its tokens, without a
 * grammar of expressions: a body may be anything that Snowflake runs.
 */
export function queryScopes(tokens: readonly Token[]): readonly QueryScope[] {
	const given = ownNames(tokens);
	const scopes = (own: readonly Token[], parent: QueryScope | undefined): readonly QueryScope[] =>
		parts(own).flatMap((part) => {
			const found = withoutQueries(part);
			const scope: QueryScope = { parent, tokens: found.tokens, ...relationsOf(found, given) };
			return [scope, ...found.inner.flatMap((inner) => scopes(inner, scope))];
		});
	return scopes(unwrapped(tokens), undefined);
}
