import type { Cursor } from "../../../parse/cursor.ts";
import { unsupported } from "../../error.ts";
import {
	booleanValue,
	type Property,
	stringValue,
	takeProperty,
} from "../../load/property-list.ts";
import { readSettings, refuseOthers } from "../settings.ts";
import { unexpectedAt } from "../shared.ts";

/** The clauses behind the columns of CREATE TABLE. Undefined where a clause is not there. */
export interface TableOptions {
	readonly clusterBy: string | undefined;
	readonly schemaEvolution: boolean | undefined;
	readonly changeTracking: boolean | undefined;
	readonly errorLogging: boolean | undefined;
	readonly rowTimestamp: boolean | undefined;
	readonly comment: string | null | undefined;
	readonly parameters: { readonly [name: string]: string };
	readonly copyGrants: boolean;
}

/** The keys of CLUSTER BY as SHOW prints them: `LINEAR(A, B)`. */
export function readClusterBy(cursor: Cursor): string {
	const linear = cursor.take("LINEAR");
	const group = cursor.expectGroup();
	const keys = group.splitAt().map((part) => {
		let text = "";
		let end = -1;
		while (!part.done) {
			const token = part.next();
			if (end >= 0 && token.start > end) text += " ";
			text += token.type === "word" ? token.value : token.text;
			end = token.end;
		}
		return text;
	});
	if (keys.length === 0 || (linear && keys.length === 0)) throw unexpectedAt(cursor);
	return `LINEAR(${keys.join(", ")})`;
}

const FLAGS: Readonly<
	Record<string, "schemaEvolution" | "changeTracking" | "errorLogging" | "rowTimestamp">
> = {
	ENABLE_SCHEMA_EVOLUTION: "schemaEvolution",
	CHANGE_TRACKING: "changeTracking",
	ERROR_LOGGING: "errorLogging",
	ROW_TIMESTAMP: "rowTimestamp",
};

/** Sorts `NAME = value` of a table into flags, comment and parameters. */
export function tableSettings(
	properties: readonly Property[],
): Omit<TableOptions, "clusterBy" | "copyGrants"> {
	const flags: Partial<Record<(typeof FLAGS)[string], boolean>> = {};
	const { comment, parameters, others } = readSettings("TABLE", properties);
	const unknown = others.filter((property) => {
		const flag = FLAGS[property.name];
		if (flag) flags[flag] = booleanValue(property);
		return !flag;
	});
	for (const property of unknown)
		if (property.name.startsWith("STAGE_") || property.name.startsWith("ICEBERG_")) {
			throw unsupported(`${property.name} on TABLE`);
		}
	refuseOthers(unknown, "TABLE");
	return {
		schemaEvolution: flags.schemaEvolution,
		changeTracking: flags.changeTracking,
		errorLogging: flags.errorLogging,
		rowTimestamp: flags.rowTimestamp,
		comment: comment === undefined ? undefined : comment || null,
		parameters,
	};
}

const REFUSED: readonly (readonly string[])[] = [
	["ROW", "ACCESS", "POLICY"],
	["AGGREGATION", "POLICY"],
	["JOIN", "POLICY"],
	["STORAGE", "LIFECYCLE", "POLICY"],
	["TAG"],
	["CONTACT"],
];

/** Reads the clauses behind the columns, up to AS or the end. */
export function readTableOptions(cursor: Cursor): TableOptions {
	const properties: Property[] = [];
	let clusterBy: string | undefined;
	let copyGrants = false;
	while (!cursor.done && !cursor.looksAt("AS")) {
		if (cursor.take("CLUSTER", "BY")) clusterBy = readClusterBy(cursor);
		else if (cursor.take("COPY", "GRANTS")) copyGrants = true;
		else if (cursor.take("COPY", "TAGS"))
			continue; // Objects here have no tags, so there are none to copy.
		else {
			const property = takeProperty(cursor);
			if (property) {
				if (property.name === "COMMENT") stringValue(property);
				properties.push(property);
				continue;
			}
			cursor.take("WITH");
			const refused = REFUSED.find((words) => cursor.looksAt(...words));
			throw refused ? unsupported(`${refused.join(" ")} on TABLE`) : unexpectedAt(cursor);
		}
	}
	return { clusterBy, copyGrants, ...tableSettings(properties) };
}
