import type { OrderItem, Window } from "./ast.ts";
import type { Compiler } from "./compiler.ts";
import { isSemiStructured } from "./sql-type.ts";
import type { Typed } from "./typed.ts";

/**
 * A key of ORDER BY. NULLs are the highest values: last when ascending, first when descending.
 * https://docs.snowflake.com/en/sql-reference/constructs/order-by
 */
export function compileOrder(value: Typed, item: OrderItem): string {
	const direction = item.descending ? "DESC" : "ASC";
	const nulls = item.nulls ?? (item.descending ? "FIRST" : "LAST");
	const key = (sql: string): string => `${sql} ${direction} NULLS ${nulls}`;
	if (!isSemiStructured(value.type))
		return key(value.type.base === "TIMESTAMP_TZ" ? `(${value.sql}).utc` : `(${value.sql})`);
	// Numbers in a VARIANT are ordered as numbers, everything else as text.
	return [
		`TRY_CAST(json_extract_string(${value.sql}, '$') AS DOUBLE) ${direction} NULLS ${nulls}`,
		key(`json_extract_string(${value.sql}, '$')`),
	].join(", ");
}

/** ` ORDER BY …` of a list of keys, or nothing. */
export async function compileOrderBy(
	items: readonly OrderItem[],
	compiler: Compiler,
): Promise<string> {
	const keys: string[] = [];
	for (const item of items)
		keys.push(compileOrder(await compiler.expression(item.expression, compiler), item));
	return keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`;
}

/**
 * Functions whose frame is the whole partition unless one is written.
 * https://docs.snowflake.com/en/sql-reference/functions/first_value#usage-notes
 */
const WHOLE_PARTITION = new Set(["FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"]);

/** ` OVER (…)`. */
export async function compileWindow(
	window: Window,
	functionName: string,
	compiler: Compiler,
): Promise<string> {
	const partition: string[] = [];
	for (const expression of window.partitionBy)
		partition.push((await compiler.expression(expression, compiler)).sql);
	const order = await compileOrderBy(window.orderBy, compiler);
	const frame = await compileFrame(window, functionName, compiler);
	const parts = [partition.length > 0 ? `PARTITION BY ${partition.join(", ")}` : "", order, frame];
	return ` OVER (${parts.join(" ").trim()})`;
}

async function compileFrame(
	window: Window,
	functionName: string,
	compiler: Compiler,
): Promise<string> {
	const { frame } = window;
	if (!frame)
		return WHOLE_PARTITION.has(functionName)
			? "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
			: "";
	const bound = async (side: typeof frame.start): Promise<string> => {
		if (side.kind === "current") return "CURRENT ROW";
		if (side.kind === "unbounded") return `UNBOUNDED ${side.direction}`;
		const amount = await compiler.expression(side.amount, compiler);
		return `${amount.constant ?? amount.sql} ${side.direction}`;
	};
	return `${frame.unit} BETWEEN ${await bound(frame.start)} AND ${await bound(frame.end)}`;
}
