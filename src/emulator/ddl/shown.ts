import { fixedType, simpleType, textType, timeType } from "../account/data-type.ts";
import type { CatalogObject, Context, Kind, Result, ResultColumn, ShowColumn } from "../types.ts";

/** A column of SHOW as a result column. */
export function shownColumn(column: ShowColumn): ResultColumn {
	const types = {
		text: textType(),
		timestamp: timeType("TIMESTAMP_LTZ", 3),
		number: fixedType(),
		boolean: simpleType("BOOLEAN"),
	};
	return { name: column.name, type: types[column.type], nullable: true };
}

/** DESCRIBE of the kinds whose page says "the output is that of SHOW": one row with the same columns. */
export async function describeAsShown(
	kind: Kind,
	context: Context,
	object: CatalogObject,
): Promise<Result> {
	const measured = await kind.measure?.(context, [object]);
	return {
		columns: kind.show.map(shownColumn),
		rows: [kind.show.map((column) => column.value(object, context, measured?.get(object.id)))],
	};
}
