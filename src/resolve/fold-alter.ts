import { DeployError, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import { objectKey } from "../model/catalog.ts";
import { formatName } from "../model/identifier.ts";
import type { ObjectType } from "../objects/define/object-type.ts";
import { readClauses } from "../objects/define/read-create.ts";
import type { Cursor } from "../parse/cursor.ts";
import type { ObjectStatement } from "../parse/statement.ts";
import { qualify } from "./context.ts";
import { amend, collect, type Folding, knownType, nameOf, readContext } from "./fold.ts";

function unsetNames(type: ObjectType, cursor: Cursor): readonly string[] {
	return cursor.splitAt(",").map((part) => {
		const found = type.properties.find((p) => part.looksAt(...p.clause.keywords));
		if (!found)
			throw new DeployError(
				EXIT.input,
				errorAt(
					part.here(),
					"UNKNOWN_PROPERTY",
					`${part.peek()?.text} is not a property of ${type.kind}`,
					didYouMean(
						part.peek()?.text ?? "",
						type.properties.map((p) => p.clause.keywords.join(" ")),
					),
				),
			);
		return found.name;
	});
}

/** ALTER: adds to what is declared. `rename` says whether RENAME TO may be folded (migrations) or is misplaced (files). */
export function foldAlter(
	state: Folding,
	statement: ObjectStatement,
	options: { readonly rename: boolean },
): void {
	const type = knownType(state, statement);
	const name = type && nameOf(state, statement, type);
	if (!type || !name || !statement.name) return;
	const object = state.objects.get(objectKey({ kind: type.kind, name }));
	if (!object) {
		const same = [...state.objects.values()]
			.filter((o) => o.kind === type.kind)
			.map((o) => formatName(o.name));
		state.diagnostics.push(
			errorAt(
				statement.name.span,
				"NOT_DECLARED",
				`${type.kind} ${formatName(name)} is not declared here, so it cannot be altered here`,
				didYouMean(formatName(name), same),
			),
		);
		return;
	}
	const cursor = statement.rest();
	const context = readContext(state.context);
	collect(state, () => {
		const alteration = type.alterations.find((a) => cursor.looksAt(...a.keywords));
		if (alteration) {
			const first = cursor.peek();
			cursor.take(...alteration.keywords);
			const properties = alteration.apply(object.properties, cursor, context);
			const changed = Object.keys(properties).filter(
				(key) => properties[key] !== object.properties[key],
			);
			amend(
				state,
				object,
				properties,
				new Map(first ? changed.map((key) => [key, cursor.span(first, first)]) : []),
			);
		} else if (cursor.take("SET")) {
			const read = readClauses(type, cursor, context, ["clause", "alter"]);
			state.diagnostics.push(...read.diagnostics);
			amend(state, object, { ...object.properties, ...read.properties }, read.spans);
		} else if (cursor.take("UNSET")) {
			const gone = unsetNames(type, cursor);
			amend(
				state,
				object,
				Object.fromEntries(
					Object.entries(object.properties).filter(([key]) => !gone.includes(key)),
				),
				new Map(),
			);
		} else if (options.rename && cursor.take("RENAME", "TO")) {
			const to = qualify(cursor.expectName(), type.level, { database: name[0], schema: name[1] });
			state.objects.delete(objectKey(object));
			state.objects.set(objectKey({ kind: type.kind, name: to }), { ...object, name: to });
		} else
			throw cursor.error(
				["SET", "UNSET", ...type.alterations.map((a) => a.keywords.join(" "))].join(", "),
			);
	});
}
