import { effectiveParameter, parameterRows } from "../account/parameters.ts";
import { momentCell } from "../account/wire.ts";
import { unsupported } from "../error.ts";
import { takeProperties } from "../load/property-list.ts";
import type { CatalogObject, Context, Kind } from "../types.ts";
import * as column from "./columns.ts";
import { contents, dropContents, forgetContext, renameContents } from "./container.ts";
import { containerDdl } from "./container-ddl.ts";
import { statusResult, textResult } from "./result.ts";
import { readSettings, refuseOthers, setSettings, unsetSettings } from "./settings.ts";
import {
	addObject,
	beginCreate,
	created,
	renameObject,
	requireEnd,
	unexpectedAt,
} from "./shared.ts";
import { swapContainers } from "./swap.ts";

function options(object: CatalogObject): string {
	return [
		object.properties.transient ? "TRANSIENT" : "",
		object.properties.managedAccess ? "MANAGED ACCESS" : "",
	]
		.filter((option) => option !== "")
		.join(", ");
}

function retention(object: CatalogObject, context: Context): string {
	return effectiveParameter(context, object, "DATA_RETENTION_TIME_IN_DAYS").value;
}

/** SCHEMA. Creating one makes it current in the session. */
export const schema: Kind = {
	kind: "SCHEMA",
	plural: "SCHEMAS",
	level: "database",
	async create(context, statement) {
		const rest = statement.rest();
		if (rest.looksAt("CLONE") || rest.looksAt("FROM"))
			throw unsupported(`CREATE SCHEMA … ${rest.next().value}`);
		const creation = beginCreate(context, schema, statement, {
			orAlter: true,
			modifiers: ["TRANSIENT"],
		});
		if (creation.step === "nothing") return creation.result;
		const managedAccess = rest.take("WITH", "MANAGED", "ACCESS");
		const { comment = null, parameters, others } = readSettings("SCHEMA", takeProperties(rest));
		refuseOthers(others, "SCHEMA");
		if (rest.looksAt("WITH", "TAG") || rest.looksAt("TAG")) throw unsupported("tags on SCHEMA");
		requireEnd(rest);
		const transient = statement.modifiers.length > 0;
		if (creation.step === "alter") {
			const { object } = creation;
			if (transient !== object.properties.transient)
				throw unsupported("CREATE OR ALTER SCHEMA that changes TRANSIENT");
			await context.catalog.update({
				...object,
				comment,
				properties: { ...object.properties, managedAccess, parameters },
			});
			return statusResult(`Schema ${object.name} successfully altered.`);
		}
		const parent = context.catalog.find("DATABASE", creation.name.slice(0, 1));
		const object = await addObject(context, schema, creation, {
			comment,
			properties: {
				transient: transient || parent?.properties.transient === true,
				managedAccess,
				parameters,
			},
		});
		context.session.database = object.database;
		context.session.schema = object.name;
		return created(schema, object);
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (rest.take("RENAME", "TO")) {
			const renamed = await renameObject(context, schema, object, rest);
			await renameContents(context, object, renamed);
			return statusResult();
		}
		if (rest.take("SWAP", "WITH")) return swapContainers(context, schema, object, rest);
		const managedAccess = rest.looksAt("ENABLE");
		if (rest.take("ENABLE", "MANAGED", "ACCESS") || rest.take("DISABLE", "MANAGED", "ACCESS")) {
			requireEnd(rest);
			await context.catalog.update({
				...object,
				properties: { ...object.properties, managedAccess },
			});
			return statusResult();
		}
		if (rest.take("SET")) return setSettings(context, object, rest);
		if (rest.take("UNSET")) return unsetSettings(context, object, rest);
		throw unexpectedAt(rest);
	},
	async dropped(context, object) {
		await dropContents(context, object);
		forgetContext(context, object);
	},
	show: [
		column.createdOn,
		column.name,
		column.always("is_default", "N"),
		column.text("is_current", (o, { session }) =>
			session.database === o.database && session.schema === o.name ? "Y" : "N",
		),
		column.databaseName,
		column.owner,
		column.comment,
		column.text("options", options),
		column.text("retention_time", retention),
		column.ownerRoleType,
		column.always("classification_profile_database", null),
		column.always("classification_profile_schema", null),
		column.always("classification_profile", null),
		column.always("object_visibility", null),
	],
	terse: ["created_on", "name", "database_name"],
	async describe(context, object) {
		return textResult(
			["created_on", "name", "kind"],
			contents(context, object).map((inner) => [
				momentCell(inner.createdOn),
				inner.name,
				inner.kind,
			]),
		);
	},
	ddl: containerDdl,
	parameters: async (context, object) => parameterRows(context, object),
};
