import type { Span } from "../../../diagnostics/source.ts";
import type { SqlType } from "../../types.ts";
import type { Mode } from "../convert.ts";
import type { ScopeSession } from "../scope.ts";
import type { Typed } from "../typed.ts";

/** A call as a function's translation sees it. */
export interface FunctionCall {
	readonly name: string;
	readonly values: readonly Typed[];
	/** `COUNT(*)`. */
	readonly star: boolean;
	readonly distinct: boolean;
	/** ` ORDER BY …` of WITHIN GROUP, or nothing. */
	readonly order: string;
	/** The keys of WITHIN GROUP. */
	readonly orderBy: readonly { readonly value: Typed; readonly descending: boolean }[];
	readonly nulls: "IGNORE" | "RESPECT" | undefined;
	/** ` OVER (…)`, or nothing. */
	readonly over: string;
	readonly session: ScopeSession;
	readonly span: Span;
	/** Converts a value as `::` does. */
	readonly convert: (value: Typed, type: SqlType, mode?: Mode) => Typed;
}

/** One function the local account answers. */
export interface FunctionEntry {
	readonly kind: "scalar" | "aggregate" | "window";
	/** How many arguments it takes. */
	readonly least: number;
	readonly most: number;
	/** Arguments that may be bare words, by place. */
	readonly words?: readonly number[];
	readonly translate: (call: FunctionCall) => Typed;
}

/** Functions by name. */
export type FunctionTable = Readonly<Record<string, FunctionEntry>>;

/** A function of each row. */
export function scalar(
	least: number,
	most: number,
	translate: FunctionEntry["translate"],
	words?: readonly number[],
): FunctionEntry {
	return { kind: "scalar", least, most, translate, ...(words && { words }) };
}

/** A function of a group, or of a window. */
export function aggregate(
	least: number,
	most: number,
	translate: FunctionEntry["translate"],
): FunctionEntry {
	return { kind: "aggregate", least, most, translate };
}

/** A function that needs OVER. */
export function windowed(
	least: number,
	most: number,
	translate: FunctionEntry["translate"],
): FunctionEntry {
	return { kind: "window", least, most, translate };
}

/** The n-th argument, from 0; NULL when it was left out. */
export function argument(call: FunctionCall, index: number): Typed {
	return (
		call.values[index] ?? { sql: "NULL", type: { base: "TEXT", text: "VARCHAR" }, untyped: true }
	);
}

/** The n-th argument converted to a type. */
export function sqlOf(call: FunctionCall, index: number, type: SqlType): string {
	return call.convert(argument(call, index), type).sql;
}
