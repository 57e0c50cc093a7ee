import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { type Catalog, type ObjectModel, objectKey } from "../../model/catalog.ts";
import { formatIdentifier, formatName } from "../../model/identifier.ts";
import type { ChangeContext } from "../define/property.ts";
import { columnPart } from "../shared/column-part.ts";
import { columnsOf } from "./column.ts";
import type { KeptColumn } from "./column-changes.ts";
import { renames } from "./column-renames.ts";
import { constraintPart, constraintsOf } from "./constraint.ts";
import { identifiersIn } from "./expression.ts";

function refuse(table: ObjectModel, part: string, summary: string, hint: string): never {
	throw new DeployError(
		EXIT.input,
		errorAt(
			table.declared?.properties.get(part) ?? table.declared?.name,
			"CANNOT_CHANGE",
			`${objectKey(table)}: ${summary}`,
			{ hint },
		),
	);
}

/**
 * Whoever copies a masked column copies what the policy shows to him, and counting what he sees proves nothing;
 * no statement tells what a policy shows to a role. So no table with a policy is copied at all.
 * https://docs.snowflake.com/en/user-guide/security-column-intro
 */
export function refuseMasked({ from, to }: ChangeContext, how: string): void {
	const masked = columnsOf(from.properties).find((c) => c.masking !== null);
	if (!masked?.masking) return;
	refuse(
		to,
		columnPart(masked.name),
		`DATA_LOSS: it would have to be ${how}, and masking policy ${masked.masking.policy} on column ${formatIdentifier(masked.name)} can hide values from the role that does it: what it cannot see would be gone`,
		"change it in a migration, by a role that the policy shows everything to",
	);
}

/** The tables, apart from this one, with a foreign key to it, or to some of its columns. */
function childrenOf(
	table: ObjectModel,
	names: ReadonlySet<string> | undefined,
	{ live, desired }: { readonly live: Catalog; readonly desired: Catalog },
): readonly ObjectModel[] {
	const name = formatName(table.name);
	return [...live.objects.values(), ...desired.objects.values()].filter(
		(other) =>
			other.kind === table.kind &&
			objectKey(other) !== objectKey(table) &&
			constraintsOf(other.properties).some(
				(c) =>
					c.table === name &&
					(names === undefined ||
						c.parentColumns.length === 0 ||
						c.parentColumns.some((column) => names.has(column))),
			),
	);
}

/** What stands in the way of a column's substitution, by name. Throws a DeployError (exit 65). */
export function refuseSubstitution(
	context: ChangeContext,
	columns: readonly KeptColumn[],
	catalogs: { readonly live: Catalog; readonly desired: Catalog },
): void {
	const changed = columns.map(({ after }) => formatIdentifier(after.name)).join(", ");
	refuseMasked(context, `rewritten for ${changed}`);
	const { from, to } = context;
	const oldName = new Map([...renames(context)].map(([old, name]) => [name, old]));
	const names = new Set(columns.map(({ after }) => oldName.get(after.name) ?? after.name));
	for (const constraint of constraintsOf(from.properties)) {
		const [used] = [...identifiersIn(constraint.expression ?? "")].filter((n) => names.has(n));
		if (used !== undefined)
			refuse(
				to,
				"CONSTRAINT",
				`${constraintPart(constraint)} stands on column ${formatIdentifier(used)}, which another one takes the place of`,
				"drop the constraint, change the column, and add the constraint again: in three deployments",
			);
	}
	const keyed = constraintsOf(from.properties).some(
		(c) => (c.kind === "PRIMARY KEY" || c.kind === "UNIQUE") && c.columns.some((n) => names.has(n)),
	);
	const [child] = keyed ? childrenOf(from, names, catalogs) : [];
	if (child)
		refuse(
			to,
			"CONSTRAINT",
			`a foreign key of ${objectKey(child)} stands on a column that another one takes the place of`,
			"drop the foreign key, change the column, and add the key again: in three deployments",
		);
}

/** What stands in the way of making a table anew with its rows, by name. Throws a DeployError (exit 65). */
export function refuseRebuild(
	context: ChangeContext,
	catalogs: { readonly live: Catalog; readonly desired: Catalog },
): void {
	refuseMasked(context, "copied");
	const [child] = childrenOf(context.from, undefined, catalogs);
	if (child)
		refuse(
			context.to,
			"CONSTRAINT",
			`it is made anew, and a foreign key of ${objectKey(child)} would stay with the old table`,
			"drop the foreign key, change the table, and add the key again: in three deployments",
		);
}
