import { describe, expect, test } from "vitest";
import { lex } from "../src/parse/lexer.ts";
import { checkTemplate, render } from "../src/render/render.ts";
import { checkSecrets } from "../src/render/secrets.ts";

const VARIABLES = {
	lake: "LAKE_DEV",
	count: 3,
	on: true,
	off: false,
	nothing: null,
	tables: [{ name: "orders" }, { name: "items", comment: "lines" }],
	regions: ["eu", "us"],
	storage: { bucket: "acme", paths: { raw: "in/" } },
};

function renderText(text: string, partials: Readonly<Record<string, string>> = {}) {
	const rendered = render(
		{ file: "sql/x.sql", text },
		{
			variables: VARIABLES,
			environment: "dev",
			partials: new Map(
				Object.entries(partials).map(([name, body]) => [
					name,
					{ file: `sql/_partials/${name}.sql`, text: body },
				]),
			),
		},
	);
	const errors = rendered.diagnostics.map(
		({ code, at }) => `${code} ${at?.file.replace("sql/", "")}:${at?.line}:${at?.column}`,
	);
	const carets = rendered.diagnostics.map(({ at }) =>
		at?.lineText.slice(at.column - 1, at.column - 1 + at.length),
	);
	const hints = rendered.diagnostics.map(({ hint }) => hint);
	return { ...rendered, text: rendered.source.text, errors, carets, hints };
}

describe("text", () => {
	test.each([
		["select 1;", "select 1;"],
		["{{lake}}.{{count}} {{on}} {{off}}", "LAKE_DEV.3 true false"],
		["{{environment}}", "dev"],
		["{{{lake}}}", "LAKE_DEV"],
		["{{literal \"<a> & 'b'\"}}", "'<a> & ''b'''"],
		["'\\{{lake}}'", "'{{lake}}'"],
		["{{#each tables}}{{name}} {{/each}}", "orders items "],
		["{{#each tables as |t i|}}{{i}}{{t.name}}{{/each}}", "0orders1items"],
		["{{#with storage}}{{bucket}}{{@root.lake}}{{../lake}}{{/with}}", "acmeLAKE_DEVLAKE_DEV"],
		["{{#if nothing}}a{{else if on}}b{{else}}c{{/if}}", "b"],
		["{{#if (defined nope)}}a{{else}}b{{/if}}", "b"],
		["{{#if (defined storage.paths.raw)}}a{{/if}}{{#if (defined a.b.c)}}b{{/if}}", "a"],
		["{{#if (defined (lookup storage 'nope'))}}a{{else}}b{{/if}}", "b"],
		["{{#each tables}}{{#if (defined comment)}}{{comment}}{{/if}}{{/each}}", "lines"],
		["{{#if (defined nothing)}}a{{/if}}{{#if (defined nothing.a)}}b{{/if}}", "a"],
		["{{lookup storage 'bucket'}}", "acme"],
		["{{#regions}}{{this}},{{/regions}}", "eu,us,"],
	])("%s", (template, expected) => {
		const { text, diagnostics } = renderText(template);
		expect(diagnostics).toEqual([]);
		expect(text).toBe(expected);
	});
});

