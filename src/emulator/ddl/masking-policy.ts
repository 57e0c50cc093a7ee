import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { parseDataType } from "../account/data-type.ts";
import { compilationError } from "../account/errors.ts";
import { sessionParameter } from "../account/parameters.ts";
import { contextIn, cursorOver, statementScope } from "../account/scope/scope.ts";
import { duckdbType } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import {
	booleanValue,
	invalidProperty,
	type Property,
	readProperties,
	stringValue,
} from "../load/property-list.ts";
import { compileExpression } from "../sql/compile.ts";
import { readExpression, takeExpression } from "../sql/parse.ts";
import type { CatalogObject, Context, Json, Kind, SqlType } from "../types.ts";
import * as column from "./columns.ts";
import { DONE } from "./lifecycle.ts";
import { type Argument, attachments, type Policy, policyOf } from "./masking.ts";
import { statusResult, textResult } from "./result.ts";
import {
	addObject,
	beginCreate,
	created,
	fullName,
	renameObject,
	requireEnd,
	splitName,
	unexpectedAt,
} from "./shared.ts";

interface Definition extends Policy {
	readonly comment: string | null;
}

function readType(context: Context, cursor: Cursor): SqlType {
	return parseDataType(cursor, sessionParameter(context, "TIMESTAMP_TYPE_MAPPING"));
}

/** An expression as written; the cursor is left behind it. */
function takeBody(cursor: Cursor): string {
	const first = cursor.peek();
	if (!first) throw unexpectedAt(cursor);
	takeExpression(cursor);
	const { source, start, end } = cursor.spanFrom(first);
	return source.text.slice(start, end);
}

function readOptions(properties: readonly Property[]): Pick<Definition, "comment" | "exempt"> {
	let comment: string | null = null;
	let exempt = false;
	for (const property of properties) {
		if (property.name === "COMMENT") comment = stringValue(property) || null;
		else if (property.name === "EXEMPT_OTHER_POLICIES") exempt = booleanValue(property);
		else throw invalidProperty(property, "MASKING POLICY");
	}
	return { comment, exempt };
}

function readDefinition(context: Context, rest: Cursor): Definition {
	rest.expect("AS");
	const signature = rest
		.expectGroup()
		.splitAt()
		.map((part): Argument => {
			const name = part.expectIdentifier("an argument's name");
			const type = readType(context, part);
			requireEnd(part);
			return { name, type };
		});
	const [first] = signature;
	if (!first) throw unexpectedAt(rest);
	rest.expect("RETURNS");
	const returns = readType(context, rest);
	rest.expect("->");
	const body = takeBody(rest);
	if (returns.base !== first.type.base)
		throw compilationError(
			"003533",
			"42601",
			`Masking policy return type ${returns.text} must match the type ${first.type.text} of its first argument.`,
		);
	return { signature, returns, body, ...readOptions(readProperties(rest)) };
}

/** Compiles a body over its arguments, so that what it names is looked for when the policy is made. */
async function compileBody(
	context: Context,
	place: CatalogObject,
	{ signature, returns, body }: Policy,
): Promise<void> {
	const known = signature.map(({ name, type }) => ({
		name,
		type,
		sql: `CAST(NULL AS ${duckdbType(type)})`,
	}));
	const scope = statementScope(contextIn(context, place));
	await compileExpression(readExpression(cursorOver(body)), scope, known, returns);
}

/** Snowflake's refusal while any column has the policy; the wording is not in the documentation. */
function requireUnused(context: Context, policy: CatalogObject): void {
	const gone = (database: string | undefined, schema: string | undefined) =>
		!context.catalog.find("DATABASE", [database ?? ""]) ||
		!context.catalog.find("SCHEMA", [database ?? "", schema ?? ""]);
	// A dropped schema may take a policy and the columns it is on along together.
	const used = attachments(context, policy.id).filter(
		({ object }) => !gone(object.database, object.schema),
	);
	if (used.length === 0) return;
	throw compilationError(
		"003541",
		"42501",
		`Policy ${fullName(policy)} cannot be dropped/replaced as it is associated with one or more entities.`,
	);
}

