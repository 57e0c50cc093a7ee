import { execFileSync } from "node:child_process";
import {
	copyFileSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { KINDS } from "../src/objects/index.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const BIOME = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
const dir = mkdtempSync(join(tmpdir(), "snowline-architecture-"));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What the project's own lint configuration says of one file with one import, elsewhere on disk. */
function lint(file: string, imported: string): string {
	copyFileSync(join(ROOT, "biome.json"), join(dir, "biome.json"));
	mkdirSync(dirname(join(dir, file)), { recursive: true });
	writeFileSync(
		join(dir, file),
		`import * as planted from "${imported}";\n\nexport const used = planted;\n`,
	);
	try {
		return execFileSync(process.execPath, [BIOME, "lint", "--colors=off", file], {
			cwd: dir,
			encoding: "utf8",
			stdio: "pipe",
		});
	} catch (error) {
		const { stdout, stderr } = error as { stdout: string; stderr: string };
		return stdout + stderr;
	} finally {
		rmSync(join(dir, file));
	}
}

test.each([
	["src/emulator/planted.ts", "../objects/index.ts"],
	["src/emulator/ddl/planted.ts", "../../objects/table/table.ts"],
	["src/emulator/planted.ts", "../resolve/fold.ts"],
	["src/objects/planted.ts", "./warehouse.ts"],
	["src/objects/planted.ts", "./pipe/pipe.ts"],
	["src/objects/task/planted.ts", "../warehouse.ts"],
	["src/objects/task/planted.ts", "../pipe/pipe.ts"],
	["src/objects/planted.ts", "../connection/snowflake.ts"],
	["src/plan/planted.ts", "snowflake-sdk"],
	["src/plan/planted.ts", "../cli/main.ts"],
	["src/apply/planted.ts", "../objects/index.ts"],
	["src/parse/planted.ts", "../objects/index.ts"],
	["src/cli/planted.ts", "../emulator/account/account.ts"],
	["src/cli/planted.ts", "snowflake-sdk"],
	["src/operate/planted.ts", "@duckdb/node-api"],
])("%s importing %s fails the check", (file, imported) => {
	expect(lint(file, imported)).toContain("noRestrictedImports");
});

test.each([
	["src/objects/planted.ts", "./define/rows.ts"],
	["src/objects/task/planted.ts", "../define/rows.ts"],
	["src/objects/task/planted.ts", "../shared/parameters.ts"],
	["src/objects/task/planted.ts", "../../model/value.ts"],
	["src/emulator/ddl/planted.ts", "../../parse/lexer.ts"],
	["src/cli/planted.ts", "../emulator/index.ts"],
])("%s importing %s is allowed", (file, imported) => {
	expect(lint(file, imported)).not.toContain("noRestrictedImports");
});

/** Every TypeScript file below a folder. */
function sources(folder: string): readonly string[] {
	return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
		.filter((f) => f.endsWith(".ts"))
		.map((f) => join(folder, f));
}

test("no stage names a kind of object", () => {
	const folders = [
		"src/parse",
		"src/resolve",
		"src/introspect",
		"src/diff",
		"src/plan",
		"src/apply",
		"src/report",
		"src/operate",
	];
	// Kinds whose name is also a word of every SQL statement about sessions: USE DATABASE, USE SCHEMA, CREATE TABLE of the records.
	const words = KINDS.filter(
		(kind) => !["DATABASE", "SCHEMA", "TABLE", "WAREHOUSE"].includes(kind),
	);
	const named = folders.flatMap(sources).flatMap((file) => {
		const code = readFileSync(join(ROOT, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
		return words
			.filter((kind) => new RegExp(`["'\`]${kind}["'\`]`).test(code))
			.map((kind) => `${file}: ${kind}`);
	});
	expect(named).toEqual([]);
});