describe("identifier, literal and list", () => {
	test.each([
		["{{identifier 'orders'}}", "ORDERS"],
		["{{identifier 'order'}}", '"ORDER"'],
		["{{identifier 'my-db'}}", '"my-db"'],
		["{{identifier '\"my db\"'}}", '"my db"'],
		["{{identifier 'db.public.my-table'}}", 'DB.PUBLIC."my-table"'],
		["{{identifier '\"a.b\".c'}}", '"a.b".C'],
		["{{identifier regions}}", "EU.US"],
		['{{literal "it\'s \\\\"}}', "'it''s \\\\\\\\'"],
		["{{literal count}}", "3"],
		["{{literal off}}", "FALSE"],
		["{{literal nothing}}", "NULL"],
		["{{list regions}}", "'eu', 'us'"],
		["{{list regions identifiers=true}}", "EU, US"],
	])("%s", (template, expected) => {
		const { text, diagnostics } = renderText(template);
		expect([text, diagnostics]).toEqual([expected, []]);
	});

	test.each([
		["{{identifier count}}", "a name"],
		["{{literal regions}}", "literal writes a string"],
		["{{list lake}}", "list needs a list"],
		["{{list tables}}", "item 1 of this list is a map"],
		["{{list regions identifers=true}}", "list has no option identifers"],
		["{{literal}}", "literal takes 1 argument, not 0"],
		["{{literal lake count}}", "literal takes 1 argument, not 2"],
		["{{#each count}}{{/each}}", "each needs a list or a map; this is the number 3"],
		["{{#if}}{{/if}}", "if takes 1 argument, not 0"],
		["{{secret 'A B'}}", "a secret is named like an environment variable"],
		["{{literal (secret 'A')}}", "this is a secret"],
	])("%s is an error", (template, message) => {
		const { diagnostics } = renderText(template);
		expect(diagnostics).toHaveLength(1);
		expect(diagnostics[0]).toMatchObject({ code: "HELPER_ARGUMENT", severity: "error" });
		expect(diagnostics[0]?.summary).toContain(message);
	});
});

describe("undefined variables", () => {
	test.each([
		["{{lak}}", "lak", "did you mean lake?"],
		["{{literal lak}}", "lak", "did you mean lake?"],
		["{{list regions identifiers=onn}}", "onn", "did you mean on?"],
		["{{#if lak}}a{{/if}}", "lak", "did you mean lake?"],
		["{{#unless lak}}{{/unless}}", "lak", "did you mean lake?"],
		["{{#each table}}a{{/each}}", "table", "did you mean tables?"],
		["{{#table}}a{{/table}}", "table", "did you mean tables?"],
		["{{^table}}a{{/table}}", "table", "did you mean tables?"],
		["{{#with storag}}a{{/with}}", "storag", "did you mean storage?"],
		["{{> p lak}}", "lak", "did you mean lake?"],
		["{{> p a=lak}}", "lak", "did you mean lake?"],
		["{{#> p lak}}{{/p}}", "lak", "did you mean lake?"],
		["{{> (lookup storage lak)}}", "lak", "did you mean lake?"],
		["{{storage.path.raw}}", "storage.path.raw", "did you mean paths?"],
		["{{storage.paths.row}}", "storage.paths.row", "did you mean raw?"],
		["{{lake.a}}", "lake.a", undefined],
		["{{nothing.a}}", "nothing.a", undefined],
		["{{#with storage}}{{../lak}}{{/with}}", "../lak", "did you mean lake?"],
		[
			"{{#with storage}}{{lake}}{{/with}}",
			"lake",
			"lake is a top-level variable: inside this block write @root.lake",
		],
		["{{#with storage}}{{@root.lak}}{{/with}}", "@root.lak", "did you mean lake?"],
		["{{#each regions}}{{@indx}}{{/each}}", "@indx", "did you mean index?"],
		["{{@index}}", "@index", undefined],
		["{{#each tables as |tab|}}{{ta.name}}{{/each}}", "ta.name", "did you mean tab?"],
		["{{#each tables as |t|}}{{t.nam}}{{/each}}", "t.nam", "did you mean name?"],
		["{{literal (lookup storage lak)}}", "lak", "did you mean lake?"],
		["{{literal (lookup storage 'bukket')}}", "(lookup storage 'bukket')", "did you mean bucket?"],
		["{{#if (defined (lookup storag 'x'))}}{{/if}}", "storag", "did you mean storage?"],
		["{{constructor}}", "constructor", undefined],
		["{{storage.__proto__}}", "storage.__proto__", undefined],
		["{{storage.toString}}", "storage.toString", undefined],
		["{{[lak e]}}", "[lak e]", "did you mean lake?"],
		["{{this.lak}}", "this.lak", "did you mean lake?"],
		["{{#if off}}{{else if lak}}{{/if}}", "lak", "did you mean lake?"],
	])("%s", (template, caret, hint) => {
		const { diagnostics, carets } = renderText(template, { p: "x" });
		expect(diagnostics.map(({ code }) => code)).toEqual(["UNDEFINED_VARIABLE"]);
		expect(carets).toEqual([caret]);
		if (hint) expect(diagnostics[0]?.hint).toBe(hint);
	});

	test("in a branch that is not taken are none", () => {
		expect(renderText("{{#if off}}{{nope}}{{/if}}").errors).toEqual([]);
	});

	test("are all reported at once, each once, whatever loop they are in", () => {
		const { errors } = renderText(
			"{{lak}}\n  {{#each tables}}{{nam}}{{literal xx}}{{> p}}{{/each}}\n{{iff x}}{{> q}}",
			{ p: "a\n{{yy}}" },
		);
		expect(errors.sort()).toEqual([
			"UNDEFINED_VARIABLE _partials/p.sql:2:3",
			"UNDEFINED_VARIABLE x.sql:1:3",
			"UNDEFINED_VARIABLE x.sql:2:21",
			"UNDEFINED_VARIABLE x.sql:2:36",
			"UNKNOWN_HELPER x.sql:3:3",
			"UNKNOWN_PARTIAL x.sql:3:14",
		]);
	});

	test("in a partial say which file used it", () => {
		const { diagnostics } = renderText("\n {{> p}}", { p: "{{yy}}" });
		expect(diagnostics[0]?.detail).toBe("rendered for sql/x.sql:2:2");
	});
});

