import { textType } from "../account/data-type.ts";
import type { Result, ResultColumn } from "../types.ts";

const TEXT = textType();

/** A column of text. */
export function textColumn(name: string): ResultColumn {
	return { name, type: TEXT, nullable: true };
}

/** One row with one column `status`: what nearly every DDL statement answers. */
export function statusResult(message = "Statement executed successfully."): Result {
	return {
		columns: [textColumn("status")],
		rows: [[message]],
	};
}

/** A table of text columns. */
export function textResult(
	names: readonly string[],
	rows: readonly (readonly (string | null)[])[],
): Result {
	return { columns: names.map(textColumn), rows };
}
