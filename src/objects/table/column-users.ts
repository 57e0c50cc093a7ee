import { textSource } from "../../diagnostics/source.ts";
import type { ObjectModel } from "../../model/catalog.ts";
import { parseIdentifier } from "../../model/identifier.ts";
import { lex } from "../../parse/lexer.ts";
import { columnPart } from "../shared/column-part.ts";
import { clusteringOf } from "./clustering.ts";
import { columnsOf } from "./column.ts";

/** Whether an expression names a column, and not a function that is called the same. */
function names(expression: string, column: string): boolean {
	const { tokens } = lex(textSource("expression", expression));
	return tokens.some(
		(token, i) =>
			(token.type === "word" || token.type === "quoted") &&
			tokens[i + 1]?.text !== "(" &&
			tokens[i - 1]?.text !== ":" &&
			parseIdentifier(token.text) === column,
	);
}

/** The part of a table that computes with a column, whether there is such a column or not. */
export function columnUser({ properties }: ObjectModel, column: string): string | undefined {
	const virtual = columnsOf(properties).find(
		({ expression }) => expression !== null && names(expression, column),
	);
	if (virtual) return columnPart(virtual.name);
	return clusteringOf(properties).some((key) => names(key, column)) ? "CLUSTER BY" : undefined;
}
