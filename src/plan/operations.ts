import { locate } from "../diagnostics/source.ts";
import type { ObjectModel } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import { type Fragment, type Fragments, spanOf, sqlOf } from "../objects/define/print.ts";
import type { RecipeOperation } from "../objects/define/recipe.ts";
import type { Operation, Origin } from "./plan.ts";

/** Where the text of a verbatim fragment begins within it: the user's own text stands at its end. */
function verbatimOrigins(fragment: Fragment, start: number, model: ObjectModel): readonly Origin[] {
	const span =
		fragment.property === undefined ? undefined : model.declared?.properties.get(fragment.property);
	const value = fragment.property === undefined ? undefined : model.properties[fragment.property];
	if (!span || typeof value !== "string" || !fragment.text.endsWith(value)) return [];
	const written = span.source.text.slice(span.start, span.end).lastIndexOf(value);
	if (written < 0) return [];
	const from = fragment.text.length - value.length;
	let offset = 0;
	return value.split("\n").map((line) => {
		const at = span.source.locate(
			span.start + written + offset,
			span.start + written + offset + line.length,
		);
		const origin = {
			start: start + from + offset,
			end: start + from + offset + line.length,
			file: at.file,
			line: at.line,
			column: at.column,
		};
		offset += line.length + 1;
		return origin;
	});
}

/** Where each piece of a statement was written: verbatim text line by line, everything else as a whole. */
function originsOf(fragments: Fragments, model: ObjectModel): readonly Origin[] {
	const origins: Origin[] = [];
	let start = 0;
	for (const fragment of fragments) {
		const lines = fragment.verbatim ? verbatimOrigins(fragment, start, model) : [];
		const span = spanOf(model, fragment);
		if (lines.length > 0) origins.push(...lines);
		else if (span) {
			const at = locate(span);
			origins.push({
				start,
				end: start + fragment.text.length,
				file: at.file,
				line: at.line,
				column: at.column,
			});
		}
		start += fragment.text.length;
	}
	return origins;
}

/** The schema that unqualified names in an object's statements mean: its own. */
function schemaOf(model: ObjectModel): { schema?: string } {
	return model.name.length === 3 ? { schema: formatName(model.name.slice(0, 2)) } : {};
}

/** A statement of the plan, with the way back to the files. */
export function execute(
	fragments: Fragments,
	model: ObjectModel,
	role: string | undefined,
): Operation {
	const origin = originsOf(fragments, model);
	return {
		do: "execute",
		...(role === undefined ? {} : { role }),
		...schemaOf(model),
		sql: sqlOf(fragments),
		...(origin.length > 0 ? { origin: [...origin] } : {}),
	};
}

/** A statement that no file wrote: holding, releasing, dropping. */
export function executeText(
	sql: string,
	role: string | undefined,
	uses?: Operation["uses"],
): Operation {
	return { do: "execute", ...(role === undefined ? {} : { role }), sql, ...(uses ? { uses } : {}) };
}

/** An operation that a kind describes, as the role that runs it. */
export function withRole(operation: RecipeOperation, role: string | undefined): Operation {
	return { ...operation, ...(role === undefined ? {} : { role }) };
}
