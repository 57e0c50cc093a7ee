import { runEngine } from "../account/engine.ts";
import { SnowflakeError } from "../error.ts";
import { engineError } from "../sql/engine-error.ts";
import type { Account, Session, SqlType } from "../types.ts";
import type { Assigned } from "./assign.ts";
import type { Scan } from "./scan.ts";

/** A column that is loaded, with the expression for it over the scan. */
export interface LoadedColumn extends Assigned {
	readonly name: string;
	readonly type: SqlType;
	readonly nullable: boolean;
}

/** What is loaded: expressions over a FROM item that has the scan's columns under `alias`. */
export interface LoadedRows {
	readonly scan: Scan;
	/** `(…) AS alias`. */
	readonly from: string;
	readonly alias: string;
	readonly columns: readonly LoadedColumn[];
	/** How many fields a record must have; undefined where that does not matter. */
	readonly width: number | undefined;
}

/** A row that cannot be loaded. */
export interface BadRow {
	readonly file: number;
	readonly row: number;
	readonly line: number;
	/** 1-based. */
	readonly character: number;
	/** Place of the column among the loaded ones, where the error has one. */
	readonly column: number | undefined;
	readonly error: SnowflakeError;
}

const probes = new WeakMap<Account, Promise<Session>>();

/**
 * Rows are tried on a session of their own: in the engine a query that fails takes the whole transaction with it.
 * What was read lies in files, so that other session sees it too.
 */
async function probe(account: Account, sql: string): Promise<readonly (readonly unknown[])[]> {
	let session = probes.get(account);
	if (!session) {
		session = account.openSession("SNOWFLAKE");
		probes.set(account, session);
	}
	const { rows } = await runEngine((await session).connection, { sql, values: [] });
	return rows;
}

/** 1: not convertible; 2: NULL where none is allowed; 3: too long; NULL: nothing is wrong. */
function causeOf(column: LoadedColumn): string {
	const { sql, nullable, limit } = column;
	const causes = [`WHEN TRY((${sql}) IS NULL) IS NULL THEN 1`];
	if (!nullable) causes.push(`WHEN (${sql}) IS NULL THEN 2`);
	if (limit !== undefined) causes.push(`WHEN length(${sql}) > ${limit} THEN 3`);
	return `CASE ${causes.join(" ")} END`;
}

interface Found {
	readonly file: number;
	readonly row: number;
}

/** All rows with something wrong, in order, by their places. */
async function findBadRows(account: Account, rows: LoadedRows): Promise<readonly Found[]> {
	const { from, alias, columns, width } = rows;
	const tests = columns.map((column) => `(${causeOf(column)}) IS NOT NULL`);
	if (width !== undefined) tests.unshift(`len(${alias}.c) <> ${width}`);
	const wrong = [`${alias}.e IS NOT NULL`, ...tests].join(" OR ");
	try {
		const found = await probe(
			account,
			`SELECT ${alias}.f, ${alias}.n FROM ${from} WHERE CASE WHEN ${wrong} THEN true ELSE false END ORDER BY 1, 2`,
		);
		return found.map(([file, row]) => ({ file: Number(file), row: Number(row) }));
	} catch (error) {
		// The engine's TRY refuses volatile functions, and its own error() is one.
		if (error instanceof Error && /volatile function/.test(error.message))
			return bisect(account, rows);
		throw engineError(error);
	}
}

/** Finds the bad rows by trying halves. */
async function bisect(account: Account, rows: LoadedRows): Promise<readonly Found[]> {
	const found: Found[] = [];
	const works = async (file: number, from: number, to: number): Promise<boolean> => {
		const within = `${rows.alias}.f = ${file} AND ${rows.alias}.n BETWEEN ${from} AND ${to}`;
		return (await tryRows(account, rows, within)) === undefined;
	};
	const search = async (file: number, from: number, to: number): Promise<void> => {
		if (from > to || (await works(file, from, to))) return;
		if (from === to) {
			found.push({ file, row: from });
			return;
		}
		const middle = Math.floor((from + to) / 2);
		await search(file, from, middle);
		await search(file, middle + 1, to);
	};
	for (const [file, scanned] of rows.scan.files.entries()) await search(file, 1, scanned.rows);
	return found;
}

