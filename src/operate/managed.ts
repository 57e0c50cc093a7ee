import type { Records } from "../apply/records.ts";
import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { type Catalog, type ObjectKey, objectKey } from "../model/catalog.ts";
import { objectType } from "../objects/index.ts";
import type { Environment } from "../project/environment.ts";

/** Declared objects that another project's ledger has are an error; ours come back as what is owned. */
export function checkOwnership(desired: Catalog, records: Records): readonly Diagnostic[] {
	return [...desired.objects].flatMap(([key, object]) => {
		const other = records.foreign.get(key);
		return other === undefined
			? []
			: [
					errorAt(object.declared?.name, "OTHER_PROJECT", `${key} belongs to project ${other}`, {
						hint: "take it out of one of the two projects; `snowline forget` there lets it go",
					}),
				];
	});
}

/** The database and schema of the records are ours, not the project's, unless files declare them. */
function isRecords(environment: Environment, name: readonly string[]): boolean {
	const [database, schema] = environment.records;
	return name[0] === database && name[1] === schema;
}

/** What exists where the project is in charge, and neither files nor the ledger know. */
export function unmanagedOf(
	live: Catalog,
	desired: Catalog,
	records: Records,
	environment: Environment,
): readonly ObjectKey[] {
	const implied = new Set(
		[...desired.objects.values()]
			.flatMap((o) => objectType(o.kind).implied?.(o) ?? [])
			.map(objectKey),
	);
	return [...live.objects].flatMap(([key, object]) => {
		const managed =
			object.name.length > 1 && environment.manage.databases.includes(object.name[0] as string);
		const known =
			desired.objects.has(key) ||
			records.ledger.has(key) ||
			implied.has(key) ||
			isRecords(environment, object.name);
		return managed && !known ? [key] : [];
	});
}
