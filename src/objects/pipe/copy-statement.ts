import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { textSource } from "../../diagnostics/source.ts";
import { canonicalSql } from "../../parse/canonical.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex } from "../../parse/lexer.ts";
import { stageReference } from "../../parse/stage-reference.ts";
import { samples } from "../define/domain.ts";
import { bodyClause } from "../define/properties.ts";
import { type Property, property, type Reference } from "../define/property.ts";

/** Copy options a pipe's statement may not have (create-pipe, usage notes). */
const FORBIDDEN = [
	"FILES",
	"SIZE_LIMIT",
	"PURGE",
	"FORCE",
	"RETURN_FAILED_ONLY",
	"VALIDATION_MODE",
];

function open(sql: string): Cursor {
	const source = textSource("COPY", sql);
	const cursor = new Cursor(source, lex(source).tokens);
	return cursor.takeGroup() ?? cursor;
}

/** The text without the parentheses that may stand around it. */
function unwrapped(text: string): string {
	const cursor = open(text);
	return cursor.tokens[0]?.text === "(" ? cursor.takeRest().text : text;
}

/** What a COPY INTO names: its table, its stages and its named file format. */
export function copyReferences(sql: string): readonly Reference[] {
	const cursor = open(sql);
	const found: Reference[] = [];
	const add = (kinds: readonly string[], name: readonly string[], start: number, end: number) =>
		found.push({
			kinds,
			name,
			level: "schema",
			structural: true,
			property: "COPY",
			at: { offset: start, length: end - start },
		});
	cursor.expect("COPY", "INTO");
	const table = cursor.expectName("the table to load");
	add(["TABLE"], table.parts, table.span.start, table.span.end);
	while (!cursor.done) {
		const token = cursor.next();
		const quotedStage = token.type === "string" && token.value.startsWith("@");
		if (token.type === "stage" || quotedStage) {
			const stage = stageReference(token);
			// Of `@stage/path` the stage alone; in quotes the path cannot be told from the end.
			const end = quotedStage ? token.end : token.end - (stage?.path.length ?? 0);
			const slash = !quotedStage && token.text[end - token.start - 1] === "/" ? 1 : 0;
			if (stage?.name) add(["STAGE"], stage.name, token.start, end - slash);
		} else if (token.value === "FORMAT_NAME" && (cursor.take("=") || cursor.take("=>"))) {
			const next = cursor.peek();
			const name = next?.type === "string" ? open(next.value).takeName() : cursor.takeName();
			if (name && next)
				add(
					["FILE FORMAT"],
					name.parts,
					next.start,
					next.type === "string" ? next.end : name.span.end,
				);
		}
	}
	return found;
}

/**
 * `AS <COPY INTO …>`, kept as the user wrote it (without parentheses around it) and compared as tokens.
 * What Snowpipe does not accept is an error here already, at its own place.
 */
export function copyStatement(): Property {
	const as = bodyClause("AS", samples());
	return property(
		"COPY",
		{
			...as,
			read(cursor) {
				cursor.expect("AS");
				const inside = cursor.clone();
				const group = inside.takeGroup();
				const copy = group ?? inside;
				const head = copy.clone();
				if (!head.take("COPY", "INTO")) throw copy.error("COPY INTO");
				head.expectName("the table to load");
				for (const part = copy.clone(); !part.done; ) {
					const token = part.next();
					if (token.type === "word" && FORBIDDEN.includes(token.value) && part.looksAt("="))
						throw new DeployError(
							EXIT.input,
							errorAt(
								copy.span(token, token),
								"UNSUPPORTED_CLAUSE",
								`${token.value} is not allowed in a pipe's COPY statement`,
							),
						);
				}
				const { text } = copy.takeRest();
				cursor.takeRest();
				return text;
			},
			domain: samples(),
			shape: "AS <COPY INTO statement>",
		},
		{
			required: true,
			change: "replace",
			unset: "replace",
			canonical: (value) => canonicalSql(unwrapped(String(value))),
			references: (value) => copyReferences(String(value)),
			variants: (value) =>
				["ON_ERROR = CONTINUE", "PATTERN = '.*[.]part'"].map((option) => ({
					part: "COPY",
					value: `${String(value)}\n${option}`,
				})),
		},
	);
}
