import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { Value } from "../../model/value.ts";
import { type Domain, samples } from "./domain.ts";
import type { ValueSyntax } from "./value-syntax.ts";

/** The value of a group: its keys as written, in upper case. */
export interface GroupValue {
	readonly [key: string]: Value;
}

/** Where the keys of a group were written, and the whole group for a key that was not. */
export type SpanOfKey = (key: string) => Span;

/** A value as a group; anything else (null: nothing written) is an empty one. */
export function asGroup(value: Value | undefined): GroupValue {
	const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
	return isGroup ? (value as GroupValue) : {};
}

/** How wide a group may be on one line. */
const LINE = 70;

function printGroup(fields: Readonly<Record<string, ValueSyntax>>, value: Value): string {
	const group = asGroup(value);
	const parts = Object.entries(fields).flatMap(([key, field]) => {
		const written = group[key];
		return written === undefined ? [] : [`${key} = ${field.print(written)}`];
	});
	const line = `(${parts.join(" ")})`;
	return line.length <= LINE ? line : `(\n  ${parts.join("\n  ")}\n)`;
}

/**
 * `( KEY = value [,] KEY = value … )`, in any order, each key once. `refine` turns what was written into the
 * canonical form, or throws where keys do not go together.
 */
export function groupValue(
	fields: Readonly<Record<string, ValueSyntax>>,
	options: {
		readonly domain?: Domain;
		readonly refine?: (value: GroupValue, spanOf: SpanOfKey) => GroupValue;
	} = {},
): ValueSyntax {
	const known = Object.keys(fields);
	return {
		read(cursor, context) {
			const open = cursor.peek();
			const group = cursor.expectGroup(`( ${known[0]} = … )`);
			const whole = open ? cursor.spanFrom(open) : cursor.here();
			const value: Record<string, Value> = {};
			const spans = new Map<string, Span>();
			while (!group.done) {
				if (group.take(",")) continue;
				const span = group.here();
				const key = group.next();
				const field = key.type === "word" ? fields[key.value] : undefined;
				if (!field)
					throw new DeployError(
						EXIT.input,
						errorAt(
							span,
							"UNKNOWN_PROPERTY",
							`${key.text} is not one of ${known.join(", ")}`,
							didYouMean(key.value, known),
						),
					);
				if (key.value in value)
					throw new DeployError(
						EXIT.input,
						errorAt(span, "DUPLICATE_PROPERTY", `${key.value} is written twice`),
					);
				group.expect("=");
				value[key.value] = field.read(group, context);
				spans.set(key.value, group.spanFrom(key));
			}
			return options.refine?.(value, (key) => spans.get(key) ?? whole) ?? value;
		},
		print: (value) => printGroup(fields, value),
		domain: options.domain ?? samples(),
		shape: `( ${Object.entries(fields)
			.map(([key, field]) => `[ ${key} = ${field.shape} ]`)
			.join(" ")} )`,
	};
}
