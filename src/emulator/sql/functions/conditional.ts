import { commonType } from "../convert.ts";
import { comparable } from "../operators.ts";
import { BOOLEAN } from "../sql-type.ts";
import { NULL, type Typed, typed } from "../typed.ts";
import { argument, type FunctionCall, type FunctionTable, scalar, sqlOf } from "./entry.ts";

/** All of these in the type they have in common. */
function common(
	call: FunctionCall,
	values: readonly Typed[],
): { type: Typed["type"]; list: string[] } {
	const type = commonType(values);
	return { type, list: values.map((value) => call.convert(value, type).sql) };
}

function coalesce(call: FunctionCall): Typed {
	const { type, list } = common(call, call.values);
	return typed(`coalesce(${list.join(", ")})`, type);
}

/** GREATEST and LEAST are NULL when any argument is; the engine's are not. */
function extreme(engine: string, ignoreNulls: boolean) {
	return scalar(1, Infinity, (call) => {
		const { type, list } = common(call, call.values);
		const call_ = `${engine}(${list.join(", ")})`;
		if (ignoreNulls) return typed(call_, type);
		const anyNull = list.map((item) => `${item} IS NULL`).join(" OR ");
		return typed(`CASE WHEN ${anyNull} THEN NULL ELSE ${call_} END`, type);
	});
}

/** DECODE(value, search, result, …, default): NULL matches NULL. */
function decode(call: FunctionCall): Typed {
	const value = argument(call, 0);
	const pairs: { readonly search: Typed; readonly result: Typed }[] = [];
	let at = 1;
	for (; at + 1 < call.values.length; at += 2)
		pairs.push({ search: argument(call, at), result: argument(call, at + 1) });
	const otherwise = at < call.values.length ? argument(call, at) : NULL;
	const type = commonType([...pairs.map((pair) => pair.result), otherwise]);
	const branches = pairs.map(({ search, result }) => {
		const [left, right] = comparable(value, search, call);
		return ` WHEN ${left} IS NOT DISTINCT FROM ${right} THEN ${call.convert(result, type).sql}`;
	});
	return typed(`CASE${branches.join("")} ELSE ${call.convert(otherwise, type).sql} END`, type);
}

function choose(call: FunctionCall, condition: string, yes: Typed, no: Typed): Typed {
	const { type, list } = common(call, [yes, no]);
	return typed(`CASE WHEN ${condition} THEN ${list[0]} ELSE ${list[1]} END`, type);
}

/** Functions that choose between values. */
export const CONDITIONAL_FUNCTIONS: FunctionTable = {
	COALESCE: scalar(2, Infinity, coalesce),
	NVL: scalar(2, 2, coalesce),
	IFNULL: scalar(2, 2, coalesce),
	NVL2: scalar(3, 3, (call) =>
		choose(call, `${argument(call, 0).sql} IS NOT NULL`, argument(call, 1), argument(call, 2)),
	),
	IFF: scalar(3, 3, (call) =>
		choose(call, sqlOf(call, 0, BOOLEAN), argument(call, 1), argument(call, 2)),
	),
	NULLIF: scalar(2, 2, (call) => {
		const value = argument(call, 0);
		const [left, right] = comparable(value, argument(call, 1), call);
		return typed(`CASE WHEN ${left} = ${right} THEN NULL ELSE ${value.sql} END`, value.type);
	}),
	NULLIFZERO: scalar(1, 1, (call) => {
		const value = argument(call, 0);
		return typed(`nullif(${value.sql}, 0)`, value.type);
	}),
	ZEROIFNULL: scalar(1, 1, (call) => {
		const value = argument(call, 0);
		return typed(`coalesce(${value.sql}, 0)`, value.type);
	}),
	EQUAL_NULL: scalar(2, 2, (call) => {
		const [left, right] = comparable(argument(call, 0), argument(call, 1), call);
		return typed(`(${left} IS NOT DISTINCT FROM ${right})`, BOOLEAN);
	}),
	DECODE: scalar(3, Infinity, decode),
	GREATEST: extreme("greatest", false),
	LEAST: extreme("least", false),
	GREATEST_IGNORE_NULLS: extreme("greatest", true),
	LEAST_IGNORE_NULLS: extreme("least", true),
	BOOLAND: scalar(2, 2, (call) =>
		typed(`(${sqlOf(call, 0, BOOLEAN)} AND ${sqlOf(call, 1, BOOLEAN)})`, BOOLEAN),
	),
	BOOLOR: scalar(2, 2, (call) =>
		typed(`(${sqlOf(call, 0, BOOLEAN)} OR ${sqlOf(call, 1, BOOLEAN)})`, BOOLEAN),
	),
	BOOLNOT: scalar(1, 1, (call) => typed(`(NOT ${sqlOf(call, 0, BOOLEAN)})`, BOOLEAN)),
};
