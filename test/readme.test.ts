import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const ROOT = new URL("..", import.meta.url).pathname;
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const BLOCKS = [...README.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");

/** Blocks that install: CI runs these two by themselves, in a fresh clone. */
const INSTALLING = BLOCKS.filter((block) => block.startsWith("npm ci"));

const dir = mkdtempSync(join(tmpdir(), "snowline-readme-"));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("CI runs the README's two commands", () => {
	const ci = readFileSync(join(ROOT, ".ci/run"), "utf8");
	expect(INSTALLING.map((block) => block.trim())).toEqual([
		"npm ci && npm run quickstart",
		"npm ci && npm test",
	]);
	for (const command of ["npm ci", "npm run quickstart", "npm test"]) expect(ci).toContain(command);
});

test("the README's other shell blocks run as written", () => {
	for (const name of [
		"src",
		"sql",
		"environments",
		"migrations",
		"scripts",
		"package.json",
		"tsconfig.json",
	])
		cpSync(join(ROOT, name), join(dir, name), { recursive: true });
	symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
	const blocks = BLOCKS.filter((block) => !INSTALLING.includes(block));
	expect(blocks.length).toBeGreaterThan(0);
	for (const block of blocks) {
		const out = execFileSync("sh", ["-euc", block], {
			cwd: dir,
			encoding: "utf8",
			stdio: ["ignore", "pipe", "pipe"],
		});
		expect(out).toContain("verified: 0 differences");
		expect(out).toMatch(/1001\s+PLACED\s+19\.90/);
		expect(out).toContain("no changes");
	}
});

test("the files that the README links to exist", () => {
	const links = [...README.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? "");
	expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
});
