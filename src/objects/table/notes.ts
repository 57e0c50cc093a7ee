import { formatIdentifier } from "../../model/identifier.ts";
import type { ChangeNote } from "../define/object-type.ts";
import type { ChangeContext } from "../define/property.ts";
import { addedColumns } from "./arrange.ts";
import { columnsOf } from "./column.ts";
import { evolves, planColumns } from "./column-changes.ts";
import { renamedColumns } from "./column-renames.ts";
import { substitutes } from "./substitution.ts";

function list(names: readonly string[]): string {
	return names.map(formatIdentifier).join(", ");
}

function plural(names: readonly string[]): string {
	return names.length === 1 ? "column" : "columns";
}

/**
 * What loading files did to the table, where schema evolution is on: it adds columns, and drops NOT NULL of
 * those that files do not have. That is how the table runs, not drift.
 * https://docs.snowflake.com/en/user-guide/data-load-schema-evolution
 */
function evolved(context: ChangeContext): readonly ChangeNote[] {
	if (!evolves(context)) return [];
	const declared = columnsOf(context.to.properties);
	const live = renamedColumns(context);
	const added = live.filter((c) => !declared.some((d) => d.name === c.name)).map((c) => c.name);
	const nullable = declared
		.filter((d) => !d.nullable && live.some((c) => c.name === d.name && c.nullable))
		.map((d) => d.name);
	const note = (message: string): ChangeNote => ({ code: "SCHEMA_EVOLUTION", message });
	return [
		...(added.length > 0
			? [note(`left as they are: ${plural(added)} ${list(added)} came by schema evolution`)]
			: []),
		...(nullable.length > 0
			? [
					note(
						`left as they are: ${plural(nullable)} ${list(nullable)} lost NOT NULL by schema evolution`,
					),
				]
			: []),
	];
}

/**
 * That the columns of a table are in another order than declared, or will be: those that take another one's place,
 * new ones, and virtual ones that are made again are appended.
 */
function reordered(context: ChangeContext): readonly ChangeNote[] {
	const declared = columnsOf(context.to.properties).map(({ name }) => name);
	const plan = planColumns(context);
	const appended = [
		...substitutes(context).map(({ kept }) => kept.after.name),
		...addedColumns(plan).map(({ name }) => name),
	];
	const stay = renamedColumns(context).flatMap(({ name }) =>
		declared.includes(name) && !appended.includes(name) ? [name] : [],
	);
	const order = [...stay, ...appended];
	if (order.join("\0") === declared.join("\0")) return [];
	const message = `its columns are in the order ${list(order)}: the order is not compared, and new ones come last`;
	return [{ code: "COLUMN_ORDER", message }];
}

/** What is worth knowing of a table that stays, and is no difference. */
export function tableNotes(context: ChangeContext): readonly ChangeNote[] {
	return [...evolved(context), ...reordered(context)];
}
