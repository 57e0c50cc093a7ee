import { effectiveParameter, parameterRows } from "../../account/parameters.ts";
import { storedColumns } from "../../account/storage.ts";
import { dropTableLoads } from "../../load/load-history.ts";
import { dropLog } from "../../run/change-log.ts";
import type { Kind } from "../../types.ts";
import * as column from "../columns.ts";
import { alterTable } from "./alter.ts";
import { dropReferences } from "./constraint.ts";
import { createTable } from "./create.ts";
import { createAsSelect } from "./create-as-select.ts";
import { describeColumns, tableDdl } from "./describe.ts";
import { dropPhysicalTable, rowCount } from "./physical.ts";

const onOff = (name: string, property: string) =>
	column.text(name, (object) => (object.properties[property] ? "ON" : "OFF"));

/** TABLE: standard tables, permanent and transient. */
export const table: Kind = {
	kind: "TABLE",
	plural: "TABLES",
	level: "schema",
	create: (context, statement) =>
		createTable(context, table, statement, (...read) => createAsSelect(table, ...read)),
	alter: (context, statement, object) => alterTable(context, table, object, statement.rest()),
	async dropped(context, object) {
		await dropReferences(context, object.id);
		await dropLog(context, object);
		await dropTableLoads(context, object);
		await dropPhysicalTable(context, object);
	},
	show: [
		column.createdOn,
		column.name,
		column.databaseName,
		column.schemaName,
		column.text("kind", (object) => (object.properties.transient ? "TRANSIENT" : "TABLE")),
		column.comment,
		column.text("cluster_by", (object) => String(object.properties.clusterBy ?? "")),
		column.measured("rows"),
		column.measured("bytes"),
		column.owner,
		column.text(
			"retention_time",
			(object, context) => effectiveParameter(context, object, "DATA_RETENTION_TIME_IN_DAYS").value,
		),
		column.text("automatic_clustering", ({ properties }) =>
			properties.clusterBy && properties.reclustering ? "ON" : "OFF",
		),
		onOff("change_tracking", "changeTracking"),
		column.always("search_optimization", "OFF"),
		column.always("search_optimization_progress", null),
		column.always("search_optimization_bytes", null),
		column.always("is_external", "N"),
		column.text("enable_schema_evolution", (object) =>
			object.properties.schemaEvolution ? "Y" : "N",
		),
		column.ownerRoleType,
		column.always("is_event", "N"),
		column.always("budget", null),
		column.always("is_hybrid", "N"),
		column.always("is_iceberg", "N"),
		column.always("is_dynamic", "N"),
		column.always("is_immutable", "N"),
	],
	async measure(context, objects) {
		const measured = new Map<number, { rows: number; bytes: number }>();
		for (const object of objects) {
			const rows = await rowCount(context, object);
			// The engine's pages say nothing about Snowflake's micro-partitions: eight bytes for every value stand for them.
			measured.set(object.id, { rows, bytes: rows * storedColumns(object).length * 8 });
		}
		return measured;
	},
	describe: (context, object, rest) => describeColumns(context, object, rest),
	ddl: tableDdl,
	parameters: async (context, object) => parameterRows(context, object),
};
