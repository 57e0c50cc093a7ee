import { formatIdentifier, formatString } from "../../model/identifier.ts";
import { compilationError, invalidValue } from "../account/errors.ts";
import { effectiveParameter, ownParameters, parameterRows } from "../account/parameters.ts";
import { momentCell } from "../account/wire.ts";
import { unsupported } from "../error.ts";
import {
	booleanValue,
	integerValue,
	type Property,
	takeProperties,
} from "../load/property-list.ts";
import type { CatalogObject, Context, Json, Kind, Result } from "../types.ts";
import * as column from "./columns.ts";
import { statusResult, textResult } from "./result.ts";
import { readSettings, refuseOthers, valueText } from "./settings.ts";
import {
	addObject,
	beginCreate,
	created,
	renameObject,
	requireEnd,
	unexpectedAt,
} from "./shared.ts";

/** Sizes as SHOW prints them, by every way to write them (hyphens left out). */
const SIZES: Readonly<Record<string, string>> = {
	XSMALL: "X-Small",
	SMALL: "Small",
	MEDIUM: "Medium",
	LARGE: "Large",
	XLARGE: "X-Large",
	XXLARGE: "2X-Large",
	X2LARGE: "2X-Large",
	"2XLARGE": "2X-Large",
	XXXLARGE: "3X-Large",
	X3LARGE: "3X-Large",
	"3XLARGE": "3X-Large",
	X4LARGE: "4X-Large",
	"4XLARGE": "4X-Large",
	X5LARGE: "5X-Large",
	"5XLARGE": "5X-Large",
	X6LARGE: "6X-Large",
	"6XLARGE": "6X-Large",
};

const MEMORY = [
	"MEMORY_1X",
	"MEMORY_1X_x86",
	"MEMORY_16X",
	"MEMORY_16X_x86",
	"MEMORY_64X",
	"MEMORY_64X_x86",
];

/** What a warehouse is, besides its name, comment and parameters. Null where the default depends on the others. */
interface Warehouse {
	readonly type: string;
	readonly size: string | null;
	readonly generation: string | null;
	readonly constraint: string | null;
	readonly maxClusters: number;
	readonly minClusters: number;
	readonly scalingPolicy: string;
	readonly autoSuspend: number | null;
	readonly autoResume: boolean;
	readonly resourceMonitor: string | null;
	readonly acceleration: boolean | null;
	readonly accelerationFactor: number | null;
}

const DEFAULTS: Warehouse = {
	type: "STANDARD",
	size: null,
	generation: null,
	constraint: null,
	maxClusters: 1,
	minClusters: 1,
	scalingPolicy: "STANDARD",
	autoSuspend: 600,
	autoResume: true,
	resourceMonitor: null,
	acceleration: null,
	accelerationFactor: null,
};

function oneOf(property: Property, values: readonly string[]): string {
	const written = valueText(property);
	const found = values.find((value) => value.toUpperCase() === written.toUpperCase());
	if (found === undefined) throw invalidValue(property.name, written);
	return found;
}

function readSize(property: Property): string {
	const size = SIZES[valueText(property).toUpperCase().replaceAll("-", "")];
	if (size === undefined) throw invalidValue(property.name, valueText(property));
	return size;
}

function clusters(property: Property): number {
	const count = integerValue(property);
	if (count < 1 || count > 300) throw invalidValue(property.name, String(count));
	return count;
}

/** How each property is read; the result changes the warehouse. */
const PROPERTIES: Readonly<
	Record<string, (property: Property, context: Context) => Partial<Warehouse>>
