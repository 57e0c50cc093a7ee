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

function retention(object: CatalogObject, context: Context): string {
	return effectiveParameter(context, object, "DATA_RETENTION_TIME_IN_DAYS").value;
}

/** DATABASE. Creating one creates its schema PUBLIC and makes both current in the session. */
export const database: Kind = {
	kind: "DATABASE",
	plural: "DATABASES",
	level: "account",
	async create(context, statement) {
		const rest = statement.rest();
		if (rest.looksAt("CLONE") || rest.looksAt("FROM"))
			throw unsupported(`CREATE DATABASE … ${rest.next().value}`);
		if (rest.looksAt("WITH", "TAG") || rest.looksAt("TAG")) throw unsupported("tags on DATABASE");
		const creation = beginCreate(context, database, statement, {
			orAlter: true,
			modifiers: ["TRANSIENT"],
		});
		if (creation.step === "nothing") return creation.result;
		const { comment = null, parameters, others } = readSettings("DATABASE", takeProperties(rest));
		refuseOthers(others, "DATABASE");
		if (rest.looksAt("WITH", "TAG") || rest.looksAt("TAG")) throw unsupported("tags on DATABASE");
		requireEnd(rest);
		const transient = statement.modifiers.length > 0;
		if (creation.step === "alter") {
			const { object } = creation;
			if (transient !== object.properties.transient)
				throw unsupported("CREATE OR ALTER DATABASE that changes TRANSIENT");
			await context.catalog.update({
				...object,
				comment,
				properties: { ...object.properties, parameters },
			});
			return statusResult(`Database ${object.name} successfully altered.`);
		}
		const object = await addObject(context, database, creation, {
			comment,
			properties: { transient, parameters },
		});
		await context.catalog.add({
			kind: "SCHEMA",
			database: object.name,
			name: "PUBLIC",
			owner: context.session.role,
			comment: null,
			properties: { transient, managedAccess: false, parameters: {} },
		});
		context.session.database = object.name;
		context.session.schema = "PUBLIC";
		return created(database, object);
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (rest.take("RENAME", "TO")) {
			const renamed = await renameObject(context, database, object, rest);
			await renameContents(context, object, renamed);
			return statusResult();
		}
		if (rest.take("SWAP", "WITH")) return swapContainers(context, database, object, rest);
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
		column.text("is_current", (o, context) => (context.session.database === o.name ? "Y" : "N")),
		column.always("origin", ""),
		column.owner,
		column.comment,
		column.text("options", (o) => (o.properties.transient ? "TRANSIENT" : "")),
		column.text("retention_time", retention),
		column.always("kind", "STANDARD"),
		column.always("budget", null),
		column.ownerRoleType,
		column.always("object_visibility", null),
	],
	terse: ["created_on", "name", "kind", "database_name", "schema_name"],
	async describe(context, object) {
		const schemas = contents(context, object).filter((inner) => inner.kind === "SCHEMA");
		return textResult(
			["created_on", "name", "kind"],
			schemas.map((schema) => [momentCell(schema.createdOn), schema.name, "SCHEMA"]),
		);
	},
	ddl: containerDdl,
	parameters: async (context, object) => parameterRows(context, object),
};
