import { formatIdentifier, formatString } from "../../model/identifier.ts";
import { compilationError } from "../account/errors.ts";
import { effectiveParameter, ownParameters, parameterRows } from "../account/parameters.ts";
import { momentCell } from "../account/wire.ts";
import { unsupported } from "../error.ts";
import { takeProperties } from "../load/property-list.ts";
import type { CatalogObject, Context, Json, Kind, Result } from "../types.ts";
import * as column from "./columns.ts";
import { statusResult, textResult } from "./result.ts";
import {
	addObject,
	beginCreate,
	created,
	renameObject,
	requireEnd,
	unexpectedAt,
} from "./shared.ts";

import {
	acceleration,
	checkWarehouse,
	DEFAULTS,
	factor,
	generation,
	readWarehouse,
	size,
	UNSET,
	type Warehouse,
	warehouseOf,
} from "./warehouse-properties.ts";

async function setState(
	context: Context,
	object: CatalogObject,
	change: { readonly [key: string]: Json },
): Promise<Result> {
	await context.catalog.update({
		...object,
		properties: { ...object.properties, ...change, updatedOn: context.clock.now() },
	});
	return statusResult();
}

async function unsetProperties(
	context: Context,
	object: CatalogObject,
	rest: ReturnType<Parameters<Kind["alter"]>[1]["rest"]>,
): Promise<Result> {
	let found = warehouseOf(object);
	let { comment } = object;
	const parameters = { ...ownParameters(object) };
	do {
		if (rest.looksAt("TAG") || rest.looksAt("DCM"))
			throw unsupported(`ALTER WAREHOUSE … UNSET ${rest.next().value}`);
		const start = rest.clone();
		const name = rest.expectIdentifier();
		const property = UNSET[name];
		if (property) found = { ...found, [property]: DEFAULTS[property] };
		else if (name === "COMMENT") comment = null;
		else if (
			name in parameters ||
			[
				"MAX_CONCURRENCY_LEVEL",
				"STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
				"STATEMENT_TIMEOUT_IN_SECONDS",
			].includes(name)
		)
			delete parameters[name];
		else throw unexpectedAt(start);
	} while (rest.take(","));
	requireEnd(rest);
	return setState(
		context,
		{ ...object, comment },
		{ warehouse: { ...checkWarehouse(found) }, parameters },
	);
}

const of =
	<T>(pick: (found: Warehouse) => T) =>
	(object: CatalogObject) =>
		pick(warehouseOf(object));

