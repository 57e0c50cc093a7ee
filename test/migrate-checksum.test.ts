import { expect, test } from "vitest";
import { textSource } from "../src/diagnostics/source.ts";
import { renderedChecksum, statementHash, templateChecksum } from "../src/migrate/checksum.ts";

const checksum = (text: string) => templateChecksum(textSource("migration.sql", text));
const rendered = (text: string) => renderedChecksum(textSource("migration.sql", text));

const TEXT = `UPDATE {{lake}}.RAW.ORDERS SET NOTE = 'a  b' WHERE ID = 1;
{{#each regions}}
INSERT INTO T VALUES ('{{this}}');
{{/each}}
DELETE FROM T;
`;

test("a checksum says how it was computed", () => {
	expect(checksum(TEXT)).toMatch(/^1:[0-9a-f]{64}$/);
});

test.each([
	["white space and line ends", TEXT.replaceAll("\n", "\r\n").replace(" SET ", "\n\tSET   ")],
	["keyword case", TEXT.replace("UPDATE", "update").replace("RAW", "raw")],
	["a line comment", `-- why\n${TEXT}`],
	["a block comment", TEXT.replace("WHERE", "/* only\none */ WHERE")],
	["a template comment", `{{!-- why {{lake}} --}}${TEXT}`],
	["a value in a comment", `-- for {{lake}}\n${TEXT}`],
	["closing semicolons", `${TEXT.trimEnd()};\n;\n`],
	["no closing semicolon", TEXT.trimEnd().replace(/;$/, "")],
	[
		"white space inside a tag",
		TEXT.replace("{{lake}}", "{{ lake }}").replace("{{#each regions}}", "{{#each   regions }}"),
	],
	["a quoted name that needs no quotes", TEXT.replace("ORDERS", '"ORDERS"')],
])("%s makes no difference", (_, text) => {
	expect(text).not.toBe(TEXT);
	expect(checksum(text)).toBe(checksum(TEXT));
});

test.each([
	["white space in a literal", TEXT.replace("a  b", "a b")],
	["a value", TEXT.replace("ID = 1", "ID = 2")],
	["another variable", TEXT.replace("{{lake}}", "{{pond}}")],
	["the value instead of the variable", TEXT.replace("{{lake}}", "LAKE")],
	["a tag that goes", TEXT.replace("{{#each regions}}", "").replace("{{/each}}", "")],
	["a tag in a literal", TEXT.replace("'{{this}}'", "'{{@index}}'")],
	["another block", TEXT.replace("regions", "others")],
	["a block that a comment opens", `-- {{#if x}}\n${TEXT}-- {{/if}}\n`],
	["a string in a tag", TEXT.replace("{{lake}}", '{{identifier "a  b"}}')],
	["case of a quoted name", TEXT.replace("ORDERS", '"orders"')],
	["the order of statements", `DELETE FROM T;\n${TEXT.replace("DELETE FROM T;\n", "")}`],
])("%s is a change", (_, text) => {
	expect(text).not.toBe(TEXT);
	expect(checksum(text)).not.toBe(checksum(TEXT));
});

test("a file that is no SQL before it is rendered has a checksum too", () => {
	const text = "SELECT {{#if a}}'x{{else}}'y{{/if}}';\n";
	expect(checksum(text)).toMatch(/^1:/);
	expect(checksum(`${text}\n`)).toBe(checksum(text));
	expect(checksum(text.replace("y", "z"))).not.toBe(checksum(text));
});

test("braces in a tag's string do not end the tag", () => {
	expect(checksum(`SELECT {{literal "}}"}}, {{a}}`)).not.toBe(
		checksum(`SELECT {{literal "}}"}}, {{b}}`),
	);
});

test("a repeatable migration is compared as rendered", () => {
	expect(rendered("SELECT 1 -- one\n;")).toBe(rendered("select   1"));
	expect(rendered("SELECT 1;\n;\n")).toBe(rendered("SELECT 1"));
	expect(rendered("SELECT 1")).not.toBe(rendered("SELECT 2"));
});

test("a statement's hash stands for its tokens", () => {
	expect(statementHash("insert into T\n  values ('a')")).toBe(
		statementHash("INSERT INTO t VALUES('a')"),
	);
	expect(statementHash("INSERT INTO T VALUES ('a')")).not.toBe(
		statementHash("INSERT INTO T VALUES ('A')"),
	);
});
