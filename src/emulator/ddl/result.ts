import { textType } from "../account/data-type.ts";
import type { Result, ResultColumn } from "../types.ts";

const TEXT = textType();

/** Statement type ids as the drivers know them. */
export const STATEMENT_TYPE = {
	select: 0x1000,
	insert: 0x3100,
	update: 0x3200,
	delete: 0x3300,
	merge: 0x3400,
	ddl: 0x6000,
	/** The request of several statements, whose own results are fetched by their ids. */
	several: 0xa000,
} as const;

/** A column of text. */
export function textColumn(name: string): ResultColumn {
	return { name, type: TEXT, nullable: true };
}

/** One row with one column `status`: what nearly every DDL statement answers. */
export function statusResult(message = "Statement executed successfully."): Result {
	return {
		columns: [textColumn("status")],
		rows: [[message]],
		statementTypeId: STATEMENT_TYPE.ddl,
	};
}

/** A table of text columns. */
export function textResult(
	names: readonly string[],
	rows: readonly (readonly (string | null)[])[],
): Result {
	return { columns: names.map(textColumn), rows, statementTypeId: STATEMENT_TYPE.ddl };
}
