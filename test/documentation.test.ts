import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DeployError } from "../src/diagnostics/diagnostic.ts";
import { textSource } from "../src/diagnostics/source.ts";
import { NO_DIRECTIVES } from "../src/model/catalog.ts";
import type { Properties, Value } from "../src/model/value.ts";
import { readCreate } from "../src/objects/define/read-create.ts";
import { KINDS, OBJECT_TYPES, objectType } from "../src/objects/index.ts";
import { type CreateStatement, parse, type Statement } from "../src/parse/statement.ts";
import { validateObject } from "../src/resolve/validate.ts";
import { IN_MYDB } from "./support/objects.ts";

/*
 * Every CREATE example of Snowflake's documentation, one file for each kind in test/documentation, is either
 * understood or refused by name. Comments before a statement say what is expected of it:
 *
 *   -- page: sql-reference/sql/create-pipe      the page it stands on; holds until the next such line
 *   -- expect: AUTO_INGEST = true               a property's canonical value, as JSON
 *   -- refused: TEMPORARY                       it must be refused, and the error must say this
 *
 * The examples are read as if USE SCHEMA MYDB.PUBLIC stood before them.
 */
const FOLDER = new URL("./documentation/", import.meta.url);

interface Example {
	readonly page: string;
	readonly line: number;
	readonly statement: CreateStatement;
	readonly expected: readonly { readonly property: string; readonly value: Value }[];
	readonly refused: readonly string[];
}

function directives(statement: Statement, name: string): readonly string[] {
	return statement.comments.flatMap(({ text }) => {
		const match = new RegExp(`^-- ${name}:(.*)$`).exec(text);
		return match?.[1] === undefined ? [] : [match[1].trim()];
	});
}

function examplesOf(file: string): readonly Example[] {
	const source = textSource(file, readFileSync(new URL(file, FOLDER), "utf8"));
	let page = "";
	return parse(source, KINDS).map((statement) => {
		page = directives(statement, "page").at(-1) ?? page;
		const { line } = source.locate(statement.span.start, statement.span.end);
		if (statement.verb !== "CREATE" || page === "")
			throw new Error(`${file}:${line}: only CREATE statements with a page belong here`);
		const expected = directives(statement, "expect").map((text) => {
			const at = text.indexOf(" = ");
			return { property: text.slice(0, at), value: JSON.parse(text.slice(at + 3)) as Value };
		});
		return { page, line, statement, expected, refused: directives(statement, "refused") };
	});
}

function understand({ statement }: Example): {
	readonly properties: Properties;
	readonly errors: readonly string[];
} {
	const { kind } = statement;
	if (kind === undefined) {
		const { source, start, end } = statement.kindSpan;
		return { properties: {}, errors: [`unknown kind: ${source.text.slice(start, end)}`] };
	}
	try {
		const type = objectType(kind);
		const { properties, diagnostics } = readCreate(type, statement, IN_MYDB);
		const name = IN_MYDB.qualify(
			statement.name ?? { parts: [], span: statement.kindSpan },
			type.level,
		);
		const mistakes = validateObject({ kind, name, properties, directives: NO_DIRECTIVES });
		return { properties, errors: [...diagnostics, ...mistakes].map((d) => d.summary) };
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		return { properties: {}, errors: error.diagnostics.map((d) => d.summary) };
	}
}

const FILES = readdirSync(FOLDER).filter((file) => file.endsWith(".sql"));

test("every kind has the examples of its documentation", () => {
	const names = [...OBJECT_TYPES.keys()].map((k) => `${k.toLowerCase().replaceAll(" ", "-")}.sql`);
	expect(names.filter((name) => !FILES.includes(name))).toEqual([]);
});

for (const file of FILES) {
	const examples = examplesOf(file);
	const pages = [...new Set(examples.map((e) => e.page))];
	describe(`${file}: ${examples.length} statements of ${pages.length} pages`, () => {
		test("has examples", () => expect(examples.length).toBeGreaterThan(0));
		for (const example of examples) {
			const name = example.statement.span.source.text
				.slice(example.statement.span.start, example.statement.span.end)
				.replaceAll(/\s+/g, " ")
				.slice(0, 80);
			test(`line ${example.line}: ${name}`, () => {
				const { properties, errors } = understand(example);
				if (example.refused.length === 0) expect(errors).toEqual([]);
				for (const word of example.refused) expect(errors.join("\n")).toContain(word);
				for (const { property, value } of example.expected)
					expect({ [property]: properties[property] ?? null }).toEqual({ [property]: value });
			});
		}
	});
}
