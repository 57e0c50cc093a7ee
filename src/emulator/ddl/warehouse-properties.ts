import { compilationError, invalidValue } from "../account/errors.ts";
import { booleanValue, integerValue, type Property } from "../load/property-list.ts";
import type { CatalogObject, Context } from "../types.ts";
import { readSettings, refuseOthers, valueText } from "./settings.ts";

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
export interface Warehouse {
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

/** A warehouse of which nothing was said. */
export const DEFAULTS: Warehouse = {
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
export const UNSET: Readonly<Record<string, keyof Warehouse>> = {
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

/** What the catalog keeps of a warehouse. */
export function warehouseOf(object: CatalogObject): Warehouse {
	return object.properties.warehouse as unknown as Warehouse;
}

/** Refuses properties that do not go together. */
export function checkWarehouse(found: Warehouse): Warehouse {
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

/** Reads the properties of CREATE and SET over those that hold before. */
export function readWarehouse(
	context: Context,
	properties: readonly Property[],
	base: Warehouse,
): Written {
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
	return { warehouse: checkWarehouse(found), comment, parameters, initiallySuspended };
}

/** The size that holds. */
export function size(found: Warehouse): string {
	return found.size ?? (found.type === "STANDARD" ? "X-Small" : "Medium");
}

/** The generation that holds; null for Snowpark-optimized warehouses. */
export function generation(found: Warehouse): string | null {
	return found.type === "STANDARD" ? (found.generation ?? "2") : null;
}

/** "FALSE for single-cluster Gen1 warehouses, TRUE for Gen2 and multi-cluster warehouses." */
export function acceleration(found: Warehouse): boolean {
	return found.acceleration ?? (generation(found) === "2" || found.maxClusters > 1);
}

/** The scale factor of query acceleration that holds. */
export function factor(found: Warehouse): number {
	return found.accelerationFactor ?? (found.acceleration === null && acceleration(found) ? 2 : 8);
}
