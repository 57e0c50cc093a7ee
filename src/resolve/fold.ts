import { DeployError, type Diagnostic, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Span } from "../diagnostics/source.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import type { EdgeKey } from "../model/edge.ts";
import type { Grant } from "../model/grant.ts";
import { formatName, type QualifiedName } from "../model/identifier.ts";
import type { ObjectType } from "../objects/define/object-type.ts";
import { readClauses, readCreate } from "../objects/define/read-create.ts";
import type { ReadContext } from "../objects/define/value-syntax.ts";
import { KINDS, OBJECT_TYPES, objectType } from "../objects/index.ts";
import type { Cursor } from "../parse/cursor.ts";
import type {
	CreateStatement,
	ObjectStatement,
	OtherStatement,
	Statement,
} from "../parse/statement.ts";
import { complete, type FileContext, qualify } from "./context.ts";
import { readDirectives } from "./directives.ts";

/** A catalog being put together: objects by key, the context the next statement is read in, what went wrong. */
export interface Folding {
	readonly objects: Map<string, ObjectModel>;
	/** Who is granted what on them; where it is absent, grants are read and not kept. */
	readonly grants?: Map<EdgeKey, Grant>;
	context: FileContext;
	readonly diagnostics: Diagnostic[];
	/** Owner roles of kinds that have one of their own (`owners` of the environment). */
	readonly owners: Readonly<Record<string, string>>;
}

function readContext(context: FileContext): ReadContext {
	return { qualify: (name, level) => qualify(name, level, context) };
}

/** Runs one reading step; its expected failures become diagnostics. */
export function collect<T>(state: Folding, run: () => T): T | undefined {
	try {
		return run();
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		state.diagnostics.push(...error.diagnostics);
		return undefined;
	}
}

/** The kind a statement names, or an error with the nearest one. */
function knownType(
	state: Folding,
	statement: CreateStatement | ObjectStatement,
): ObjectType | undefined {
	const type = statement.kind === undefined ? undefined : OBJECT_TYPES.get(statement.kind);
	if (type) return type;
	const { source, start, end } = statement.kindSpan;
	const word = source.text.slice(start, end).toUpperCase().replace(/\s+/g, " ");
	state.diagnostics.push(
		errorAt(
			statement.kindSpan,
			"UNKNOWN_KIND",
			`${word || "this"} is not a kind of object Snowline knows`,
			didYouMean(word, KINDS),
		),
	);
	return undefined;
}

function nameOf(
	state: Folding,
	statement: CreateStatement | ObjectStatement,
	type: ObjectType,
): QualifiedName | undefined {
	if (!statement.name) {
		state.diagnostics.push(
			statement.rest().error(`the ${type.kind.toLowerCase()}'s name`).diagnostics[0] as Diagnostic,
		);
		return undefined;
	}
	const written = statement.name;
	return collect(state, () => qualify(written, type.level, state.context));
}

/** Moves the context into a container: `CREATE SCHEMA` and `USE SCHEMA` alike. */
function enter(
	context: FileContext,
	opens: "database" | "schema",
	name: QualifiedName,
): FileContext {
	const { role: owner, roleSpan } = context;
	const role = owner === undefined ? {} : { role: owner, roleSpan };
	if (opens === "database") return { ...role, database: name[0], schema: "PUBLIC" };
	return { ...role, database: name[0], schema: name[1] };
}

/**
 * Unqualified names that Snowflake resolves in the object's own schema, where the file's context says
 * another: the statement would mean something else here than in a worksheet.
 */
function shiftingNames(
	type: ObjectType,
	model: ObjectModel,
	context: FileContext,
): readonly Diagnostic[] {
	const own = { database: model.name[0], schema: model.name[1] };
	return type.properties.flatMap((property) => {
		const value = model.properties[property.name];
		const references =
			value === undefined || value === null ? [] : (property.references?.(value, model) ?? []);
		return references.flatMap(({ name, level }) => {
			const here = complete(name, level, context);
			const there = complete(name, level, own);
			if (!here || !there || formatName(here) === formatName(there)) return [];
			return [
				errorAt(
					model.declared?.properties.get(property.name),
					"AMBIGUOUS_NAME",
					`${formatName(name)} means ${formatName(there)} in ${objectKey(model)}, and ${formatName(here)} in this file`,
					{
						hint: "qualify the name, or put the right USE SCHEMA before the statement",
					},
				),
			];
		});
	});
}

