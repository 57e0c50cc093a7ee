import { compilationError } from "../account/errors.ts";
import { GRANT, grantOf, grantsOn } from "../account/grants.ts";
import { SYSTEM_ROLES } from "../account/privileges.ts";
import { stringValue, takeProperty } from "../load/property-list.ts";
import type { CatalogObject, Context, Kind } from "../types.ts";
import * as column from "./columns.ts";
import { statusResult } from "./result.ts";
import {
	addObject,
	beginCreate,
	created,
	renameObject,
	requireEnd,
	unexpectedAt,
} from "./shared.ts";

function counted(
	name: string,
	count: (object: CatalogObject, context: Context) => number,
): ReturnType<typeof column.number> {
	return column.number(name, count);
}

/** ROLE. What a dropped role owned passes to the role that drops it. */
export const role: Kind = {
	kind: "ROLE",
	plural: "ROLES",
	level: "account",
	async create(context, statement) {
		const rest = statement.rest();
		const creation = beginCreate(context, role, statement, { orAlter: true });
		if (creation.step === "nothing") return creation.result;
		const property = takeProperty(rest);
		if (property && property.name !== "COMMENT") throw unexpectedAt(statement.rest());
		requireEnd(rest);
		const comment = property ? stringValue(property) || null : null;
		if (creation.step === "alter") {
			await context.catalog.update({ ...creation.object, comment });
			return statusResult(`Role ${creation.object.name} successfully altered.`);
		}
		return created(role, await addObject(context, role, creation, { comment, properties: {} }));
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (rest.take("RENAME", "TO")) {
			await renameObject(context, role, object, rest);
			return statusResult();
		}
		let comment: string | null = null;
		if (rest.take("SET")) {
			const property = takeProperty(rest);
			if (property?.name !== "COMMENT") throw unexpectedAt(rest);
			comment = stringValue(property) || null;
		} else if (!rest.take("UNSET", "COMMENT")) throw unexpectedAt(rest);
		requireEnd(rest);
		await context.catalog.update({ ...object, comment });
		return statusResult();
	},
	async dropped(context, object) {
		if (object.name in SYSTEM_ROLES)
			throw compilationError("003510", "42501", `Cannot drop system role '${object.name}'.`);
		for (const grant of context.catalog.list(GRANT)) {
			const { granteeKind, grantee } = grantOf(grant);
			if (granteeKind === "ROLE" && grantee === object.name) await context.catalog.remove(grant.id);
		}
		for (const kind of context.kinds.keys())
			for (const owned of context.catalog.list(kind))
				if (owned.owner === object.name)
					await context.catalog.update({ ...owned, owner: context.session.role });
	},
	show: [
		column.createdOn,
		column.name,
		column.always("is_default", "N"),
		column.text("is_current", (o, { session }) => (session.role === o.name ? "Y" : "N")),
		column.always("is_inherited", "N"),
		counted(
			"assigned_to_users",
			(o, context) =>
				grantsOn(context, o.id).filter((g) => grantOf(g).granteeKind === "USER").length,
		),
		counted(
			"granted_to_roles",
			(o, context) =>
				grantsOn(context, o.id).filter((g) => grantOf(g).granteeKind === "ROLE").length,
		),
		counted(
			"granted_roles",
			(o, context) =>
				context.catalog
					.list(GRANT)
					.map(grantOf)
					.filter(
						(grant) =>
							grant.on === "ROLE" && grant.granteeKind === "ROLE" && grant.grantee === o.name,
					).length,
		),
		column.owner,
		column.comment,
	],
	silentCap: true,
};
