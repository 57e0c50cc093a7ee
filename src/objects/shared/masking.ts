import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import { formatIdentifier, formatName, parseName } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import type { Reference } from "../define/property.ts";
import type { ReadContext } from "../define/value-syntax.ts";

/** The masking policy on a column. A type alias, not an interface, so that it is a property's value. */
export type Masking = {
	/** Its full name as SQL. */
	readonly policy: string;
	/** The columns USING names after the masked one. No command tells them, so they are never compared. */
	readonly using: readonly string[];
};

/** A column that may have a masking policy. */
export interface MaskedColumn {
	readonly name: string;
	readonly masking: Masking | null;
}

/** Takes `[WITH] MASKING POLICY p [USING (column, …)]` of a column, if it comes next. */
export function takeMasking(
	cursor: Cursor,
	context: ReadContext,
	column: string,
): Masking | undefined {
	if (!cursor.take("WITH", "MASKING", "POLICY") && !cursor.take("MASKING", "POLICY"))
		return undefined;
	const policy = formatName(
		context.qualify(cursor.expectName("the name of a masking policy"), "schema"),
	);
	if (!cursor.take("USING")) return { policy, using: [] };
	const at = cursor.here();
	const [first, ...using] = cursor
		.expectGroup("( with columns )")
		.splitAt(",")
		.map((part) => part.expectIdentifier("a column's name"));
	if (first !== column)
		throw new DeployError(
			EXIT.input,
			errorAt(
				at,
				"INVALID_VALUE",
				`USING begins with the masked column, ${formatIdentifier(column)}`,
			),
		);
	return { policy, using };
}

/** `MASKING POLICY p USING (column, …)` */
export function printMasking({ policy, using }: Masking, column: string): string {
	const columns = [column, ...using].map(formatIdentifier).join(", ");
	return `MASKING POLICY ${policy}${using.length > 0 ? ` USING (${columns})` : ""}`;
}

/** The policies that columns name. */
export function maskingReferences(
	columns: readonly MaskedColumn[],
	property: string,
): readonly Reference[] {
	return columns.flatMap(({ masking }): readonly Reference[] => {
		const name = masking && parseName(masking.policy);
		return name
			? [{ kinds: ["MASKING POLICY"], name, level: "schema", structural: true, property }]
			: [];
	});
}

/** The statement that gives a column another policy: in one step, so that it is never seen without one. */
export function maskingStatement(
	object: string,
	name: string,
	before: Masking | null,
	after: Masking | null,
): string {
	const column = `ALTER ${object} MODIFY COLUMN ${formatIdentifier(name)}`;
	if (after === null) return `${column} UNSET MASKING POLICY`;
	return `${column} SET ${printMasking(after, name)}${before === null ? "" : " FORCE"}`;
}

/** What a column that loses its policy loses. */
export function unmasked(name: string, policy: string): HazardDraft {
	return {
		code: "PROTECTION_LOST",
		message: `values of ${formatIdentifier(name)} are no longer masked by ${policy}`,
	};
}

/** Columns of the old object that are masked, and that the new one has without a policy. */
export function maskingLost(
	from: readonly MaskedColumn[],
	to: readonly MaskedColumn[],
): readonly HazardDraft[] {
	return from.flatMap(({ name, masking }) => {
		const after = to.find((column) => column.name === name);
		return masking && !after?.masking ? [unmasked(name, masking.policy)] : [];
	});
}
