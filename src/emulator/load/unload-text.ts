import type { FileFormat } from "./file-format.ts";

/** A value on its way into a file: its text or NULL, and whether it is of a type that quotes enclose. */
export interface UnloadedValue {
	readonly text: string | null;
	readonly isString: boolean;
}

/**
 * One record of a CSV file. FIELD_OPTIONALLY_ENCLOSED_BY encloses strings and doubles itself; without it, or with
 * other types, delimiters are escaped. NULL becomes the first string of NULL_IF.
 * https://docs.snowflake.com/en/sql-reference/sql/copy-into-location#type-csv
 */
export function csvRecord(values: readonly UnloadedValue[], { options }: FileFormat): string {
	const text = (name: string): string => {
		const value = options[name];
		return typeof value === "string" ? value : "";
	};
	const quote = text("FIELD_OPTIONALLY_ENCLOSED_BY");
	const field = text("FIELD_DELIMITER");
	const record = text("RECORD_DELIMITER");
	const escapeMark = text("ESCAPE") || text("ESCAPE_UNENCLOSED_FIELD");
	const [nullText = ""] = options.NULL_IF as readonly string[];
	const escaped = (value: string): string => {
		if (escapeMark === "") return value;
		let result = value.replaceAll(escapeMark, escapeMark + escapeMark);
		for (const mark of [field, record])
			if (mark !== "") result = result.replaceAll(mark, escapeMark + mark);
		return result;
	};
	const cells = values.map(({ text: value, isString }) => {
		if (value === null) return nullText;
		if (quote === "" || !isString) return escaped(value);
		return `${quote}${value.replaceAll(quote, quote + quote)}${quote}`;
	});
	return cells.join(field) + record;
}
