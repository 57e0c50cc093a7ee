import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { runCli } from "../src/cli/run-cli.ts";
import { plain } from "../src/report/plain.ts";

test("a page becomes text: tables aligned, no marks", () => {
	expect(
		plain(
			"# TASK\n\nA `b` and **c**.\n\n| name | is |  |\n|---|---|---|\n| `A` | `X \\| Y` |  |\n",
		),
	).toBe("TASK\n\nA b and c.\n\nname  is\nA     X | Y");
});

test("explain speaks to a terminal", async () => {
	let out = "";
	const streams = {
		stdout: { write: (text: string) => (out += text) },
		stderr: { write: () => true },
		stdin: new PassThrough(),
		env: {},
	};
	for (const asked of ["TASK", "PIPE_HISTORY_LOST"])
		expect(await runCli(["explain", asked], streams, new AbortController().signal)).toBe(0);
	expect(out).toMatch(/^SCHEDULE +SCHEDULE = '<n> HOURS \| MINUTES \| SECONDS'/m);
	expect(out).not.toMatch(/`|\*\*|\\\||^#/m);
});