describe("values without text", () => {
	test.each([
		["{{nothing}}", "NULL_VARIABLE", "{{literal nothing}}"],
		["{{regions}}", "NOT_TEXT", "{{list regions}}"],
		["{{storage}}", "NOT_TEXT", "{{storage.bucket}}"],
		["{{#> p}}{{/p}}", "NOT_TEXT", "{{> @partial-block}}"],
	])("%s", (template, code, hint) => {
		const { diagnostics } = renderText(template, { p: "{{@partial-block}}" });
		expect(diagnostics).toMatchObject([{ code }]);
		expect(diagnostics[0]?.hint).toContain(hint);
	});
});

describe("helpers and partials that do not exist", () => {
	test.each([
		["{{litral lake}}", "UNKNOWN_HELPER", "litral", "did you mean literal?"],
		["{{#iff on}}{{/iff}}", "UNKNOWN_HELPER", "iff", "did you mean if?"],
		["{{literal (litral lake)}}", "UNKNOWN_HELPER", "litral", "did you mean literal?"],
		["{{if on}}", "UNKNOWN_HELPER", "if", "write {{#if VALUE}}…{{/if}}"],
		["{{#literal on}}{{/literal}}", "UNKNOWN_HELPER", "literal", "write {{literal VALUE}}"],
		["{{log lake}}", "UNKNOWN_HELPER", "log", undefined],
		["{{[snowline:emit] 1 lake}}", "UNKNOWN_HELPER", "[snowline:emit]", undefined],
		["{{helperMissing 1}}", "UNKNOWN_HELPER", "helperMissing", undefined],
		["{{storage.bucket lake}}", "UNKNOWN_HELPER", "storage.bucket", undefined],
		["{{> heder}}", "UNKNOWN_PARTIAL", "heder", "did you mean header?"],
		["{{#> heder}}{{/heder}}", "UNKNOWN_PARTIAL", "heder", "did you mean header?"],
		["{{> (lookup storage 'bucket')}}", "UNKNOWN_PARTIAL", "(lookup storage 'bucket')", undefined],
		["{{> @partial-block}}", "UNKNOWN_PARTIAL", "{{> @partial-block}}", undefined],
		["{{* nope}}", "UNKNOWN_HELPER", "{{* nope}}", undefined],
		["{{{{literal lake}}}}x{{{{/literal}}}}", "TEMPLATE_SYNTAX", "literal", undefined],
	])("%s", (template, code, caret, hint) => {
		const { diagnostics, carets } = renderText(template, { header: "-- h" });
		expect(diagnostics.map((d) => d.code)).toEqual([code]);
		expect(carets).toEqual([caret]);
		if (hint) expect(diagnostics[0]?.hint).toBe(hint);
	});

	test("a partial that uses itself is an error, not a crash", () => {
		const { diagnostics } = renderText("{{> a}}", { a: "{{> b}}", b: "{{> a}}" });
		expect(diagnostics.map((d) => d.code)).toEqual(["PARTIAL_RECURSION"]);
	});

	test("an inline partial is known", () => {
		const { text, errors } = renderText('{{#*inline "p"}}<{{a}}>{{/inline}}{{> p a=1}}{{> p a=2}}');
		expect([text, errors]).toEqual(["<1><2>", []]);
	});

	test("mistakes of a partial nobody uses show in checkTemplate", () => {
		const template = { file: "p.sql", text: "{{litral x}} {{> q}} {{y}}" };
		expect(checkTemplate(template, new Map()).map(({ code }) => code)).toEqual([
			"UNKNOWN_HELPER",
			"UNKNOWN_PARTIAL",
		]);
	});
});

