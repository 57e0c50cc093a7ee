import type { Span } from "../../diagnostics/source.ts";
import { SnowflakeError } from "../error.ts";
import type { FromItem } from "./ast.ts";
import { compileFrom, fromRelation } from "./compile-from.ts";
import { type Compiler, withNames } from "./compiler.ts";
import { convert } from "./convert.ts";
import type { Insert, StoredValue, Target } from "./dml-ast.ts";
import type { Source } from "./names.ts";
import type { TargetColumn, TargetTable } from "./scope.ts";
import { place } from "./syntax.ts";
import { type Typed, typed } from "./typed.ts";

/** The columns an INSERT names, or all of them. */
export function writtenColumns(
	columns: Insert["columns"],
	target: TargetTable,
): readonly TargetColumn[] {
	if (!columns) return target.columns;
	const seen = new Set<string>();
	return columns.map(({ name, span }) => {
		const column = findColumn(name, target, span);
		if (seen.has(name))
			throw new SnowflakeError(
				"002025",
				"42S21",
				`SQL compilation error:\nduplicate column name '${name}'`,
				place(span),
			);
		seen.add(name);
		return column;
	});
}

/** A column of the target by name. */
export function findColumn(name: string, target: TargetTable, span: Span): TargetColumn {
	const column = target.columns.find((candidate) => candidate.name === name);
	if (column) return column;
	throw new SnowflakeError(
		"000904",
		"42000",
		`SQL compilation error: error line ${place(span).line} at position ${place(span).pos}\ninvalid identifier '${name}'`,
		place(span),
	);
}

/** A value to store, DEFAULT being what the column says. */
export async function compileStored(
	value: StoredValue,
	column: TargetColumn,
	compiler: Compiler,
): Promise<Typed> {
	if (value.kind === "default") return typed(column.default ?? "NULL", column.type);
	return compiler.expression(value, compiler);
}

/** A value in its column's type; text keeps its length, which is checked when it is stored. */
export function storedForm(
	value: Typed,
	column: TargetColumn,
	compiler: Compiler,
	span: Span,
): string {
	const type = column.type.base === "TEXT" ? { ...column.type, length: 134217728 } : column.type;
	return convert(value, type, compiler.shared.scope.session, span).sql;
}

/** The target with its hidden row number, and whatever else FROM or USING brings. */
export async function joinTarget(
	target: TargetTable,
	written: Target,
	others: FromItem | undefined,
	compiler: Compiler,
): Promise<{ readonly sql: string; readonly sources: readonly Source[]; readonly rowId: string }> {
	const alias = { name: written.alias, columns: [] };
	const own = fromRelation({ ...target.relation, reads: [] }, alias, written.name, compiler);
	const name = own.sql.slice(own.sql.lastIndexOf(" AS ") + 4);
	const rowId = `${name}.${target.rowId}`;
	if (!others) return { ...own, rowId };
	const joined = await compileFrom(others, withNames(compiler, { sources: own.sources }));
	return {
		sql: `${own.sql} CROSS JOIN ${joined.sql}`,
		sources: [...own.sources, ...joined.sources],
		rowId,
	};
}
