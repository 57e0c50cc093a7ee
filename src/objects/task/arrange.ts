import type { Value } from "../../model/value.ts";
import { defaultOf } from "../define/effective.ts";
import type { ArrangedStatement } from "../define/object-type.ts";
import type { ChangeContext, Property, PropertyChange } from "../define/property.ts";
import { predecessors } from "./clauses.ts";

interface Assigned {
	readonly property: Property;
	readonly value: Value;
}

function setStatement(object: string, settings: readonly Assigned[]): readonly ArrangedStatement[] {
	if (settings.length === 0) return [];
	const separator = settings.length > 1 ? "\n  " : " ";
	const printed = settings.map((s) => separator + s.property.clause.print(s.value, {}));
	return [{ text: `ALTER ${object} SET${printed.join("")}`, ...first(settings) }];
}

function first(settings: readonly Assigned[]): { readonly property?: string } {
	const name = settings[0]?.property.name;
	return name === undefined ? {} : { property: name };
}

/** ADD AFTER and REMOVE AFTER. */
function linkStatements(object: string, change: PropertyChange): readonly ArrangedStatement[] {
	const before = predecessors(change.from);
	const now = predecessors(change.to);
	const added = now.filter((name) => !before.includes(name));
	const removed = before.filter((name) => !now.includes(name));
	return [
		...(added.length > 0 ? [`ALTER ${object} ADD AFTER ${added.join(", ")}`] : []),
		...(removed.length > 0 ? [`ALTER ${object} REMOVE AFTER ${removed.join(", ")}`] : []),
	].map((text) => ({ text, property: "AFTER" }));
}

/**
 * The statements of a change in an order that is valid at every point: first what goes away (a root that
 * becomes a child must not have a schedule), then the links, then what is set (a child that becomes a root
 * gets its schedule when it is one). FINALIZE has statements of its own: a finalizer leaves its root before it
 * gets another one.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-task
 */
export function taskStatements(properties: readonly Property[]) {
	return (
		object: string,
		context: ChangeContext,
		changes: readonly PropertyChange[],
	): readonly ArrangedStatement[] => {
		const find = (name: string) => changes.find((change) => change.property === name);
		const settings = properties.flatMap((property) => {
			const change = find(property.name);
			if (!change || property.name === "AFTER" || property.name === "FINALIZE") return [];
			return [{ property, change, written: context.to.properties[property.name] ?? null }];
		});
		const gone = settings.filter((s) => s.written === null);
		const unset = gone.filter((s) => s.property.unset === "unset").map((s) => s.property);
		const reset = gone.flatMap(({ property }) => {
			const value = defaultOf(property, context.to.properties) ?? null;
			return property.unset === "unset" || value === null ? [] : [{ property, value }];
		});
		const set = settings.flatMap(({ property, written }) =>
			written === null ? [] : [{ property, value: written }],
		);
		const links = find("AFTER");
		const finalize = find("FINALIZE");
		const finalizes = finalize?.to ?? null;
		const unsetNames = unset.map((p) => p.clause.keywords.join(" ")).join(", ");
		return [
			...(unset.length > 0 ? [{ text: `ALTER ${object} UNSET ${unsetNames}` }] : []),
			...setStatement(object, reset),
			...(finalize && (finalize.from ?? null) !== null
				? [{ text: `ALTER ${object} UNSET FINALIZE`, property: "FINALIZE" }]
				: []),
			...(links ? linkStatements(object, links) : []),
			...setStatement(object, set),
			...(finalizes === null
				? []
				: [{ text: `ALTER ${object} SET FINALIZE = ${String(finalizes)}`, property: "FINALIZE" }]),
		];
	};
}
