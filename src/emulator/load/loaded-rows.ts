import type { Span } from "../../diagnostics/source.ts";
import { compilationError } from "../account/errors.ts";
import { unsupported } from "../error.ts";
import { compileExpressionNode } from "../sql/compile-expression.ts";
import { fromRelation } from "../sql/compile-from.ts";
import { compileQueryNode } from "../sql/compile-query.ts";
import { type Compiler, withNames } from "../sql/compiler.ts";
import { invalidIdentifier } from "../sql/names.ts";
import type { Scope, TargetColumn, TargetTable } from "../sql/scope.ts";
import { isSemiStructured, TEXT, VARIANT } from "../sql/sql-type.ts";
import { type Typed, typed } from "../sql/typed.ts";
import { type Assignment, assign } from "./assign.ts";
import type { LoadedColumn, LoadedRows } from "./check-rows.ts";
import type { CopyIntoTable, Transformation } from "./copy-statement.ts";
import type { FileFormat } from "./file-format.ts";
import { type Arrange, METADATA_COLUMNS, type Scan } from "./scan.ts";
import type { ScannedRow } from "./scanned-row.ts";
import { scanRelation } from "./stage-relation.ts";

/** The engine's name for the scan in everything that reads it. */
const ALIAS = "scan";

/** What COPY says about the columns it loads. */
export interface LoadPlan {
	readonly copy: CopyIntoTable;
	readonly target: TargetTable;
	readonly format: FileFormat;
	readonly scope: Scope;
	readonly span: Span;
}

/** The columns of the target that a COPY names, or all of them. */
function targetColumns(copy: CopyIntoTable, target: TargetTable): readonly TargetColumn[] {
	if (!copy.columns) return target.columns;
	return copy.columns.map(({ name, span }) => {
		const column = target.columns.find((candidate) => candidate.name === name);
		if (!column) throw invalidIdentifier([name], span);
		return column;
	});
}

function loaded(
	plan: LoadPlan,
	column: TargetColumn,
	value: Typed,
	textIsJson: boolean,
): LoadedColumn {
	const { copy, format, scope, span } = plan;
	const assignment: Assignment = {
		type: column.type,
		format,
		truncate: copy.truncate,
		session: scope.session,
		span,
		textIsJson,
	};
	const { name, type, nullable } = column;
	return { name, type, nullable, ...assign(value, assignment) };
}

function metadata(field: string): Typed {
	const column = METADATA_COLUMNS.find((candidate) => candidate.name === field);
	if (!column) throw unsupported(field);
	return typed(`${ALIAS}.${column.sql}`, column.type);
}

/** Columns by name: `c` holds, for each target column, what the file has under that name. */
function matchedColumns(plan: LoadPlan): readonly LoadedColumn[] {
	const { copy, format } = plan;
	const isText = format.type === "CSV";
	return targetColumns(copy, plan.target).map((column, i) => {
		const field = copy.includeMetadata.get(column.name);
		if (field !== undefined) return loaded(plan, column, metadata(field), false);
		const sql = `${ALIAS}.c[${i + 1}]`;
		const value = isText ? typed(sql, TEXT) : typed(`CAST(${sql} AS JSON)`, VARIANT);
		return loaded(plan, column, value, true);
	});
}

/** Strings that NULL_IF names are NULL, and TRIM_SPACE trims; other JSON values stay as they are. */
function cleanMember(json: string | undefined, format: FileFormat): string | null {
	if (json === undefined) return null;
	const nullIf = format.options.NULL_IF as readonly string[];
	if (!json.startsWith('"')) return nullIf.includes(json) ? null : json;
	const text = JSON.parse(json) as string;
	const clean = format.options.TRIM_SPACE === true ? text.trim() : text;
	return nullIf.includes(clean) ? null : JSON.stringify(clean);
}

/** How MATCH_BY_COLUMN_NAME fills `c`; undefined where records stay as they are. */
export function arrangement(plan: LoadPlan): Arrange | undefined {
	const { copy, format, target } = plan;
	if (!copy.match) return undefined;
	if (format.type === "CSV" && format.options.PARSE_HEADER !== true)
		throw compilationError(
			"001008",
			"22023",
			"MATCH_BY_COLUMN_NAME with CSV files requires the file format option PARSE_HEADER = TRUE.",
		);
	const same = (name: string): string =>
		copy.match === "CASE_SENSITIVE" ? name : name.toUpperCase();
	const names = targetColumns(copy, target).map((column) => same(column.name));
	return (row: ScannedRow, header) => {
		const values = new Map<string, string | null>();
		for (const [i, name] of (header ?? []).entries()) values.set(same(name), row.fields[i] ?? null);
		if (!header)
			for (const [name, json] of row.members ?? [])
				values.set(same(name), cleanMember(json, format));
		return names.map((name) => values.get(name) ?? null);
	};
}

function plainColumns(plan: LoadPlan): readonly LoadedColumn[] {
	const { copy, format, target } = plan;
	const columns = targetColumns(copy, target);
	if (format.type === "CSV")
		return columns.map((column, i) =>
			loaded(plan, column, typed(`${ALIAS}.c[${i + 1}]`, TEXT), true),
		);
	const [only] = columns;
	if (!only || columns.length > 1 || !isSemiStructured(only.type))
		throw compilationError(
			"002019",
			"0A000",
			`${format.type} file format can produce one and only one column of type variant, object, or array. Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.`,
		);
	return [loaded(plan, only, typed(`${ALIAS}.d`, VARIANT), false)];
}

async function transformedColumns(
	plan: LoadPlan,
	{ select, stage }: Transformation,
	scan: Scan,
): Promise<readonly LoadedColumn[]> {
	const { copy, format, scope, target } = plan;
	const compiler: Compiler = {
		shared: { scope, reads: new Set(), alias: () => ALIAS },
		names: { sources: [] },
		tables: new Map(),
		query: compileQueryNode,
		expression: compileExpressionNode,
	};
	const { sources } = fromRelation(scanRelation(scan, format, []), stage.alias, [], compiler);
	const inner = withNames(compiler, { sources });
	const columns = targetColumns(copy, target);
	if (select.items.length !== columns.length)
		throw compilationError(
			"002020",
			"21S01",
			`Insert value list does not match column list expecting ${columns.length} but got ${select.items.length}`,
		);
	const result: LoadedColumn[] = [];
	for (const [i, column] of columns.entries()) {
		const item = select.items[i];
		if (item?.kind !== "expression") throw unsupported("SELECT * in a COPY transformation");
		const value = await compileExpressionNode(item.expression, inner);
		result.push(loaded(plan, column, value, false));
	}
	return result;
}

/** The expressions that load a scan's records into the target. */
export async function loadedRows(plan: LoadPlan, scan: Scan): Promise<LoadedRows> {
	const { copy, format } = plan;
	const from = `${scan.from} AS ${ALIAS}`;
	const base = { scan, from, alias: ALIAS };
	if (copy.transformation) {
		const columns = await transformedColumns(plan, copy.transformation, scan);
		return { ...base, columns, width: undefined };
	}
	if (copy.match) return { ...base, columns: matchedColumns(plan), width: undefined };
	const columns = plainColumns(plan);
	const counted = format.type === "CSV" && format.options.ERROR_ON_COLUMN_COUNT_MISMATCH !== false;
	return { ...base, columns, width: counted ? columns.length : undefined };
}
