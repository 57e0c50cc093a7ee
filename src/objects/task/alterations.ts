import type { Value } from "../../model/value.ts";
import type { Alteration } from "../define/object-type.ts";
import type { Property } from "../define/property.ts";
import { after, condition, predecessors } from "./clauses.ts";

type Properties = Readonly<Record<string, Value>>;

function without(properties: Properties, name: string): Properties {
	return Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name));
}

/** `ADD AFTER a, b` and `REMOVE AFTER a, b`; a task without any runs by its schedule. */
function linking(
	word: "ADD" | "REMOVE",
	linked: (before: readonly string[], names: readonly string[]) => readonly string[],
): Alteration {
	return {
		keywords: [word],
		apply(properties, cursor, context) {
			if (word === "REMOVE" && cursor.take("WHEN")) return without(properties, condition.name);
			const names = predecessors(after.clause.read(cursor, context));
			const links = linked(predecessors(properties[after.name]), names);
			return links.length > 0
				? { ...properties, [after.name]: [...new Set(links)] }
				: without(properties, after.name);
		},
	};
}

/**
 * What ALTER TASK can say besides SET and UNSET; `definition` is the task's body.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-task
 */
export function taskAlterations(definition: Property): readonly Alteration[] {
	return [
		{ keywords: ["RESUME"], apply: (properties) => ({ ...properties, STATE: "STARTED" }) },
		{ keywords: ["SUSPEND"], apply: (properties) => ({ ...properties, STATE: "SUSPENDED" }) },
		{
			keywords: ["MODIFY"],
			apply(properties, cursor, context) {
				const modified = [definition, condition].find(({ clause }) => clause.starts(cursor));
				if (!modified) throw cursor.error("AS or WHEN");
				return { ...properties, [modified.name]: modified.clause.read(cursor, context) };
			},
		},
		linking("ADD", (before, names) => [...before, ...names]),
		linking("REMOVE", (before, names) => before.filter((name) => !names.includes(name))),
	];
}
