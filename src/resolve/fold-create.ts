import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { type ObjectModel, objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import type { ObjectType } from "../objects/define/object-type.ts";
import { readCreate } from "../objects/define/read-create.ts";
import type { CreateStatement } from "../parse/statement.ts";
import { complete, type FileContext } from "./context.ts";
import { readDirectives } from "./directives.ts";
import { enter, type Folding, knownType, nameOf, readContext } from "./fold.ts";

/**
 * Unqualified names that Snowflake resolves in the object's own schema, where the file's context says
 * another: the statement would mean something else here than in a worksheet.
 */
function shiftingNames(
	type: ObjectType,
	model: ObjectModel,
	context: FileContext,
): readonly Diagnostic[] {
	const own = { database: model.name[0], schema: model.name[1] };
	return type.properties.flatMap((property) => {
		const value = model.properties[property.name];
		const references =
			value === undefined || value === null ? [] : (property.references?.(value, model) ?? []);
		return references.flatMap(({ name, level }) => {
			const here = complete(name, level, context);
			const there = complete(name, level, own);
			if (!here || !there || formatName(here) === formatName(there)) return [];
			return [
				errorAt(
					model.declared?.properties.get(property.name),
					"AMBIGUOUS_NAME",
					`${formatName(name)} means ${formatName(there)} in ${objectKey(model)}, and ${formatName(here)} in this file`,
					{
						hint: "qualify the name, or put the right USE SCHEMA before the statement",
					},
				),
			];
		});
	});
}

/** CREATE: declares an object. Declaring one twice is an error that names both places. */
export function foldCreate(state: Folding, statement: CreateStatement): void {
	const type = knownType(state, statement);
	const name = type && nameOf(state, statement, type);
	if (!type || !name || !statement.name) return;
	const { properties, spans, diagnostics, unread } = readCreate(
		type,
		statement,
		readContext(state.context),
	);
	state.diagnostics.push(...diagnostics);
	const read = readDirectives(
		statement,
		type.level,
		state.context,
		type.properties.map((p) => p.name),
	);
	state.diagnostics.push(...read.diagnostics);
	const owner = state.context.role ?? state.owners[type.kind];
	const model: ObjectModel = {
		kind: type.kind,
		name,
		properties,
		directives: read.directives,
		...(owner === undefined ? {} : { owner }),
		declared: {
			name: statement.name.span,
			statement: statement.span,
			properties: spans,
			ifNotExists: statement.mode === "if not exists",
			...(unread.size > 0 && { unread }),
			...(state.context.roleSpan && { role: state.context.roleSpan }),
		},
	};
	state.diagnostics.push(...shiftingNames(type, model, state.context));
	const key = objectKey(model);
	const earlier = [type.kind, ...type.sharesNames]
		.map((kind) => state.objects.get(objectKey({ kind, name })))
		.find((object) => object?.declared);
	if (earlier?.declared) {
		const { source, start, end } = earlier.declared.name;
		const at = source.locate(start, end);
		const summary =
			earlier.kind === type.kind
				? `${key} is declared twice`
				: `${key} has the name of a ${earlier.kind.toLowerCase()}, and a schema gives a name to one of them only`;
		state.diagnostics.push(
			errorAt(statement.name.span, "DUPLICATE_OBJECT", summary, {
				hint: `the other declaration is at ${at.file}:${at.line}:${at.column}`,
			}),
		);
	} else state.objects.set(key, model);
	if (type.opens) state.context = enter(state.context, type.opens, name);
}
