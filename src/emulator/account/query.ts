import { Cursor } from "../../parse/cursor.ts";
import type { OtherStatement } from "../../parse/statement.ts";
import { SnowflakeError } from "../error.ts";
import { forgetTableLoads } from "../load/load-history.ts";
import { captureBefore, recordChanges } from "../run/change-log.ts";
import { runsServerless } from "../run/current-run.ts";
import { compileQuery } from "../sql/compile.ts";
import { compileDml } from "../sql/compile-dml.ts";
import { ANSWER_NAMES, type Answer } from "../sql/dml.ts";
import { readDml, readQuery } from "../sql/parse.ts";
import type { Context, Handler, LockMode, Result } from "../types.ts";
import { fixedType } from "./data-type.ts";
import { consumeStreams } from "./reads.ts";
import { statementScope } from "./scope/scope.ts";
import { wireCell } from "./wire.ts";

/** A cursor over a whole statement, its first word included. */
function whole(statement: OtherStatement): Cursor {
	return new Cursor(statement.source, statement.tokens);
}

/** 000606 unless the session has a warehouse; queries that read nothing but constants need none. */
export function requireWarehouse(context: Context, reads: ReadonlySet<number>): void {
	if (reads.size === 0 || runsServerless(context.session)) return;
	const { warehouse } = context.session;
	if (warehouse !== undefined && context.catalog.find("WAREHOUSE", [warehouse])) return;
	throw new SnowflakeError(
		"000606",
		"57P03",
		"No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
	);
}

/** SELECT, WITH, VALUES and queries in parentheses. */
const select: Handler = async (context, statement) => {
	const compiled = await compileQuery(readQuery(whole(statement)), statementScope(context));
	requireWarehouse(context, compiled.reads);
	const rows = context.describeOnly ? [] : await context.engine(compiled.sql);
	return {
		columns: compiled.columns,
		rows: rows.map((row) => compiled.columns.map((column, i) => wireCell(row[i], column.type))),
	};
};

const LOCKS: Readonly<Record<string, LockMode>> = { insert: "insert", truncate: "define" };

/** INSERT, UPDATE, DELETE, MERGE and TRUNCATE. */
const change: Handler = async (context, statement) => {
	const dml = readDml(whole(statement));
	const overwrite = dml.kind === "insert" && dml.overwrite;
	const lock = overwrite ? "update" : (LOCKS[dml.kind] ?? "update");
	const compiled = await compileDml(dml, statementScope(context, { lock }));
	requireWarehouse(context, new Set([compiled.target.id]));
	if (context.describeOnly) return changeResult(compiled.answers);
	await consumeStreams(context, compiled.reads);
	const table = context.catalog.byId(compiled.target.id);
	const onlyAdds = dml.kind === "insert" && !overwrite;
	const capture = table && (await captureBefore(context, table, onlyAdds ? "insert" : "change"));
	const counts = new Map<Answer, bigint>();
	for (const step of compiled.steps) {
		const [row] = await context.engine(step.sql);
		if (step.counts)
			counts.set(step.counts, (counts.get(step.counts) ?? 0n) + BigInt(String(row?.[0] ?? 0)));
	}
	await recordChanges(context, capture);
	if (dml.kind === "truncate") await forgetTableLoads(context, compiled.target.id);
	if (dml.kind === "truncate")
		return {
			columns: [
				{ name: "status", type: { base: "TEXT", length: 16777216, text: "VARCHAR(16777216)" } },
			],
			rows: [["Statement executed successfully."]],
		} satisfies Result;
	return changeResult(compiled.answers, counts);
};

/** The counts that a change answers; without them only its columns. */
function changeResult(answers: readonly Answer[], counts?: ReadonlyMap<Answer, bigint>): Result {
	return {
		columns: answers.map((answer) => ({ name: ANSWER_NAMES[answer], type: fixedType() })),
		rows: counts ? [answers.map((answer) => String(counts.get(answer) ?? 0n))] : [],
	};
}

/** Statements that read and change rows, by first word. */
export const QUERY_HANDLERS: Readonly<Record<string, Handler>> = {
	"(": select,
	DELETE: change,
	INSERT: change,
	MERGE: change,
	SELECT: select,
	TRUNCATE: change,
	UPDATE: change,
	VALUES: select,
	WITH: select,
};
