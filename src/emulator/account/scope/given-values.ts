import type { Span } from "../../../diagnostics/source.ts";
import { unsupported } from "../../error.ts";
import type { ScopeValue } from "../../sql/scope.ts";
import { place } from "../../sql/syntax.ts";
import type { Bind, Context } from "../../types.ts";
import { compilationError } from "../errors.ts";
import { engineString } from "../storage.ts";

/** For how many rows the binds are; undefined where there is one value for each. */
export function boundRows({ binds }: Context): number | undefined {
	const [length, ...others] = new Set(binds.flatMap(({ values }) => values?.length ?? []));
	if (others.length > 0)
		throw compilationError(
			"100351",
			"22000",
			"The binds of a statement for several rows differ in number.",
		);
	return length;
}

/** The value of a bind, in a row of it where the statement is for several. */
export function bound(
	context: Context,
	name: number | string,
	span: Span,
	row: number | undefined,
): Bind | undefined {
	const found = typeof name === "number" ? context.binds[name - 1] : undefined;
	if (!found && context.describeOnly) return { type: "TEXT", value: null };
	if (!found?.values) return found;
	if (row === undefined) throw unsupported("binds for several rows outside INSERT", place(span));
	return { type: found.type, value: found.values[row] ?? null };
}

/** A session variable as an expression of the engine. */
export function variable(context: Context, name: string): ScopeValue | undefined {
	const value = context.session.variables.get(name);
	if (value === undefined) return undefined;
	if (typeof value === "number")
		return {
			sql: `CAST(${value} AS DECIMAL(38,0))`,
			type: { base: "FIXED", precision: 38, scale: 0, text: "NUMBER(38,0)" },
		};
	if (typeof value === "boolean")
		return { sql: String(value), type: { base: "BOOLEAN", text: "BOOLEAN" } };
	const text = String(value);
	return {
		sql: engineString(text),
		type: { base: "TEXT", length: Math.max(text.length, 1), text: `VARCHAR(${text.length})` },
	};
}