function stored({ comment: _, ...policy }: Definition): { readonly [key: string]: Json } {
	return policy as unknown as { readonly [key: string]: Json };
}

/** A type as signatures print it: without its length. */
function bareType(type: SqlType): string {
	return type.text.replace(/\(.*\)$/s, "");
}

function signatureText({ signature }: Policy): string {
	return `(${signature.map(({ name, type }) => `${formatIdentifier(name)} ${bareType(type)}`).join(", ")})`;
}

function sameSignature(a: Policy, b: Policy): boolean {
	return signatureText(a) === signatureText(b) && a.returns.base === b.returns.base;
}

/** MASKING POLICY. https://docs.snowflake.com/en/sql-reference/sql/create-masking-policy */
export const maskingPolicy: Kind = {
	kind: "MASKING POLICY",
	plural: "MASKING POLICIES",
	level: "schema",
	async create(context, statement) {
		const definition = readDefinition(context, statement.rest());
		const creation = beginCreate(context, maskingPolicy, statement, { orAlter: true });
		if (creation.step === "nothing") return creation.result;
		if (creation.step === "alter") {
			const { object } = creation;
			if (!sameSignature(policyOf(object), definition))
				throw compilationError(
					"003532",
					"0A000",
					`The signature of masking policy '${object.name}' cannot be changed.`,
				);
			if (policyOf(object).exempt !== definition.exempt) requireUnused(context, object);
			await compileBody(context, object, definition);
			await context.catalog.update({
				...object,
				comment: definition.comment,
				properties: stored(definition),
			});
			return statusResult(`Masking policy ${object.name} successfully altered.`);
		}
		const place = {
			...splitName(maskingPolicy, creation.name),
			id: 0,
			kind: "MASKING POLICY",
			owner: "",
			createdOn: 0,
			comment: null,
			properties: {},
		};
		await compileBody(context, place, definition);
		const object = await addObject(context, maskingPolicy, creation, {
			comment: definition.comment,
			properties: stored(definition),
		});
		return created(maskingPolicy, object);
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (rest.take("RENAME", "TO")) {
			await renameObject(context, maskingPolicy, object, rest);
			return DONE;
		}
		if (rest.looksAt("SET", "TAG") || rest.looksAt("UNSET", "TAG"))
			throw unsupported("tags on MASKING POLICY");
		if (rest.take("UNSET", "COMMENT")) {
			requireEnd(rest);
			await context.catalog.update({ ...object, comment: null });
			return DONE;
		}
		rest.expect("SET");
		if (rest.take("BODY")) {
			rest.expect("->");
			const body = takeBody(rest);
			requireEnd(rest);
			await compileBody(context, object, { ...policyOf(object), body });
			await context.catalog.update({ ...object, properties: { ...object.properties, body } });
			return DONE;
		}
		const [property, ...more] = readProperties(rest);
		if (property?.name !== "COMMENT" || more.length > 0) throw unexpectedAt(statement.rest());
		await context.catalog.update({ ...object, comment: stringValue(property) || null });
		return DONE;
	},
	dropped: async (context, object) => requireUnused(context, object),
	show: [
		column.createdOn,
		column.name,
		column.databaseName,
		column.schemaName,
		column.always("kind", "MASKING_POLICY"),
		column.owner,
		column.comment,
		column.ownerRoleType,
		column.text("options", (object) =>
			policyOf(object).exempt ? '{"EXEMPT_OTHER_POLICIES":"TRUE"}' : "",
		),
	],
	describe: async (_context, object) => {
		const policy = policyOf(object);
		return textResult(
			["name", "signature", "return_type", "body"],
			[[object.name, signatureText(policy), policy.returns.text, policy.body]],
		);
	},
	async ddl(_context, object) {
		const policy = policyOf(object);
		const comment = object.comment === null ? "" : `\ncomment=${formatString(object.comment)}`;
		const exempt = policy.exempt ? "\nexempt_other_policies=true" : "";
		return `create or replace masking policy ${formatIdentifier(object.name)} as ${signatureText(policy)} \nreturns ${policy.returns.text} ->\n${policy.body}${comment}${exempt};`;
	},
};
