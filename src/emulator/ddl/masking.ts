import { formatIdentifier } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { compilationError, doesNotExist } from "../account/errors.ts";
import { GRANT, grantOf } from "../account/grants.ts";
import { activeRoles, requireOwnership } from "../account/privileges.ts";
import { columns, columnsJson } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import type { CatalogObject, Column, Context, SqlType } from "../types.ts";
import { fullName } from "./shared.ts";

/** An argument of a policy's signature. A type alias, so that the catalog can keep it. */
export type Argument = { readonly name: string; readonly type: SqlType };

/** What a masking policy says. */
export interface Policy {
	/** The first is the column that is masked, the others are the columns it depends on. */
	readonly signature: readonly Argument[];
	readonly returns: SqlType;
	/** The expression as written. */
	readonly body: string;
	/** Whether other policies may depend on a column that this one masks. */
	readonly exempt: boolean;
}

/** A masking policy's definition. */
export function policyOf(object: CatalogObject): Policy {
	return object.properties as unknown as Policy;
}

/** Tables and views that can have masked columns. */
const MASKED_KINDS = ["TABLE", "VIEW"];

/** A column that a policy is set on. */
export interface Attachment {
	readonly object: CatalogObject;
	readonly column: Column;
}

/** Every column that has this policy. */
export function attachments(context: Context, policyId: number): readonly Attachment[] {
	return MASKED_KINDS.flatMap((kind) => context.catalog.list(kind)).flatMap((object) =>
		columns(object)
			.filter((column) => column.maskingPolicy === policyId)
			.map((column) => ({ object, column })),
	);
}

/** The policy on a column. */
export function policyOn(context: Context, column: Column): CatalogObject | undefined {
	return column.maskingPolicy === null ? undefined : context.catalog.byId(column.maskingPolicy);
}

/** What a column takes from `MASKING POLICY p USING (…)`. */
export type Masking = Pick<Column, "maskingPolicy" | "maskingArguments">;

/** No policy. */
export const UNMASKED: Masking = { maskingPolicy: null, maskingArguments: [] };

/** Takes `[WITH] MASKING POLICY p [USING (column, …)]` of a column, if it comes next. */
export function takeMasking(context: Context, cursor: Cursor, column: string): Masking | undefined {
	if (!cursor.take("WITH", "MASKING", "POLICY") && !cursor.take("MASKING", "POLICY"))
		return undefined;
	const name = context.qualify(cursor.expectName("the name of a masking policy").parts, "schema");
	const policy = context.catalog.find("MASKING POLICY", name);
	if (!policy) throw doesNotExist("MASKING POLICY", name);
	requireApply(context, policy);
	const using = cursor.take("USING")
		? cursor
				.expectGroup()
				.splitAt()
				.map((part) => part.expectIdentifier("a column name"))
		: [column];
	if (using[0] !== column)
		throw compilationError(
			"003534",
			"42601",
			`The first column of USING must be the masked column '${column}'.`,
		);
	return { maskingPolicy: policy.id, maskingArguments: using.slice(1) };
}

/** APPLY on the policy or on the account, or owning the policy, lets a role set and unset it. */
function requireApply(context: Context, policy: CatalogObject): void {
	const roles = activeRoles(context);
	const applies = context.catalog
		.list(GRANT)
		.map(grantOf)
		.some(
			(grant) =>
				grant.granteeKind === "ROLE" &&
				roles.has(grant.grantee) &&
				(grant.privilege === "APPLY MASKING POLICY" ||
					(grant.privilege === "APPLY" && grant.objectId === policy.id)),
		);
	if (!applies) requireOwnership(context, policy);
}

function mismatch(policy: CatalogObject, why: string): Error {
	return compilationError(
		"003535",
		"42601",
		`Masking policy '${policy.name}' cannot be set on the column: ${why}`,
	);
}

/** Fails where a policy does not fit the columns it is set on: their number, types, and policies of their own. */
export function checkMasking(context: Context, list: readonly Column[]): void {
	for (const column of list) {
		const policy = policyOn(context, column);
		if (!policy) continue;
		const { signature } = policyOf(policy);
		const names = [column.name, ...column.maskingArguments];
		if (names.length !== signature.length)
			throw mismatch(policy, `it has ${signature.length} argument(s), given are ${names.length}`);
		for (const [i, argument] of signature.entries()) {
			const given = list.find((other) => other.name === names[i]);
			if (!given) throw mismatch(policy, `there is no column '${names[i]}'`);
			// "You can not specify a virtual column as the first column argument", says CREATE MASKING POLICY.
			if (given.expression !== null && i === 0)
				throw mismatch(policy, `'${given.name}' is a virtual column`);
			if (given.expression !== null)
				throw unsupported("virtual columns as further arguments of a masking policy");
			if (given.type.base !== argument.type.base)
				throw mismatch(
					policy,
					`'${given.name}' is ${given.type.text}, its argument ${argument.name} ${argument.type.text}`,
				);
			const own = i > 0 ? policyOn(context, given) : undefined;
			if (own && !policyOf(own).exempt)
				throw mismatch(policy, `'${given.name}' is itself masked by '${own.name}'`);
		}
	}
}

/**
 * `SET MASKING POLICY p [USING (…)] [FORCE]` and `UNSET MASKING POLICY` of a column, behind its name. False where
 * the action is another one.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
 */
export async function alterMasking(
	context: Context,
	object: CatalogObject,
	name: string,
	cursor: Cursor,
): Promise<boolean> {
	const list = columns(object);
	const column = list.find((one) => one.name === name);
	const write = async (masking: Masking): Promise<boolean> => {
		const changed = list.map((one) => (one.name === name ? { ...one, ...masking } : one));
		checkMasking(context, changed);
		await context.catalog.update({
			...object,
			properties: { ...object.properties, columns: columnsJson(changed) },
		});
		return true;
	};
	if (cursor.looksAt("SET", "MASKING", "POLICY")) {
		cursor.take("SET");
		if (!column)
			throw compilationError("000904", "42000", `invalid identifier '${formatIdentifier(name)}'`);
		const masking = takeMasking(context, cursor, name);
		const force = cursor.take("FORCE");
		if (column.maskingPolicy !== null && !force)
			throw compilationError(
				"003547",
				"42601",
				"Specified column already attached to another masking policy. A column cannot be attached to multiple masking policies. Please drop the current association in order to attach a new masking policy.",
			);
		return write(masking ?? UNMASKED);
	}
	if (!cursor.take("UNSET", "MASKING", "POLICY")) return false;
	if (!column)
		throw compilationError("000904", "42000", `invalid identifier '${formatIdentifier(name)}'`);
	const policy = policyOn(context, column);
	if (!policy)
		throw compilationError("003548", "42601", `Column '${name}' has no masking policy to unset.`);
	requireApply(context, policy);
	return write(UNMASKED);
}

/** ` WITH MASKING POLICY p USING (…)` of a column in GET_DDL. */
export function maskingDdl(context: Context, column: Column): string {
	const policy = policyOn(context, column);
	if (!policy) return "";
	const using = [column.name, ...column.maskingArguments].map(formatIdentifier).join(", ");
	return ` WITH MASKING POLICY ${fullName(policy)}${column.maskingArguments.length > 0 ? ` USING (${using})` : ""}`;
}
