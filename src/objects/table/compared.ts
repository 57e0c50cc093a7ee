import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { ChangeContext } from "../define/property.ts";
import type { RecipeOperation } from "../define/recipe.ts";
import { type Compared, isComparable } from "./checksum.ts";
import { planColumns } from "./column-changes.ts";
import { renames } from "./column-renames.ts";
import { conversion } from "./conversion.ts";

/** The names that columns have now, by those they get. */
export function oldNames(context: ChangeContext): ReadonlyMap<string, string> {
	return new Map([...renames(context)].map(([old, name]) => [name, old]));
}

/** What is compared of a table before a change and after it. */
export function compared(
	context: ChangeContext,
	names: "old" | "renamed" | "new",
): readonly Compared[] {
	const plan = planColumns(context);
	const old = oldNames(context);
	return plan.kept
		.filter(({ before, after }) => isComparable(before) && isComparable(after))
		.map(({ before, after }) => {
			const { name } = after;
			const called = names === "old" ? (old.get(name) ?? name) : name;
			const same = names === "new" || before.type === after.type;
			return { name: called, ...(same ? {} : { as: after.type }) };
		});
}

/** Values that do not become the new type, with one of them: "0" when all do. */
export function castChecks(context: ChangeContext, table: string): readonly RecipeOperation[] {
	const old = oldNames(context);
	const stored = planColumns(context).kept.filter(({ after }) => after.expression === null);
	return stored.flatMap(({ before, after, aspects }): readonly RecipeOperation[] => {
		const name = formatIdentifier(old.get(after.name) ?? after.name);
		const nulls: readonly RecipeOperation[] =
			before.nullable && !after.nullable && aspects.some((a) => a.name === "NULLABLE")
				? [
						{
							do: "check",
							sql: `SELECT COUNT(*) FROM ${table} WHERE ${name} IS NULL`,
							until: "0",
							proves: `values of ${name} that are NULL`,
						},
					]
				: [];
		const fails = conversion(before.type, after.type)?.fails?.(name);
		if (fails === undefined) return nulls;
		const example = `MIN(LEFT(CAST(${name} AS VARCHAR), 40))`;
		return [
			...nulls,
			{
				do: "check",
				sql: `SELECT COUNT(*) || IFF(COUNT(*) = 0, '', ', for example ' || ${example}) FROM ${table} WHERE ${fails}`,
				until: "0",
				proves: `values of ${name} that are no ${after.type}`,
			},
		];
	});
}

/**
 * That nothing protects the table or says something of its columns that only the account knows: a policy that
 * hides values from whoever copies them, a tag that the new column would not have. GET_DDL tells of both even
 * where the role may not see them, as #UNKNOWN_POLICY and #UNKNOWN_TAG. What stands in quotes does not count.
 * https://docs.snowflake.com/en/sql-reference/functions/get_ddl
 */
export function unprotected(table: string): RecipeOperation {
	const ddl = `REGEXP_REPLACE(GET_DDL('TABLE', ${formatString(table)}), '''[^'']*''', '')`;
	return {
		do: "check",
		sql: `SELECT REGEXP_COUNT(${ddl}, 'WITH +([A-Z]+ +)*(POLICY|TAG)', 1, 'i')`,
		until: "0",
		proves: `policies and tags on ${table}`,
	};
}