> = {
	WAREHOUSE_TYPE: (p) => ({ type: oneOf(p, ["STANDARD", "SNOWPARK-OPTIMIZED"]) }),
	WAREHOUSE_SIZE: (p) => ({ size: readSize(p) }),
	GENERATION: (p) => ({ generation: oneOf(p, ["1", "2"]) }),
	RESOURCE_CONSTRAINT: (p) => {
		const value = oneOf(p, ["STANDARD_GEN_1", "STANDARD_GEN_2", ...MEMORY]);
		return value.startsWith("STANDARD_GEN_")
			? { generation: value.slice(-1), constraint: null }
			: { constraint: value };
	},
	MAX_CLUSTER_COUNT: (p) => ({ maxClusters: clusters(p) }),
	MIN_CLUSTER_COUNT: (p) => ({ minClusters: clusters(p) }),
	SCALING_POLICY: (p) => ({ scalingPolicy: oneOf(p, ["STANDARD", "ECONOMY"]) }),
	AUTO_SUSPEND: (p) => {
		if (valueText(p).toUpperCase() === "NULL") return { autoSuspend: null };
		const seconds = integerValue(p);
		return { autoSuspend: seconds === 0 ? null : seconds };
	},
	AUTO_RESUME: (p) => ({ autoResume: booleanValue(p) }),
	RESOURCE_MONITOR: (p, context) => {
		const name = valueText(p);
		if (name.toUpperCase() === "NULL") return { resourceMonitor: null };
		if (!context.catalog.find("RESOURCE MONITOR", [name.toUpperCase()]))
			throw compilationError(
				"002003",
				"02000",
				`Resource monitor '${name}' does not exist or not authorized.`,
			);
		return { resourceMonitor: name.toUpperCase() };
	},
	ENABLE_QUERY_ACCELERATION: (p) => ({ acceleration: booleanValue(p) }),
	QUERY_ACCELERATION_MAX_SCALE_FACTOR: (p) => ({ accelerationFactor: integerValue(p) }),
};

/** Which property of the object UNSET of a name resets. */
const UNSET: Readonly<Record<string, keyof Warehouse>> = {
	WAREHOUSE_TYPE: "type",
	WAREHOUSE_SIZE: "size",
	GENERATION: "generation",
	RESOURCE_CONSTRAINT: "constraint",
	MAX_CLUSTER_COUNT: "maxClusters",
	MIN_CLUSTER_COUNT: "minClusters",
	SCALING_POLICY: "scalingPolicy",
	AUTO_SUSPEND: "autoSuspend",
	AUTO_RESUME: "autoResume",
	RESOURCE_MONITOR: "resourceMonitor",
	ENABLE_QUERY_ACCELERATION: "acceleration",
	QUERY_ACCELERATION_MAX_SCALE_FACTOR: "accelerationFactor",
};

function warehouseOf(object: CatalogObject): Warehouse {
	return object.properties.warehouse as unknown as Warehouse;
}

function check(found: Warehouse): Warehouse {
	if (found.minClusters > found.maxClusters)
		throw compilationError(
			"001419",
			"22023",
			`Invalid cluster counts: MIN_CLUSTER_COUNT ${found.minClusters} is greater than MAX_CLUSTER_COUNT ${found.maxClusters}.`,
		);
	if (
		found.constraint !== null &&
		found.type === "STANDARD" &&
		!found.constraint.startsWith("MEMORY_1X")
	)
		throw invalidValue("RESOURCE_CONSTRAINT", found.constraint);
	if (found.type !== "STANDARD" && found.generation !== null)
		throw invalidValue("GENERATION", found.generation);
	return found;
}

interface Written {
	readonly warehouse: Warehouse;
	readonly comment: string | null | undefined;
	readonly parameters: { readonly [name: string]: string };
	readonly initiallySuspended: boolean;
}

function read(context: Context, properties: readonly Property[], base: Warehouse): Written {
	const { comment, parameters, others } = readSettings("WAREHOUSE", properties);
	let found = base;
	let initiallySuspended = false;
	const unknown: Property[] = [];
	for (const property of others) {
		const reader = PROPERTIES[property.name];
		if (reader) found = { ...found, ...reader(property, context) };
		else if (property.name === "INITIALLY_SUSPENDED") initiallySuspended = booleanValue(property);
		else if (property.name === "WAIT_FOR_COMPLETION") booleanValue(property);
		else unknown.push(property);
	}
	refuseOthers(unknown, "WAREHOUSE");
	return { warehouse: check(found), comment, parameters, initiallySuspended };
}

function size(found: Warehouse): string {
	return found.size ?? (found.type === "STANDARD" ? "X-Small" : "Medium");
}

function generation(found: Warehouse): string | null {
	return found.type === "STANDARD" ? (found.generation ?? "2") : null;
}

/** "FALSE for single-cluster Gen1 warehouses, TRUE for Gen2 and multi-cluster warehouses." */
function acceleration(found: Warehouse): boolean {
	return found.acceleration ?? (generation(found) === "2" || found.maxClusters > 1);
}

function factor(found: Warehouse): number {
	return found.accelerationFactor ?? (found.acceleration === null && acceleration(found) ? 2 : 8);
}

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
	return setState(context, { ...object, comment }, { warehouse: { ...check(found) }, parameters });
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
		const found = read(context, properties, DEFAULTS);
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
		const found = read(context, takeProperties(rest), warehouseOf(object));
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
