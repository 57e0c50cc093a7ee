import type { Span } from "../../../diagnostics/source.ts";
import { formatName } from "../../../model/identifier.ts";
import { lineAndPosition } from "../../ddl/shared.ts";
import { SnowflakeError } from "../../error.ts";
import type { CatalogObject, Context } from "../../types.ts";

/** Kinds that can stand in FROM. */
const RELATIONS = [
	"TABLE",
	"VIEW",
	"STREAM",
	"MATERIALIZED VIEW",
	"DYNAMIC TABLE",
	"EXTERNAL TABLE",
];

/** The object that a name in FROM means. */
export function findRelation(context: Context, name: readonly string[]): CatalogObject | undefined {
	const full = context.qualify(name, "schema");
	for (const kind of RELATIONS) {
		const found = context.catalog.find(kind, full);
		if (found) return found;
	}
	return undefined;
}

/** 002003: what a name in FROM means when it means nothing. */
export function noRelation(context: Context, name: readonly string[], span: Span): Error {
	const full = name.length === 3 ? name : context.qualify(name, "schema");
	return new SnowflakeError(
		"002003",
		"42S02",
		`SQL compilation error:\nObject '${formatName(full)}' does not exist or not authorized.`,
		lineAndPosition({ source: span.source }, span.start),
	);
}
