import { objectName } from "../account/catalog.ts";
import { cannotBePerformed, compilationError } from "../account/errors.ts";
import { unsupported } from "../error.ts";
import type { Context, Handler, Json, Result } from "../types.ts";
import { statusResult } from "./result.ts";
import { findObject, findScope, requireEnd, unexpectedAt } from "./shared.ts";

function useRole(context: Context, name: string): Result {
	if (!context.catalog.find("ROLE", [name]))
		throw compilationError(
			"002043",
			"02000",
			"Object does not exist, or operation cannot be performed.",
		);
	context.session.role = name;
	return statusResult();
}

/** `USE [DATABASE|SCHEMA|WAREHOUSE|ROLE|SECONDARY ROLES] …`; a bare name is a database, `USE a.b` a schema. */
const use: Handler = async (context, statement) => {
	const rest = statement.rest();
	const { session } = context;
	if (rest.take("SECONDARY", "ROLES")) {
		if (!rest.take("NONE") && !rest.take("ALL")) throw unsupported("USE SECONDARY ROLES <names>");
		requireEnd(rest);
		return statusResult();
	}
	const word = ["DATABASE", "SCHEMA", "WAREHOUSE", "ROLE"].find((kind) => rest.take(kind));
	const { parts } = rest.expectName();
	requireEnd(rest);
	if (word === "ROLE") return useRole(context, parts[0] ?? "");
	if (word === "WAREHOUSE") {
		if (!context.catalog.find("WAREHOUSE", parts)) throw cannotBePerformed();
		session.warehouse = parts[0];
		return statusResult();
	}
	if (word === "SCHEMA" || (word === undefined && parts.length === 2)) {
		const schema = findScope(context, "SCHEMA", parts);
		session.database = schema.database;
		session.schema = schema.name;
		return statusResult();
	}
	const database = findScope(context, "DATABASE", parts);
	session.database = database.name;
	const hasPublic = context.catalog.find("SCHEMA", [database.name, "PUBLIC"]);
	session.schema = hasPublic ? "PUBLIC" : undefined;
	return statusResult();
};

/** `COMMENT [IF EXISTS] ON <kind> name IS 'text'`. */
const comment: Handler = async (context, statement) => {
	const rest = statement.rest();
	const ifExists = rest.take("IF", "EXISTS");
	rest.expect("ON");
	if (rest.looksAt("COLUMN")) {
		rest.expect("COLUMN");
		const { parts } = rest.expectName();
		rest.expect("IS");
		const text = rest.expectString();
		requireEnd(rest);
		const relation = context.qualify(parts.slice(0, -1), "schema");
		return commentColumn(context, relation, parts.at(-1) ?? "", text);
	}
	const kinds = [...context.kinds.values()].sort((a, b) => b.kind.length - a.kind.length);
	const kind =
		kinds.find((candidate) => rest.take(...candidate.kind.split(" "))) ??
		kinds.find((candidate) => candidate.aliases?.some((alias) => rest.take(...alias.split(" "))));
	if (!kind) throw unsupported(`COMMENT ON ${rest.peek()?.value ?? ""}`);
	const { parts } = rest.expectName();
	rest.expect("IS");
	const text = rest.expectString();
	requireEnd(rest);
	if (ifExists && !context.catalog.find(kind.kind, context.qualify(parts, kind.level)))
		return statusResult();
	const object = findObject(context, kind, parts);
	await context.catalog.update({ ...object, comment: text === "" ? null : text });
	return statusResult();
};

async function commentColumn(
	context: Context,
	relation: readonly string[],
	name: string,
	text: string,
): Promise<Result> {
	const object =
		context.catalog.find("VIEW", relation) ??
		context.catalog.find("DYNAMIC TABLE", relation) ??
		findObject(context, { kind: "TABLE", level: "schema" }, relation);
	const columns = object.properties.columns as readonly { readonly [key: string]: Json }[];
	if (!columns.some((column) => column.name === name))
		throw compilationError(
			"000904",
			"42000",
			`error line 1 at position 0\ninvalid identifier '${name}'`,
		);
	await context.catalog.update({
		...object,
		properties: {
			...object.properties,
			columns: columns.map((column) =>
				column.name === name ? { ...column, comment: text === "" ? null : text } : column,
			),
		},
	});
	return statusResult(`Comment on column ${[...objectName(object), name].join(".")} set.`);
}

/** `UNSET name`. `SET` evaluates an expression, so it lives with the expressions. */
const unset: Handler = async (context, statement) => {
	const rest = statement.rest();
	const names = rest.looksAt("(") ? rest.expectGroup().splitAt() : [rest];
	for (const name of names) {
		context.session.variables.delete(name.expectIdentifier());
		if (!name.done) throw unexpectedAt(name);
	}
	requireEnd(rest);
	return statusResult();
};

/** Statements that change or read the session. */
export const SESSION_HANDLERS: Readonly<Record<string, Handler>> = {
	COMMENT: comment,
	UNSET: unset,
	USE: use,
};
