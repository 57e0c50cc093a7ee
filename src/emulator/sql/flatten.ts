import { duckdbType, engineString } from "../account/storage.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { SqlType } from "../types.ts";
import type { Argument, FromItem } from "./ast.ts";
import type { Compiler } from "./compiler.ts";
import { convert } from "./convert.ts";
import { INTEGER, TEXT, VARIANT } from "./sql-type.ts";
import { place } from "./syntax.ts";

type FunctionItem = Extract<FromItem, { kind: "function" }>;

/** Rows made from one value: a list of structs, and the columns read from one of them. */
interface Rows {
	readonly list: string;
	readonly columns: readonly {
		readonly name: string;
		readonly type: SqlType;
		readonly sql: (row: string) => string;
	}[];
}

/** The table functions that take a value apart, by name. */
export const ROWS: Readonly<
	Record<string, (item: FunctionItem, compiler: Compiler) => Promise<Rows>>
> = {
	FLATTEN: flatten,
	SPLIT_TO_TABLE: splitToTable,
};

/** The rows of FLATTEN or SPLIT_TO_TABLE. */
export async function rowsOf(item: FunctionItem, compiler: Compiler): Promise<Rows> {
	const rows = ROWS[item.name.join(".")];
	if (!rows) throw unsupported(`table function ${item.name.join(".")}`, place(item.span));
	return rows(item, compiler);
}

/** The value of an argument that must be a constant. */
export async function constant(argument: Argument, compiler: Compiler): Promise<string | null> {
	const value = await compiler.expression(argument.value, compiler);
	if (value.constant === undefined)
		throw unsupported(
			"an argument of a table function that is not a constant",
			place(argument.value.span),
		);
	return value.constant;
}

/** Arguments by name, those without one by their place in `order`. */
export function argumentsByName(
	item: FunctionItem,
	order: readonly string[],
): ReadonlyMap<string, Argument> {
	return new Map(item.arguments.map((argument, i) => [argument.name ?? order[i] ?? "", argument]));
}

const OPTIONS = ["INPUT", "PATH", "OUTER", "RECURSIVE", "MODE"];
const SHAPE =
	'[{"key":"VARCHAR","path":"VARCHAR","index":"DECIMAL(38,0)","value":"VARCHAR","this":"VARCHAR"}]';

async function flatten(item: FunctionItem, compiler: Compiler): Promise<Rows> {
	const values = argumentsByName(item, ["INPUT"]);
	const option = async (name: string, otherwise: string): Promise<string> => {
		const argument = values.get(name);
		return argument ? ((await constant(argument, compiler)) ?? otherwise) : otherwise;
	};
	const unknown = [...values.keys()].find((name) => !OPTIONS.includes(name));
	const argument = values.get("INPUT");
	if (unknown !== undefined || !argument)
		throw new SnowflakeError(
			"001015",
			"22023",
			`SQL compilation error:\ninvalid argument ${unknown ?? "INPUT"} of FLATTEN`,
			place(item.span),
		);
	const input = convert(
		await compiler.expression(argument.value, compiler),
		VARIANT,
		compiler.shared.scope.session,
		item.span,
	);
	const path = engineString(await option("PATH", ""));
	const outer = await option("OUTER", "false");
	const recursive = await option("RECURSIVE", "false");
	const mode = engineString(await option("MODE", "BOTH"));
	const rows = `sf_flatten(CAST(${input.sql} AS VARCHAR), ${path}, ${outer}, ${recursive}, ${mode})`;
	const field = (name: string) => (row: string) => `struct_extract(${row}, '${name}')`;
	const json = (name: string) => (row: string) => `CAST(struct_extract(${row}, '${name}') AS JSON)`;
	return {
		list: `from_json(${rows}, '${SHAPE}')`,
		columns: [
			{ name: "KEY", type: TEXT, sql: field("key") },
			{ name: "PATH", type: TEXT, sql: field("path") },
			{ name: "INDEX", type: INTEGER, sql: field("index") },
			{ name: "VALUE", type: VARIANT, sql: json("value") },
			{ name: "THIS", type: VARIANT, sql: json("this") },
		],
	};
}

async function splitToTable(item: FunctionItem, compiler: Compiler): Promise<Rows> {
	const texts: string[] = [];
	for (const argument of item.arguments) {
		const value = await compiler.expression(argument.value, compiler);
		texts.push(convert(value, TEXT, compiler.shared.scope.session, item.span).sql);
	}
	const [text, delimiter] = texts;
	if (text === undefined || delimiter === undefined || texts.length > 2)
		throw unsupported("SPLIT_TO_TABLE other than with two arguments", place(item.span));
	const parts = `string_split(${text}, ${delimiter})`;
	return {
		list: `list_transform(${parts}, lambda x, i: struct_pack(i := i, x := x))`,
		columns: [
			{
				name: "INDEX",
				type: INTEGER,
				sql: (row) => `CAST(struct_extract(${row}, 'i') AS ${duckdbType(INTEGER)})`,
			},
			{ name: "VALUE", type: TEXT, sql: (row) => `struct_extract(${row}, 'x')` },
		],
	};
}