/** WAREHOUSE. Nothing runs on it here; it is state that tasks and sessions refer to. Creating one makes it current. */
export const warehouse: Kind = {
	kind: "WAREHOUSE",
	plural: "WAREHOUSES",
	level: "account",
	async create(context, statement) {
		const rest = statement.rest();
		const creation = beginCreate(context, warehouse, statement, { orAlter: true });
		if (creation.step === "nothing") return creation.result;
		if (!rest.looksAt("WITH", "TAG")) rest.take("WITH");
		const properties = takeProperties(rest);
		if (rest.looksAt("WITH", "TAG") || rest.looksAt("TAG")) throw unsupported("tags on WAREHOUSE");
		requireEnd(rest);
		const found = readWarehouse(context, properties, DEFAULTS);
		const { comment = null, parameters } = found;
		if (creation.step === "alter") {
			await setState(
				context,
				{ ...creation.object, comment },
				{ warehouse: { ...found.warehouse }, parameters },
			);
			return statusResult(`Warehouse ${creation.object.name} successfully altered.`);
		}
		const now = context.clock.now();
		const object = await addObject(context, warehouse, creation, {
			comment,
			properties: {
				warehouse: { ...found.warehouse },
				parameters,
				started: !found.initiallySuspended,
				resumedOn: found.initiallySuspended ? 0 : now,
				updatedOn: now,
			},
		});
		context.session.warehouse = object.name;
		return created(warehouse, object);
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (rest.take("RENAME", "TO")) {
			const renamed = await renameObject(context, warehouse, object, rest);
			if (context.session.warehouse === object.name) context.session.warehouse = renamed.name;
			return statusResult();
		}
		if (rest.take("SUSPEND")) {
			requireEnd(rest);
			if (!object.properties.started)
				throw compilationError(
					"090064",
					"22000",
					`Invalid state. Warehouse '${object.name}' cannot be suspended.`,
				);
			return setState(context, object, { started: false });
		}
		if (rest.take("RESUME")) {
			const ifSuspended = rest.take("IF", "SUSPENDED");
			requireEnd(rest);
			if (object.properties.started) {
				if (ifSuspended) return statusResult();
				throw compilationError(
					"090063",
					"22000",
					`Invalid state. Warehouse '${object.name}' cannot be resumed.`,
				);
			}
			return setState(context, object, { started: true, resumedOn: context.clock.now() });
		}
		if (rest.take("ABORT", "ALL", "QUERIES")) {
			requireEnd(rest);
			return statusResult();
		}
		if (rest.take("UNSET")) return unsetProperties(context, object, rest);
		if (!rest.take("SET")) throw unexpectedAt(rest);
		if (rest.looksAt("TAG")) throw unsupported("tags on WAREHOUSE");
		const found = readWarehouse(context, takeProperties(rest), warehouseOf(object));
		requireEnd(rest);
		const comment = found.comment === undefined ? object.comment : found.comment;
		return setState(
			context,
			{ ...object, comment },
			{
				warehouse: { ...found.warehouse },
				parameters: { ...ownParameters(object), ...found.parameters },
			},
		);
	},
	async dropped(context, object) {
		if (context.session.warehouse === object.name) context.session.warehouse = undefined;
	},
	show: [
		column.name,
		column.text("state", (object) => (object.properties.started ? "STARTED" : "SUSPENDED")),
		column.text(
			"type",
			of((w) => w.type),
		),
		column.text("size", of(size)),
		column.number(
			"min_cluster_count",
			of((w) => w.minClusters),
		),
		column.number(
			"max_cluster_count",
			of((w) => w.maxClusters),
		),
		column.number("started_clusters", (object) =>
			object.properties.started ? warehouseOf(object).minClusters : 0,
		),
		column.number("running", () => 0),
		column.number("queued", () => 0),
		column.always("is_default", "N"),
		column.text("is_current", (o, context) => (context.session.warehouse === o.name ? "Y" : "N")),
		column.always("is_interactive", "N"),
		column.number(
			"auto_suspend",
			of((w) => w.autoSuspend),
		),
		column.text(
			"auto_resume",
			of((w) => String(w.autoResume)),
		),
		column.text("available", (object) => (object.properties.started ? "100" : "")),
		column.text("provisioning", (object) => (object.properties.started ? "0" : "")),
		column.text("quiescing", (object) => (object.properties.started ? "0" : "")),
		column.text("other", (object) => (object.properties.started ? "0" : "")),
		column.createdOn,
		column.timestamp("resumed_on", (object) => Number(object.properties.resumedOn)),
		column.timestamp("updated_on", (object) => Number(object.properties.updatedOn)),
		column.owner,
		column.comment,
		column.text(
			"enable_query_acceleration",
			of((w) => String(acceleration(w))),
		),
		column.number("query_acceleration_max_scale_factor", of(factor)),
		column.text(
			"resource_monitor",
			of((w) => w.resourceMonitor ?? "null"),
		),
		column.number("actives", () => 0),
		column.number("pendings", () => 0),
		column.number("failed", () => 0),
		column.number("suspended", (object) => (object.properties.started ? 0 : 1)),
		column.text("uuid", (object) => String(object.id)),
		column.text(
			"scaling_policy",
			of((w) => w.scalingPolicy),
		),
		column.always("budget", null),
		column.ownerRoleType,
		column.text(
			"resource_constraint",
			of((w) => w.constraint ?? (w.type === "STANDARD" ? null : "MEMORY_16X")),
		),
		column.text("generation", of(generation)),
	],
	async describe(_context, object) {
		return textResult(
			["created_on", "name", "kind"],
			[[momentCell(object.createdOn), object.name, "WAREHOUSE"]],
		);
	},
	async ddl(context, object) {
		const found = warehouseOf(object);
		const lines = [
			`warehouse_type='${found.type}'`,
			`warehouse_size='${size(found)}'`,
			...(generation(found) === null ? [] : [`generation='${generation(found)}'`]),
			`max_cluster_count=${found.maxClusters}`,
			`min_cluster_count=${found.minClusters}`,
			`scaling_policy=${found.scalingPolicy}`,
			`auto_suspend=${found.autoSuspend ?? 0}`,
			`auto_resume=${String(found.autoResume).toUpperCase()}`,
			"initially_suspended=TRUE",
			`enable_query_acceleration=${String(acceleration(found)).toUpperCase()}`,
			`query_acceleration_max_scale_factor=${factor(found)}`,
			...[
				"MAX_CONCURRENCY_LEVEL",
				"STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
				"STATEMENT_TIMEOUT_IN_SECONDS",
			].map((name) => `${name.toLowerCase()}=${effectiveParameter(context, object, name).value}`),
			...(object.comment ? [`comment=${formatString(object.comment)}`] : []),
		];
		return `create or replace warehouse ${formatIdentifier(object.name)}\nwith\n${lines.map((line) => `    ${line}`).join("\n")}\n;`;
	},
	parameters: async (context, object) => parameterRows(context, object),
};
