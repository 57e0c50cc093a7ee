import { DeployError, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Span } from "../diagnostics/source.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import { type Grant, type Grantee, grantOf } from "../model/grant.ts";
import { formatName, type QualifiedName } from "../model/identifier.ts";
import { privilegesOn } from "../objects/define/privilege.ts";
import { OBJECT_TYPES, objectType } from "../objects/index.ts";
import type { Cursor, WrittenName } from "../parse/cursor.ts";
import type { OtherStatement } from "../parse/statement.ts";
import { type FileContext, qualify } from "./context.ts";
import type { Folding } from "./fold.ts";

/** Forms of GRANT that Snowflake has and files cannot declare, by what stands behind GRANT. */
const REFUSED_FORMS: Readonly<Record<string, string>> = {
	ROLE: "GRANT ROLE is not managed: a role is not an object of a project yet",
	"DATABASE ROLE": "GRANT DATABASE ROLE is not managed: a role is not an object of a project yet",
	"APPLICATION ROLE": "GRANT APPLICATION ROLE is not managed",
	CALLER: "caller grants are not managed",
	"INHERITED CALLER": "caller grants are not managed",
	INHERITED: "inherited grants are not managed",
};

/** What GRANT … ON can name and no declared object is. */
const REFUSED_TARGETS: Readonly<Record<string, string>> = {
	ACCOUNT: "privileges on the account are not managed: no object of a project is the account",
	ALL: "GRANT … ON ALL grants on what exists at that moment: grant on each object",
	FUTURE: "future grants are not managed: grant on each object",
};

/** Whom GRANT … TO can name and Snowline does not grant to. */
const REFUSED_GRANTEES: Readonly<Record<string, string>> = {
	SHARE: "grants to a share are not managed: what a share holds is decided with the share",
	"APPLICATION ROLE": "grants to an application role are not managed",
	APPLICATION: "grants to an application are not managed",
};

function refused(span: Span, summary: string, hint?: { hint?: string }): DeployError {
	return new DeployError(EXIT.input, errorAt(span, "UNSUPPORTED_CLAUSE", summary, hint));
}

/** Throws for a form whose words come next. */
function refuse(cursor: Cursor, forms: Readonly<Record<string, string>>): void {
	const at = cursor.here();
	const words = Object.keys(forms).sort((a, b) => b.length - a.length);
	const found = words.find((phrase) => cursor.take(...phrase.split(" ")));
	if (found !== undefined) throw refused(at, forms[found] ?? found);
}

/** A privilege as it is written, and where. */
interface WrittenPrivilege {
	readonly name: string;
	readonly span: Span;
}

/** `SELECT, INSERT`, or undefined for `ALL [PRIVILEGES]`. */
function readPrivileges(cursor: Cursor): readonly WrittenPrivilege[] | undefined {
	if (cursor.take("ALL")) {
		cursor.take("PRIVILEGES");
		return undefined;
	}
	const found: WrittenPrivilege[] = [];
	do {
		const first = cursor.peek();
		const words: string[] = [];
		while (first && !cursor.done && !cursor.looksAt(",") && !cursor.looksAt("ON"))
			words.push(cursor.expectIdentifier("a privilege"));
		if (!first || words.length === 0) throw cursor.error("a privilege");
		found.push({ name: words.join(" "), span: cursor.spanFrom(first) });
	} while (cursor.take(","));
	return found;
}

/** The words by which GRANT calls kinds: its own for each, INTEGRATION for several. */
function targetWords(): ReadonlyMap<string, readonly string[]> {
	const words = new Map<string, string[]>();
	for (const { kind, grants } of OBJECT_TYPES.values())
		for (const word of new Set([kind, grants.word ?? kind]))
			words.set(word, [...(words.get(word) ?? []), kind]);
	return words;
}

/** `KIND name` behind ON: the kinds that the word can mean, and the full name. */
function readName(
	cursor: Cursor,
	context: FileContext,
): {
	readonly word: string;
	readonly kinds: readonly string[];
	readonly name: QualifiedName;
	readonly written: WrittenName;
} {
	refuse(cursor, REFUSED_TARGETS);
	const words = targetWords();
	const word = [...words.keys()]
		.sort((a, b) => b.length - a.length)
		.find((phrase) => cursor.take(...phrase.split(" ")));
	if (word === undefined) throw cursor.error(`a kind of object (${[...words.keys()].join(", ")})`);
	const kinds = words.get(word) ?? [];
	const written = cursor.expectName();
	const level = objectType(kinds[0] ?? word).level;
	return { word, kinds, name: qualify(written, level, context), written };
}

/** The object behind ON, as it is known by now. */
export function readTarget(state: Folding, cursor: Cursor): ObjectModel {
	const { word, kinds, name, written } = readName(cursor, state.context);
	for (const kind of kinds) {
		const object = state.objects.get(objectKey({ kind, name }));
		if (object) return object;
	}
	const same = [...state.objects.values()]
		.filter((o) => kinds.includes(o.kind))
		.map((o) => formatName(o.name));
	throw new DeployError(
		EXIT.input,
		errorAt(
			written.span,
			"NOT_DECLARED",
			`${word} ${formatName(name)} is not declared here, so nothing can be granted on it here`,
			didYouMean(formatName(name), same),
		),
	);
}

