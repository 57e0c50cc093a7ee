import { elementAt, readJson, type Variant, writeJson } from "./json.ts";

interface Row {
	readonly key: string | null;
	readonly path: string;
	readonly index: number | null;
	readonly value: string | null;
	readonly this: string | null;
}

/** What FLATTEN was asked for beside its input. */
export interface FlattenOptions {
	readonly path: string;
	readonly outer: boolean;
	readonly recursive: boolean;
	readonly mode: string;
}

function keyPath(base: string, key: string): string {
	if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${base}['${key}']`;
	return base === "" ? key : `${base}.${key}`;
}

function* expand(value: Variant, path: string, options: FlattenOptions): Generator<Row> {
	if (value === null || typeof value !== "object" || "number" in value) return;
	const self = writeJson(value);
	const isArray = Array.isArray(value);
	const wanted = options.mode === "BOTH" || options.mode === (isArray ? "ARRAY" : "OBJECT");
	const items: readonly (readonly [string | number, Variant])[] = isArray
		? (value as readonly Variant[]).map((item, index) => [index, item] as const)
		: [...(value as ReadonlyMap<string, Variant>)];
	for (const [step, item] of items) {
		const below = typeof step === "number" ? `${path}[${step}]` : keyPath(path, step);
		if (wanted)
			yield {
				key: typeof step === "number" ? null : step,
				path: below,
				index: typeof step === "number" ? step : null,
				value: writeJson(item),
				this: self,
			};
		if (options.recursive) yield* expand(item, below, options);
	}
}

/**
 * The rows of FLATTEN as a JSON list. `value` and `this` are JSON text inside it, so that they stay exact.
 * https://docs.snowflake.com/en/sql-reference/functions/flatten
 */
export function flatten(json: string | null, options: FlattenOptions): string {
	const input = json === null ? undefined : elementAt(readJson(json), options.path);
	const rows = input === undefined ? [] : [...expand(input, options.path, options)];
	if (rows.length > 0 || !options.outer) return JSON.stringify(rows);
	// An empty compound shows itself in THIS; anything that cannot be expanded shows nothing.
	const empty =
		input !== undefined && input !== null && typeof input === "object" && !("number" in input);
	const row: Row = {
		key: null,
		path: empty ? options.path : "",
		index: null,
		value: null,
		this: empty ? writeJson(input) : null,
	};
	return JSON.stringify([row]);
}