/** CREATE: declares an object. Declaring one twice is an error that names both places. */
export function foldCreate(state: Folding, statement: CreateStatement): void {
	const type = knownType(state, statement);
	const name = type && nameOf(state, statement, type);
	if (!type || !name || !statement.name) return;
	const { properties, spans, diagnostics, unread } = readCreate(
		type,
		statement,
		readContext(state.context),
	);
	state.diagnostics.push(...diagnostics);
	const read = readDirectives(
		statement,
		type.level,
		state.context,
		type.properties.map((p) => p.name),
	);
	state.diagnostics.push(...read.diagnostics);
	const owner = state.context.role ?? state.owners[type.kind];
	const model: ObjectModel = {
		kind: type.kind,
		name,
		properties,
		directives: read.directives,
		...(owner === undefined ? {} : { owner }),
		declared: {
			name: statement.name.span,
			statement: statement.span,
			properties: spans,
			ifNotExists: statement.mode === "if not exists",
			...(unread.size > 0 && { unread }),
			...(state.context.roleSpan && { role: state.context.roleSpan }),
		},
	};
	state.diagnostics.push(...shiftingNames(type, model, state.context));
	const key = objectKey(model);
	const earlier = [type.kind, ...type.sharesNames]
		.map((kind) => state.objects.get(objectKey({ kind, name })))
		.find((object) => object?.declared);
	if (earlier?.declared) {
		const { source, start, end } = earlier.declared.name;
		const at = source.locate(start, end);
		const summary =
			earlier.kind === type.kind
				? `${key} is declared twice`
				: `${key} has the name of a ${earlier.kind.toLowerCase()}, and a schema gives a name to one of them only`;
		state.diagnostics.push(
			errorAt(statement.name.span, "DUPLICATE_OBJECT", summary, {
				hint: `the other declaration is at ${at.file}:${at.line}:${at.column}`,
			}),
		);
	} else state.objects.set(key, model);
	if (type.opens) state.context = enter(state.context, type.opens, name);
}

/** Replaces an object's properties, keeping where they were written. */
function amend(
	state: Folding,
	object: ObjectModel,
	properties: ObjectModel["properties"],
	spans: ReadonlyMap<string, Span>,
): void {
	const declared = object.declared && {
		...object.declared,
		properties: new Map([...object.declared.properties, ...spans]),
	};
	state.objects.set(objectKey(object), { ...object, properties, ...(declared && { declared }) });
}

function unsetNames(type: ObjectType, cursor: Cursor): readonly string[] {
	return cursor.splitAt(",").map((part) => {
		const found = type.properties.find((p) => part.looksAt(...p.clause.keywords));
		if (!found)
			throw new DeployError(
				EXIT.input,
				errorAt(
					part.here(),
					"UNKNOWN_PROPERTY",
					`${part.peek()?.text} is not a property of ${type.kind}`,
					didYouMean(
						part.peek()?.text ?? "",
						type.properties.map((p) => p.clause.keywords.join(" ")),
					),
				),
			);
		return found.name;
	});
}

/** ALTER: adds to what is declared. `rename` says whether RENAME TO may be folded (migrations) or is misplaced (files). */
export function foldAlter(
	state: Folding,
	statement: ObjectStatement,
	options: { readonly rename: boolean },
): void {
	const type = knownType(state, statement);
	const name = type && nameOf(state, statement, type);
	if (!type || !name || !statement.name) return;
	const object = state.objects.get(objectKey({ kind: type.kind, name }));
	if (!object) {
		const same = [...state.objects.values()]
			.filter((o) => o.kind === type.kind)
			.map((o) => formatName(o.name));
		state.diagnostics.push(
			errorAt(
				statement.name.span,
				"NOT_DECLARED",
				`${type.kind} ${formatName(name)} is not declared here, so it cannot be altered here`,
				didYouMean(formatName(name), same),
			),
		);
		return;
	}
	const cursor = statement.rest();
	const context = readContext(state.context);
	collect(state, () => {
		const alteration = type.alterations.find((a) => cursor.looksAt(...a.keywords));
		if (alteration) {
			const first = cursor.peek();
			cursor.take(...alteration.keywords);
			const properties = alteration.apply(object.properties, cursor, context);
			const changed = Object.keys(properties).filter(
				(key) => properties[key] !== object.properties[key],
			);
			amend(
				state,
				object,
				properties,
				new Map(first ? changed.map((key) => [key, cursor.span(first, first)]) : []),
			);
		} else if (cursor.take("SET")) {
			const read = readClauses(type, cursor, context, ["clause", "alter"]);
			state.diagnostics.push(...read.diagnostics);
			amend(state, object, { ...object.properties, ...read.properties }, read.spans);
		} else if (cursor.take("UNSET")) {
			const gone = unsetNames(type, cursor);
			amend(
				state,
				object,
				Object.fromEntries(
					Object.entries(object.properties).filter(([key]) => !gone.includes(key)),
				),
				new Map(),
			);
		} else if (options.rename && cursor.take("RENAME", "TO")) {
			const to = qualify(cursor.expectName(), type.level, { database: name[0], schema: name[1] });
			state.objects.delete(objectKey(object));
			state.objects.set(objectKey({ kind: type.kind, name: to }), { ...object, name: to });
		} else
			throw cursor.error(
				["SET", "UNSET", ...type.alterations.map((a) => a.keywords.join(" "))].join(", "),
			);
	});
}

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