interface Problem {
	readonly error: SnowflakeError;
	readonly column: number | undefined;
	readonly character: number | undefined;
}

const NULL_ERROR = new SnowflakeError("100072", "22000", "NULL result in a non-nullable column");

/** What is wrong with the rows of a condition; undefined where nothing is. */
async function tryRows(
	account: Account,
	rows: LoadedRows,
	condition: string,
): Promise<Problem | undefined> {
	const { from, alias, columns, width } = rows;
	const [unreadable] = await probe(
		account,
		`SELECT ${alias}.e, ${alias}.p FROM ${from} WHERE (${condition}) AND ${alias}.e IS NOT NULL LIMIT 1`,
	);
	if (unreadable)
		return {
			error: new SnowflakeError("100069", "22P02", String(unreadable[0])),
			column: undefined,
			character: Number(unreadable[1] ?? 1),
		};
	if (width !== undefined) {
		const [counted] = await probe(
			account,
			`SELECT len(${alias}.c) FROM ${from} WHERE (${condition}) AND len(${alias}.c) <> ${width} LIMIT 1`,
		);
		if (counted)
			return {
				error: new SnowflakeError(
					"100080",
					"22000",
					`Number of columns in file (${counted[0]}) does not match that of the corresponding table (${width}), use file format option error_on_column_count_mismatch=false to ignore this error`,
				),
				column: undefined,
				character: undefined,
			};
	}
	for (const [index, column] of columns.entries()) {
		const problem = await tryColumn(account, rows, condition, column);
		if (problem) return { error: problem, column: index, character: undefined };
	}
	return undefined;
}

async function tryColumn(
	account: Account,
	{ from }: LoadedRows,
	condition: string,
	{ sql, nullable, limit }: LoadedColumn,
): Promise<SnowflakeError | undefined> {
	let values: readonly (readonly unknown[])[];
	try {
		values = await probe(
			account,
			`SELECT count(*) FILTER (v IS NULL), ${limit === undefined ? "NULL" : `any_value(v) FILTER (length(v) > ${limit})`}
			 FROM (SELECT ${sql} AS v FROM ${from} WHERE ${condition})`,
		);
	} catch (error) {
		return engineError(error);
	}
	const [nulls, long] = values[0] ?? [];
	if (!nullable && Number(nulls) > 0) return NULL_ERROR;
	if (long === null || long === undefined) return undefined;
	return new SnowflakeError(
		"100078",
		"22000",
		`User character length limit (${limit}) exceeded by string '${long}'`,
	);
}

/** The 1-based place where a field begins in its record, by the lengths of those before it. */
async function placeOf(
	account: Account,
	rows: LoadedRows,
	condition: string,
	column: number,
): Promise<number> {
	const [row] = await probe(
		account,
		`SELECT coalesce(list_sum(list_transform(${rows.alias}.c[1:${column}], lambda x: coalesce(length(x), 0) + 1)), 0) + 1
		 FROM ${rows.from} WHERE ${condition}`,
	);
	return Number(row?.[0] ?? 1);
}

/** Tries every row. Errors are told for the rows that `tell` picks; that costs a few queries each. */
export async function checkRows(
	account: Account,
	rows: LoadedRows,
	tell: (bad: readonly Found[]) => readonly Found[],
): Promise<{ readonly bad: readonly Found[]; readonly told: readonly BadRow[] }> {
	const bad = await findBadRows(account, rows);
	const told: BadRow[] = [];
	for (const { file, row } of tell(bad)) {
		const condition = `${rows.alias}.f = ${file} AND ${rows.alias}.n = ${row}`;
		const problem = await tryRows(account, rows, condition);
		if (!problem) throw new Error(`row ${row} failed with others but not alone`);
		const [at] = await probe(
			account,
			`SELECT ${rows.alias}.l FROM ${rows.from} WHERE ${condition}`,
		);
		const character =
			problem.character ??
			(problem.column === undefined ? 1 : await placeOf(account, rows, condition, problem.column));
		told.push({
			file,
			row,
			line: Number(at?.[0] ?? row),
			character,
			column: problem.column,
			error: problem.error,
		});
	}
	return { bad, told };
}
