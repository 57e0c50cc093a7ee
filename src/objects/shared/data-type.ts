import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { canonicalType, type DataType, SECOND_WORDS, TYPE_WORDS } from "../../model/data-type.ts";
import type { Cursor } from "../../parse/cursor.ts";

/** Reads a data type and gives it as Snowflake reports it. An unknown one is an error with the nearest word. */
export function takeDataType(cursor: Cursor): DataType {
	const first = cursor.peek();
	if (first?.type !== "word") throw cursor.error("a data type");
	cursor.next();
	if (SECOND_WORDS.has(cursor.peek()?.value ?? "")) cursor.next();
	cursor.takeGroup();
	const zoned =
		cursor.take("WITHOUT", "TIME", "ZONE") ||
		cursor.take("WITH", "LOCAL", "TIME", "ZONE") ||
		cursor.take("WITH", "TIME", "ZONE");
	if (zoned) cursor.takeGroup();
	const span = cursor.spanFrom(first);
	const text = span.source.text.slice(span.start, span.end);
	const type = canonicalType(text);
	if (type !== undefined) return type;
	throw new DeployError(
		EXIT.input,
		errorAt(
			span,
			"DATA_TYPE",
			`${text.replaceAll(/\s+/g, " ")} is not a data type`,
			TYPE_WORDS.includes(first.value) ? {} : didYouMean(first.value, TYPE_WORDS),
		),
	);
}
