import { parseName } from "../../../model/identifier.ts";
import { type Attachment, attachments, policyOn } from "../../ddl/masking.ts";
import type { Relation } from "../../sql/scope.ts";
import type { CatalogObject, Context } from "../../types.ts";
import { textType } from "../data-type.ts";
import { compilationError, doesNotExist } from "../errors.ts";
import { columns } from "../storage.ts";
import { type RowsColumn, relationOfRows } from "./relation-of-rows.ts";

interface Row extends Attachment {
	readonly policy: CatalogObject;
}

function text(name: string, value: (row: Row) => string | null): RowsColumn<Row> {
	return { name, type: textType(), value };
}

function find(context: Context, kind: string, written: string): CatalogObject {
	const name = context.qualify(parseName(written) ?? [written], "schema");
	const found = context.catalog.find(kind, name);
	if (!found) throw doesNotExist(kind, name);
	return found;
}

/**
 * TABLE(INFORMATION_SCHEMA.POLICY_REFERENCES(…)): the columns a policy is on, or the policies on an object. What
 * USING named is not told: "Returns NULL for rows … in which a masking policy is set".
 * https://docs.snowflake.com/en/sql-reference/functions/policy_references
 */
export async function policyReferences(
	context: Context,
	given: ReadonlyMap<string, string | null>,
): Promise<Relation> {
	const policyName = given.get("POLICY_NAME");
	const entity = given.get("REF_ENTITY_NAME");
	const domain = given.get("REF_ENTITY_DOMAIN")?.toUpperCase();
	let rows: readonly Row[];
	if (policyName && !entity && !domain) {
		const policy = find(context, "MASKING POLICY", policyName);
		rows = attachments(context, policy.id).map((attachment) => ({ ...attachment, policy }));
	} else if (!policyName && entity && (domain === "TABLE" || domain === "VIEW")) {
		const object = find(context, domain, entity);
		rows = columns(object).flatMap((column) => {
			const policy = policyOn(context, column);
			return policy ? [{ object, column, policy }] : [];
		});
	} else
		throw compilationError(
			"001015",
			"22023",
			"POLICY_REFERENCES needs POLICY_NAME, or REF_ENTITY_NAME with the REF_ENTITY_DOMAIN 'TABLE' or 'VIEW'.",
		);
	return relationOfRows(rows, [
		text("POLICY_DB", ({ policy }) => policy.database ?? null),
		text("POLICY_SCHEMA", ({ policy }) => policy.schema ?? null),
		text("POLICY_NAME", ({ policy }) => policy.name),
		text("POLICY_KIND", () => "MASKING_POLICY"),
		text("REF_DATABASE_NAME", ({ object }) => object.database ?? null),
		text("REF_SCHEMA_NAME", ({ object }) => object.schema ?? null),
		text("REF_ENTITY_NAME", ({ object }) => object.name),
		text("REF_ENTITY_DOMAIN", ({ object }) => object.kind),
		text("REF_COLUMN_NAME", ({ column }) => column.name),
		text("REF_ARG_COLUMN_NAMES", () => null),
		text("TAG_DATABASE", () => null),
		text("TAG_SCHEMA", () => null),
		text("TAG_NAME", () => null),
		text("POLICY_STATUS", () => "ACTIVE"),
	]);
}