/** `[ROLE] r`, `DATABASE ROLE [db.]r`, `USER u`. A database role without its database is one of the object's. */
function readGrantee(cursor: Cursor, object: ObjectModel): Grantee {
	refuse(cursor, REFUSED_GRANTEES);
	if (cursor.take("DATABASE", "ROLE")) {
		const { parts, span } = cursor.expectName("a database role");
		const name = parts.length === 1 ? [object.name[0] ?? "", ...parts] : parts;
		if (name[0] !== object.name[0])
			throw refused(
				span,
				`${formatName(name)} cannot hold a privilege on ${objectKey(object)}: a database role holds those of its own database`,
			);
		return { kind: "DATABASE ROLE", name };
	}
	if (cursor.take("USER")) return { kind: "USER", name: [cursor.expectIdentifier("a user")] };
	cursor.take("ROLE");
	return { kind: "ROLE", name: [cursor.expectIdentifier("a role")] };
}

/** The privileges that are granted on an object; throws for one that there is not. */
function chosen(
	object: ObjectModel,
	written: readonly WrittenPrivilege[] | undefined,
	statement: OtherStatement,
): readonly WrittenPrivilege[] {
	const { grants, kind } = objectType(object.kind);
	if (!written) {
		// What ALL would give is not known; what it takes is whatever there is.
		if (grants.noAll !== undefined && statement.first === "GRANT")
			throw refused(statement.span, `GRANT ALL ON ${kind}: ${grants.noAll}`);
		return privilegesOn(grants, object).map((name) => ({ name, span: statement.span }));
	}
	const wrong = written.flatMap(({ name, span }) => {
		const known = grants.privileges.find((p) => p.name === name);
		if (known && (known.applies?.(object) ?? true)) return [];
		const names = grants.privileges.map((p) => p.name);
		return [
			errorAt(
				span,
				"PRIVILEGE",
				known
					? `${name} cannot be granted on ${objectKey(object)}`
					: `${name} is not a privilege on a ${kind.toLowerCase()}`,
				known?.rule === undefined ? didYouMean(name, names) : { hint: known.rule },
			),
		];
	});
	if (wrong.length > 0) throw new DeployError(EXIT.input, wrong);
	return written;
}

/** `privileges ON object TO|FROM grantee`, up to what stands behind it. */
function readEdges(
	state: Folding,
	statement: OtherStatement,
	cursor: Cursor,
	preposition: "TO" | "FROM",
): (value: boolean) => readonly Grant[] {
	refuse(cursor, REFUSED_FORMS);
	const written = readPrivileges(cursor);
	cursor.expect("ON");
	const object = readTarget(state, cursor);
	cursor.expect(preposition);
	const to = readGrantee(cursor, object);
	return (value) =>
		chosen(object, written, statement).map(({ name, span }) =>
			grantOf(object, { privilege: name, to, value, declared: span }),
		);
}

/** What a privilege's GRANT or REVOKE does. */
export interface PrivilegeEffect {
	readonly does: "grant" | "revoke" | "revoke option";
	readonly grant: Grant;
}

/**
 * What GRANT and REVOKE of privileges do, one effect for each privilege. Throws a DeployError (exit 65) for forms that
 * are not managed.
 * https://docs.snowflake.com/en/sql-reference/sql/revoke-privilege
 */
export function readGrantEffects(
	state: Folding,
	statement: OtherStatement,
): readonly PrivilegeEffect[] {
	const cursor = statement.rest();
	const end = (expected: string): void => {
		if (!cursor.done) throw cursor.error(`${expected}, or the end of the statement`);
	};
	if (statement.first === "GRANT") {
		const edges = readEdges(state, statement, cursor, "TO");
		const option = cursor.take("WITH", "GRANT", "OPTION");
		end("WITH GRANT OPTION");
		return edges(option).map((grant) => ({ does: "grant", grant }));
	}
	const option = cursor.take("GRANT", "OPTION", "FOR");
	const edges = readEdges(state, statement, cursor, "FROM");
	if (!cursor.take("RESTRICT")) cursor.take("CASCADE");
	end("RESTRICT, CASCADE");
	return edges(false).map((grant) => ({ does: option ? "revoke option" : "revoke", grant }));
}

/** The name of what GRANT or REVOKE is about; undefined where it is no single object. */
export function grantedName(
	statement: OtherStatement,
	context: FileContext,
): QualifiedName | undefined {
	const cursor = statement.rest();
	while (!cursor.done && !cursor.looksAt("ON")) cursor.next();
	if (!cursor.take("ON")) return undefined;
	try {
		return readName(cursor, context).name;
	} catch (error) {
		if (error instanceof DeployError) return undefined;
		throw error;
	}
}
