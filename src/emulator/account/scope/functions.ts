import { parseName } from "../../../model/identifier.ts";
import { unsupported } from "../../error.ts";
import { callLoadFunction, LOAD_FUNCTIONS } from "../../load/system-functions.ts";
import { callSystemFunction, SYSTEM_FUNCTIONS } from "../../run/system-functions.ts";
import type { ScopeCallArgument, ScopeValue } from "../../sql/scope.ts";
import type { CatalogObject, Context, Kind } from "../../types.ts";
import { simpleType, textType } from "../data-type.ts";
import { compilationError, doesNotExist } from "../errors.ts";
import { engineString } from "../storage.ts";
import { earlierQuery } from "./result-scan.ts";

/** A function of the account itself: its arguments are constants, its answer is text, a truth value or null. */
type AccountFunction = (
	context: Context,
	given: readonly (string | null)[],
) => Promise<string | boolean | null>;

function constantOf(name: string, argument: ScopeCallArgument): string | null {
	if (argument.constant === undefined) throw unsupported(`${name} of anything but constants`);
	return argument.constant;
}

function kindOf(context: Context, type: string): readonly Kind[] {
	const word = type.replaceAll("_", " ").toUpperCase();
	const kinds = [...context.kinds.values()];
	if (word === "TABLE" || word === "VIEW")
		return kinds.filter((kind) =>
			["TABLE", "VIEW", "MATERIALIZED VIEW", "EXTERNAL TABLE"].includes(kind.kind),
		);
	if (word === "INTEGRATION") return kinds.filter((kind) => kind.kind === "STORAGE INTEGRATION");
	if (word === "POLICY") return kinds.filter((kind) => kind.kind.endsWith(" POLICY"));
	return kinds.filter((kind) => kind.kind === word);
}

/** GET_DDL(type, name[, fully qualified]). https://docs.snowflake.com/en/sql-reference/functions/get_ddl */
const getDdl: AccountFunction = async (context, [type, name, qualified]) => {
	const kinds = kindOf(context, type ?? "").filter((kind) => kind.ddl);
	const [first] = kinds;
	if (!first)
		throw compilationError(
			"001008",
			"22023",
			`invalid value [${type}] for parameter 'OBJECT_TYPE'`,
		);
	const parts = parseName(name ?? "");
	if (!parts)
		throw compilationError(
			"001008",
			"22023",
			`invalid value [${name}] for parameter 'OBJECT_NAME'`,
		);
	const full = context.qualify(parts, first.level);
	let found: CatalogObject | undefined;
	for (const kind of kinds) {
		found = context.catalog.find(kind.kind, full);
		if (found && kind.ddl) {
			if (qualified?.toUpperCase() === "TRUE")
				throw unsupported("GET_DDL with fully qualified names");
			return kind.ddl(context, found);
		}
	}
	throw doesNotExist(first.kind, full);
};

const FUNCTIONS: Readonly<Record<string, AccountFunction>> = {
	GET_DDL: getDdl,
	LAST_QUERY_ID: async (context, [number]) => {
		return earlierQuery(context, Number(number ?? -1)) ?? null;
	},
};

/** Their names, and those of the functions of what runs in the account. */
export const ACCOUNT_FUNCTIONS: readonly string[] = [
	...Object.keys(FUNCTIONS),
	...LOAD_FUNCTIONS,
	...SYSTEM_FUNCTIONS,
];

/** Functions of the account and of what runs in it. Undefined where there is none of that name. */
export async function callFunction(
	context: Context,
	name: readonly string[],
	values: readonly ScopeCallArgument[],
): Promise<ScopeValue | undefined> {
	if (name.length !== 1) return undefined;
	const word = name[0] ?? "";
	const own = FUNCTIONS[word];
	if (!own && !word.startsWith("SYSTEM$")) return undefined;
	const given = values.map((value) => constantOf(word, value));
	const answer = own
		? await own(context, given)
		: ((await callLoadFunction(context, word, given)) ??
			(await callSystemFunction(context, word, given)));
	if (answer === undefined) return undefined;
	if (typeof answer === "boolean")
		return { sql: String(answer), type: simpleType("BOOLEAN"), constant: String(answer) };
	const sql = answer === null ? "NULL::VARCHAR" : engineString(answer);
	return { sql, type: textType(), constant: answer };
}