describe("template syntax", () => {
	test.each([
		["a\n{{lake", 2, 1, "{{"],
		["a\n {{#if on}}\nfoo\n", 2, 2, "{{#if on}}"],
		["{{#if on}}{{#each tables}}{{/if}}", 1, 14, "each"],
		["x {{/if}}", 1, 3, "{{/"],
		["{{literal x=}}", 1, 13, "}}"],
		["a {{lake !! }}", 1, 10, "!"],
		["{{{lake}}", 1, 8, "}}"],
		["{{> }}", 1, 5, "}}"],
	])("%j", (template, line, column, caret) => {
		const { diagnostics, carets } = renderText(template);
		expect(diagnostics).toMatchObject([{ code: "TEMPLATE_SYNTAX", at: { line, column } }]);
		expect(carets).toEqual([caret]);
	});

	test("of a partial is shown in the partial", () => {
		expect(renderText("{{> p}}{{> p}}{{lak}}", { p: "\n{{#if}" }).errors).toEqual([
			"TEMPLATE_SYNTAX _partials/p.sql:2:1",
			"UNDEFINED_VARIABLE x.sql:1:17",
		]);
	});
});

describe("secrets", () => {
	const check = (template: string, partials = {}) => {
		const rendered = renderText(template, partials);
		return { ...rendered, problems: checkSecrets(rendered, lex(rendered.source)) };
	};

	test("stand as marks whose offsets are recorded, also in indented partials", () => {
		const { text, secrets, problems } = check("x\n  {{> p}}\nPASSWORD = {{secret 'B'}}", {
			p: "KEY =\n{{secret 'A_1'}}\n",
		});
		expect(text).toBe("x\n  KEY =\n  <secret A_1>\nPASSWORD = <secret B>");
		expect(
			secrets.map(({ name, offset }) => [name, text.indexOf(`<secret ${name}`) - offset]),
		).toEqual([
			["A_1", 0],
			["B", 0],
		]);
		expect(problems).toEqual([]);
	});

	test.each([
		["a = '{{secret 'X'}}'", "SECRET_IN_QUOTES", 6],
		['a = "{{secret "X"}}"', "SECRET_IN_QUOTES", 6],
		["-- {{secret 'X'}}", "SECRET_IN_QUOTES", 4],
		["$${{secret 'X'}}$$", "SECRET_IN_QUOTES", 3],
		["{{lake}} = <secret X>", "SECRET_IN_TEXT", 12],
	])("%s", (template, code, column) => {
		expect(check(template).problems).toMatchObject([{ code, at: { column } }]);
	});

	test("a variable cannot pass for a secret", () => {
		const { diagnostics } = render(
			{ file: "a", text: "{{x}}" },
			{ variables: { x: { secret: "A" } }, environment: "dev", partials: new Map() },
		);
		expect(diagnostics).toMatchObject([{ code: "NOT_TEXT" }]);
	});
});
