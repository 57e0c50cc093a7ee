import { formatIdentifier, formatString } from "../../../model/identifier.ts";
import { ownParameters } from "../../account/parameters.ts";
import { columns } from "../../account/storage.ts";
import { unsupported } from "../../error.ts";
import type { CatalogObject, Column, Context, Result, SqlType } from "../../types.ts";
import { maskingDdl, policyOn } from "../masking.ts";
import { textResult } from "../result.ts";
import { fullName } from "../shared.ts";
import { identityText, typeText } from "./column.ts";
import { type Constraint, constraints, referencedName } from "./constraint.ts";

const DESCRIBE_COLUMNS = [
	"name",
	"type",
	"kind",
	"null?",
	"default",
	"primary key",
	"unique key",
	"check",
	"expression",
	"comment",
	"policy name",
	"privacy domain",
];

/** DESCRIBE TABLE and DESCRIBE VIEW. */
export async function describeColumns(
	context: Context,
	object: CatalogObject,
	rest: string,
): Promise<Result> {
	if (rest !== "" && !/^TYPE\s*=\s*'?COLUMNS'?$/i.test(rest))
		throw unsupported(`DESCRIBE … ${rest}`);
	const keys = constraints(object);
	const has = (type: Constraint["type"], column: Column): string =>
		keys.some((key) => key.type === type && key.columns.includes(column.name)) ? "Y" : "N";
	return textResult(
		DESCRIBE_COLUMNS,
		columns(object).map((column) => {
			const policy = policyOn(context, column);
			return [
				column.name,
				typeText(column),
				column.expression === null ? "COLUMN" : "VIRTUAL",
				column.nullable ? "Y" : "N",
				column.identity ? identityText(column.identity) : column.default,
				has("PRIMARY KEY", column),
				has("UNIQUE", column),
				null,
				column.expression,
				column.comment,
				policy ? fullName(policy) : null,
				null,
			];
		}),
	);
}

/** The JSON in SHOW COLUMNS' `data_type`. */
export function dataTypeJson(type: SqlType, nullable: boolean): string {
	const { base } = type;
	switch (base) {
		case "FIXED":
			return JSON.stringify({ type: base, precision: type.precision, scale: type.scale, nullable });
		case "TEXT": {
			const length = type.length ?? 16777216;
			const byteLength = Math.min(length * 4, Math.max(16777216, length));
			return JSON.stringify({ type: base, length, byteLength, nullable, fixed: false });
		}
		case "BINARY":
			return JSON.stringify({
				type: base,
				length: type.length,
				byteLength: type.length,
				nullable,
				fixed: true,
			});
		case "TIME":
		case "TIMESTAMP_NTZ":
		case "TIMESTAMP_LTZ":
		case "TIMESTAMP_TZ":
			return JSON.stringify({ type: base, precision: 0, scale: type.scale, nullable });
		default:
			return JSON.stringify({ type: base, nullable });
	}
}

function identityDdl(column: Column): string {
	if (!column.identity) return "";
	const { start, increment, ordered } = column.identity;
	return ` autoincrement start ${start} increment ${increment} ${ordered ? "order" : "noorder"}`;
}

function columnDdl(context: Context, column: Column): string {
	const parts = [formatIdentifier(column.name), typeText(column)];
	if (column.expression !== null) parts.push(`AS (${column.expression})`);
	if (!column.nullable) parts.push("NOT NULL");
	if (column.default !== null) parts.push(`DEFAULT ${column.default}`);
	const comment = column.comment ? ` COMMENT ${formatString(column.comment)}` : "";
	return `${parts.join(" ")}${identityDdl(column)}${maskingDdl(context, column)}${comment}`;
}

function keyDdl(context: Context, key: Constraint): string {
	const names = key.columns.map(formatIdentifier).join(", ");
	const named = key.name.startsWith("SYS_CONSTRAINT_")
		? ""
		: `constraint ${formatIdentifier(key.name)} `;
	const rely = key.rely ? " rely" : "";
	if (!key.references) return `${named}${key.type.toLowerCase()} (${names})${rely}`;
	const parent = referencedName(context, key).map(formatIdentifier).join(".");
	const referred = key.references.columns.map(formatIdentifier).join(", ");
	return `${named}foreign key (${names}) references ${parent}(${referred})${rely}`;
}

/** GET_DDL of a table. Keys are always out of line. */
export async function tableDdl(context: Context, table: CatalogObject): Promise<string> {
	const { properties } = table;
	const lines = [
		...columns(table).map((column) => columnDdl(context, column)),
		...constraints(table).map((key) => keyDdl(context, key)),
	].map((line) => `\t${line}`);
	const kind = properties.transient ? "TRANSIENT TABLE" : "TABLE";
	const cluster =
		typeof properties.clusterBy === "string"
			? ` cluster by ${properties.clusterBy.replace(/^LINEAR/, "")}`
			: "";
	const options = [
		properties.schemaEvolution ? "ENABLE_SCHEMA_EVOLUTION=TRUE" : "",
		...Object.entries(ownParameters(table)).map(
			([name, value]) =>
				`${name}=${name === "DEFAULT_DDL_COLLATION" ? formatString(value) : value}`,
		),
		properties.changeTracking ? "CHANGE_TRACKING=TRUE" : "",
		table.comment ? `COMMENT=${formatString(table.comment)}` : "",
	].filter((option) => option !== "");
	const tail = options.map((option) => ` ${option}`).join("\n");
	return `create or replace ${kind} ${formatIdentifier(table.name)}${cluster} (\n${lines.join(",\n")}\n)${tail.trimStart()};`;
}
