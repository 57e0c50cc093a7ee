import { DeployError } from "../../diagnostics/diagnostic.ts";
import { textSource } from "../../diagnostics/source.ts";
import { formatString } from "../../model/identifier.ts";
import type { Value } from "../../model/value.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex } from "../../parse/lexer.ts";
import type { Detail } from "../define/object-type.ts";
import type { Property, PropertyOptions } from "../define/property.ts";
import { ownParameters } from "../define/rows.ts";

/**
 * Options of a parameter that an object also inherits from what contains it. Not written means "not set
 * here": what is set on the object itself is taken back by UNSET, what it inherits is nobody's difference.
 * https://docs.snowflake.com/en/sql-reference/parameters#parameter-hierarchy-and-types
 */
export const INHERITED = {
	change: "alter",
	unset: "unset",
	default: null,
	origin: "inherited",
} as const satisfies PropertyOptions;

/** The value that the account prints as text, read by the property's own grammar; the text itself where it does not fit. */
export function valueFromText(property: Property, text: string): Value {
	const source = textSource(
		property.name,
		`${property.clause.keywords.join(" ")} = ${formatString(text)}`,
	);
	try {
		const cursor = new Cursor(source, lex(source).tokens);
		return property.clause.read(cursor, { qualify: (name) => name.parts });
	} catch (error) {
		if (error instanceof DeployError) return text;
		throw error;
	}
}

/**
 * Reads these properties from SHOW PARAMETERS: the only place that tells a value set on the object itself
 * from one it inherits, by the column `level`.
 * https://docs.snowflake.com/en/sql-reference/sql/show-parameters
 */
export function parameterDetail(kind: string, properties: readonly Property[]): Detail {
	return {
		per: "object",
		sql: (name) => `SHOW PARAMETERS IN ${kind} ${name}`,
		read(rows) {
			const own = ownParameters(rows, kind);
			const values = properties.map((property) => {
				const text = own.get(property.name);
				return [property.name, text === undefined ? null : valueFromText(property, text)] as const;
			});
			return { properties: Object.fromEntries(values) };
		},
	};
}
