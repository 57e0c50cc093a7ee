import type { Client } from "../support/account.ts";
import type { Plot } from "./deployed.ts";
import type { Pipeline } from "./pipeline.ts";
import type { GrantItem, Project } from "./project-sql.ts";

/** How much of the data was there and read before the change. */
export interface Data {
	readonly rows: number;
	/** Whether consumers ran before the last rows came. */
	readonly consumed: boolean;
	/** Whether rows were changed and deleted since. */
	readonly edited: boolean;
}

const VALUES: Readonly<Record<string, (n: number) => string>> = {
	"VARCHAR(20)": (n) => (n % 3 === 0 ? "NULL" : `'${n}'`),
	VARCHAR: (n) => `'it''s ${n}'`,
	"NUMBER(10,2)": (n) => `${n}`,
	"NUMBER(38,0)": (n) => `${n + 100}`,
	FLOAT: (n) => `${n}.5`,
	BOOLEAN: (n) => (n % 2 === 0 ? "TRUE" : "FALSE"),
	DATE: (n) => `'2026-01-${String((n % 27) + 1).padStart(2, "0")}'::DATE`,
	"TIMESTAMP_NTZ(9)": (n) => `'2026-02-03 04:05:${String(n % 60).padStart(2, "0")}'::TIMESTAMP_NTZ`,
	VARIANT: (n) => `PARSE_JSON('${n}')`,
};

function insert(spec: Pipeline, table: number, database: string, ids: readonly number[]): string {
	const columns = spec.tables[table]?.columns ?? [];
	const names = ["ID", ...columns.map((_, i) => `C${i}`)].join(", ");
	const selects = ids.map((id) =>
		[
			`SELECT ${id}`,
			...columns.map(({ type, extra }) => {
				const value = VALUES[type]?.(id) ?? "NULL";
				return value === "NULL" && extra === "never null" ? "''" : value;
			}),
		].join(", "),
	);
	return `INSERT INTO ${database}.BRONZE.T${table} (${names}) ${selects.join(" UNION ALL ")}`;
}

const FILES = [
	["a.csv", [1001, 1002]],
	["b.csv", [1003]],
] as const;

/** The file that comes when everything else is there; it waits where the pipe is paused. */
export const LAST_FILE: readonly [string, readonly number[]] = ["c.csv", [1004, 1005]];

export function lines(ids: readonly number[]): string {
	return ids.map((id) => `${id}\n`).join("");
}

/** Every file, with the rows in it. */
export const ALL_FILES: readonly (readonly [string, readonly number[]])[] = [...FILES, LAST_FILE];

/** Puts data into a project that was applied: rows, files, changes that some consumers read and some did not. */
export async function seed(
	client: Client,
	plot: Plot,
	spec: Pipeline,
	project: Project,
	grants: readonly GrantItem[],
	{ rows, consumed, edited }: Data,
): Promise<void> {
	const { database } = plot;
	const has = (id: string) => project.items.some((item) => item.id === id);
	const name = (id: string) => `${database}.BRONZE.${id}`;
	for (const i of spec.tables.keys())
		await client.query(
			insert(
				spec,
				i,
				database,
				Array.from({ length: rows }, (_, n) => n + 1),
			),
		);
	for (const [file, ids] of FILES) plot.drop(`landing/orders/${file}`, lines(ids));
	await plot.wait(120);
	for (const [i, { consumer }] of spec.streams.entries()) {
		const { form, state } = consumer;
		if (form === "nobody") continue;
		const root = form === "in a graph" ? `ROOT${i}` : `READ${i}`;
		if (consumed) {
			await client.query(
				`INSERT INTO ${name(`OUT${i}`)} SELECT ID::VARCHAR, METADATA$ACTION, METADATA$ISUPDATE::VARCHAR FROM ${name(`S${i}`)}`,
			);
		}
		if (state === "by hand") {
			if (form === "in a graph")
				await client.run(
					`ALTER TASK ${name(`LAST${i}`)} RESUME`,
					`ALTER TASK ${name(`READ${i}`)} RESUME`,
				);
			await client.query(`ALTER TASK ${name(root)} RESUME`);
		}
	}
	for (const i of spec.tables.keys())
		await client.query(insert(spec, i, database, [rows + 1, rows + 2]));
	if (edited)
		for (const i of spec.tables.keys()) {
			await client.query(`UPDATE ${name(`T${i}`)} SET ID = ID WHERE ID = 1`);
			await client.query(`DELETE FROM ${name(`T${i}`)} WHERE ID = 2`);
		}
	if (spec.pipe.paused === "by hand")
		await client.query(`ALTER PIPE ${name("LOAD")} SET PIPE_EXECUTION_PAUSED = TRUE`);
	plot.drop(`landing/orders/${LAST_FILE[0]}`, lines(LAST_FILE[1]));
	await plot.wait(120);
	for (const grant of grants.filter((g) => g.byHand)) await client.query(grant.sql);
	if (has("FILES"))
		await client.query(
			`COPY INTO @${name("FILES")}/kept.csv FROM (SELECT 1) FILE_FORMAT = (TYPE = CSV) SINGLE = TRUE OVERWRITE = TRUE`,
		);
	await client.query(`SELECT ${name("NUMBERS")}.NEXTVAL`);
}
