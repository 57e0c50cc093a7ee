import { DeployError, type Diagnostic, errorAt } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { type Span, textSource } from "../../diagnostics/source.ts";
import type { Properties, Value } from "../../model/value.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { type CreateStatement, parse } from "../../parse/statement.ts";
import { commentsNear } from "./comments-near.ts";
import type { ObjectType } from "./object-type.ts";
import type { Property } from "./property.ts";
import type { ReadContext } from "./value-syntax.ts";

/** What the clauses of a statement say, where each was written, and what is wrong with them. */
export interface ReadClauses {
	readonly properties: Properties;
	readonly spans: ReadonlyMap<string, Span>;
	readonly diagnostics: readonly Diagnostic[];
	/** Properties whose clauses have mistakes. */
	readonly unread: ReadonlySet<string>;
}

/** A clause that Snowflake has and the kind does not take, with the reason; undefined for anything else. */
function refused(
	type: ObjectType,
	cursor: Cursor,
): { readonly phrase: string; readonly reason: string } | undefined {
	const found = Object.entries(type.refused).find(([phrase]) =>
		cursor.looksAt(...phrase.split(" ")),
	);
	return found && { phrase: found[0], reason: found[1] };
}

/** Moves past one unknown clause: a word, and `= value` or a group if they follow. */
function skipClause(cursor: Cursor): void {
	cursor.next();
	const assigned = cursor.take("=");
	if (!cursor.takeGroup() && assigned && !cursor.done) {
		cursor.next();
		cursor.takeGroup();
	}
}

/** Whether a clause begins at the cursor, other than one right behind the object's name. */
function starts(cursor: Cursor, clauses: readonly Property[]): boolean {
	return clauses.some((p) => !p.clause.attached && p.clause.starts(cursor));
}

function unknown(type: ObjectType, cursor: Cursor, clauses: readonly Property[]): Diagnostic {
	const token = cursor.peek();
	const word = token?.text ?? "";
	const refusal = refused(type, cursor);
	if (refusal)
		return errorAt(
			cursor.here(),
			"UNSUPPORTED_CLAUSE",
			`${type.kind} … ${refusal.phrase}: ${refusal.reason}`,
		);
	const known = clauses.map((p) => p.clause.keywords.join(" "));
	return errorAt(
		cursor.here(),
		"UNKNOWN_PROPERTY",
		`${word} is not a property of ${type.kind}`,
		didYouMean(word, known),
	);
}

/**
 * Reads clauses up to the end of the cursor, in any order. Mistakes are collected: after one, reading
 * goes on at the next clause, so that several are reported together.
 */
export function readClauses(
	type: ObjectType,
	cursor: Cursor,
	context: ReadContext,
	places: readonly string[],
): ReadClauses {
	const all = type.properties.filter((p) => places.includes(p.clause.place));
	const begin = cursor.at;
	const properties: Record<string, Value> = {};
	const spans = new Map<string, Span>();
	const diagnostics: Diagnostic[] = [];
	const unread = new Set<string>();
	const marking: ReadContext = { ...context, mark: (part, span) => spans.set(part, span) };
	while (!cursor.done) {
		if (cursor.take(",")) continue;
		if (type.replaceWith.some((phrase) => cursor.take(...phrase.split(" ")))) continue;
		const at = cursor.at;
		const first = cursor.peek();
		// Only right behind the name do parentheses mean columns.
		const clauses = at === begin ? all : all.filter((p) => !p.clause.attached);
		const noise = first?.type === "word" && type.noise.includes(first.value);
		let found = clauses.find((p) => p.clause.starts(cursor));
		if (!found && noise) {
			cursor.next();
			found = clauses.find((p) => p.clause.starts(cursor));
		}
		if (!found) {
			const misplaced = clauses.find(
				(p) =>
					first?.type === "word" &&
					p.clause.keywords.length === 1 &&
					p.clause.keywords[0] === first.value,
			);
			diagnostics.push(
				misplaced
					? errorAt(cursor.here(), "SYNTAX", `expected ${misplaced.clause.shape}`)
					: unknown(type, cursor, clauses),
			);
			// What follows a refused clause is its own (a whole query after AS), not more mistakes.
			if (!misplaced && refused(type, cursor))
				while (!cursor.done && !starts(cursor, all)) cursor.next();
			else skipClause(cursor);
			continue;
		}
		const start = cursor.peek();
		try {
			const read = found.clause.read(cursor, marking);
			const values = found.clause.spread ? (read as Properties) : { [found.name]: read };
			for (const [name, value] of Object.entries(values)) {
				if (name in properties)
					diagnostics.push(
						errorAt(
							start && cursor.span(start, start),
							"DUPLICATE_PROPERTY",
							`${name} is written twice`,
						),
					);
				properties[name] = value;
				if (start) spans.set(name, cursor.spanFrom(start));
			}
		} catch (error) {
			if (!(error instanceof DeployError)) throw error;
			diagnostics.push(...error.diagnostics);
			unread.add(found.name);
			cursor.at = Math.max(cursor.at, at);
			// Parentheses that were read to their end hold the mistake: the next clause begins right behind.
			if (cursor.at > at && cursor.tokens[cursor.at - 1]?.text === ")") continue;
			while (!cursor.done && !refused(type, cursor) && !starts(cursor, all)) cursor.next();
		}
	}
	return { properties, spans, diagnostics, unread };
}

/** Reads the properties of a CREATE statement of this kind: its modifiers, clauses and body. */
export function readCreate(
	type: ObjectType,
	statement: CreateStatement,
	context: ReadContext,
): ReadClauses {
	const near: ReadContext = {
		...context,
		commentsNear: (span) => commentsNear(statement.comments, span),
	};
	const read = readClauses(type, statement.rest(), near, ["clause", "alter", "body"]);
	const properties: Record<string, Value> = { ...read.properties };
	const spans = new Map(read.spans);
	const diagnostics = [...read.diagnostics];
	for (const modifier of statement.modifiers) {
		const found = type.properties.find(
			(p) => p.clause.place === "modifier" && p.clause.keywords[0] === modifier.value,
		);
		const span = { source: statement.source, start: modifier.start, end: modifier.end };
		if (found) {
			properties[found.name] = true;
			spans.set(found.name, span);
			continue;
		}
		const reason = type.refused[modifier.value];
		const known = type.properties.filter((p) => p.clause.place === "modifier").map((p) => p.name);
		diagnostics.push(
			reason === undefined
				? errorAt(
						span,
						"UNKNOWN_PROPERTY",
						`${modifier.text} is not a property of ${type.kind}`,
						didYouMean(modifier.value, known),
					)
				: errorAt(span, "UNSUPPORTED_CLAUSE", `${modifier.value} ${type.kind}: ${reason}`),
		);
	}
	return { properties, spans, diagnostics, unread: read.unread };
}

/** Names as they stand, for text that Snowflake wrote with fully qualified names. */
const asWritten: ReadContext = { qualify: (name) => name.parts };

/** The properties that a CREATE statement printed by the account (GET_DDL) gives; mistakes are ignored there. */
export function readDdl(type: ObjectType, ddl: string): Properties {
	const statement = parse(textSource(`GET_DDL of ${type.kind}`, ddl), [type.kind])[0];
	if (statement?.verb !== "CREATE") return {};
	return readCreate(type, statement, asWritten).properties;
}
