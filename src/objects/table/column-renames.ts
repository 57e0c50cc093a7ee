import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { formatIdentifier } from "../../model/identifier.ts";
import type { ChangeContext } from "../define/property.ts";
import { columnPart } from "../shared/column-part.ts";
import { type Column, columnsOf } from "./column.ts";

/** The names columns get, by their old ones. Throws where the old and the new name both exist. */
export function renames(context: ChangeContext): ReadonlyMap<string, string> {
	const live = new Set(columnsOf(context.from.properties).map((c) => c.name));
	const declared = new Set(columnsOf(context.to.properties).map((c) => c.name));
	const found = new Map<string, string>();
	for (const { name, renamedFrom } of columnsOf(context.to.properties)) {
		if (renamedFrom === null || renamedFrom === name || !live.has(renamedFrom)) continue;
		if (live.has(name) || declared.has(renamedFrom) || found.has(renamedFrom))
			throw new DeployError(
				EXIT.input,
				errorAt(
					context.to.declared?.properties.get(columnPart(name)) ?? context.to.declared?.name,
					"RENAME",
					`column ${formatIdentifier(name)} cannot be renamed from ${formatIdentifier(renamedFrom)}: both exist`,
					{ hint: "drop one of them, or take the directive away" },
				),
			);
		found.set(renamedFrom, name);
	}
	return found;
}

/** An expression with columns under their new names. */
export function renameIn(expression: string, names: ReadonlyMap<string, string>): string {
	return expression.replaceAll(/"(?:[^"]|"")*"|'(?:[^'\\]|''|\\.)*'|[A-Za-z_][\w$]*/g, (word) => {
		if (word.startsWith("'")) return word;
		const stored = word.startsWith('"')
			? word.slice(1, -1).replaceAll('""', '"')
			: word.toUpperCase();
		const renamed = names.get(stored);
		return renamed === undefined ? word : formatIdentifier(renamed);
	});
}

/** The columns of the account as they are called once the renames are done. */
export function renamedColumns(context: ChangeContext): readonly Column[] {
	const names = renames(context);
	return columnsOf(context.from.properties).map((c) => ({
		...c,
		name: names.get(c.name) ?? c.name,
		expression: c.expression === null ? null : renameIn(c.expression, names),
	}));
}
