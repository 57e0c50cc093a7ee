import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Chalk } from "chalk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../src/cli/run-cli.ts";
import { HAZARDS } from "../src/model/hazard.ts";
import { OBJECT_TYPES } from "../src/objects/index.ts";
import { planText } from "../src/report/plan-text.ts";
import { startAccount, type TestAccount } from "./support/account.ts";
import {
	CONTEXT,
	casesOf,
	declaredBy,
	expectedIn,
	hazardsIn,
	readPart,
	statementsOf,
} from "./support/cases.ts";
import { openDeployer } from "./support/deploy.ts";

/**
 * What each kind of change loses, case by case. On what `world.sql` makes, `from.sql` is deployed; others add
 * `others.sql`; then `to.sql` is planned, and the plan has exactly the hazards that `-- expect: CODE` says on
 * the lines of the objects that lose: of what is there afterwards in `to.sql`, of what is dropped in
 * `from.sql`, of what is not ours in `others.sql`. The plan itself stands beside them; `npm run test:update`
 * writes it anew.
 */
const CASES = [...OBJECT_TYPES.keys()].map((kind) => [kind, casesOf(kind)] as const);
const PLAIN = new Chalk({ level: 0 });
const raised = new Set<string>();
/** External stages are in it; no case has files there. */
const bucket = mkdtempSync(join(tmpdir(), "snowline-bucket-"));

afterAll(() => rmSync(bucket, { recursive: true }));

describe.each(CASES.filter(([, cases]) => cases.length > 0))("%s", (_kind, cases) => {
	let account: TestAccount;

	beforeAll(async () => {
		account = await startAccount({ buckets: { "acme-lake": bucket } });
	});

	afterAll(() => account?.close());

	test.each(cases.map((one) => [one.name, one] as const))("%s", async (name, one) => {
		const world = readPart(one, "world");
		const from = readPart(one, "from");
		const others = readPart(one, "others");
		const to = readPart(one, "to");
		if (!from || !to) throw new Error(`${one.dir} needs from.sql and to.sql`);
		await account.run(
			`CREATE OR REPLACE DATABASE ${CONTEXT.database}`,
			`CREATE SCHEMA ${CONTEXT.database}.${CONTEXT.schema}`,
			...(world ? statementsOf(world) : []),
		);
		// Records of its own: to this case, the account is new.
		const deployer = await openDeployer(account.port, [CONTEXT.database], {
			environment: {
				project: "cases",
				context: CONTEXT,
				records: ["SNOWLINE_RECORDS", name.toUpperCase().replaceAll("-", "_")],
			},
		});
		try {
			await deployer.deploy(declaredBy(from));
			for (const sql of others ? statementsOf(others) : []) await account.query(sql);
			const { plan } = await deployer.plan(declaredBy(to));
			const expected = [from, others, to].flatMap((part) => (part ? expectedIn(part) : []));
			const hazards = hazardsIn(plan);
			for (const hazard of hazards) raised.add(hazard.split(" ")[0] ?? "");
			expect([...hazards].sort()).toEqual([...expected].sort());
			await expect(`${planText(plan, PLAIN)}\n`).toMatchFileSnapshot(join(one.dir, "plan.txt"));
			await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot(
				join(one.dir, "plan.json"),
			);
		} finally {
			await deployer.close();
		}
	});
});

describe("every hazard", () => {
	const codes = Object.keys(HAZARDS);

	test("is raised by a case", () => {
		expect([...raised].sort()).toEqual([...codes].sort());
	});

	test("has a page of docs/hazards.md", () => {
		const page = readFileSync(new URL("../docs/hazards.md", import.meta.url), "utf8");
		expect([...page.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual(codes);
	});

	test("is explained by `explain CODE`, with its page", async () => {
		const page = readFileSync(new URL("../docs/hazards.md", import.meta.url), "utf8");
		for (const code of codes) {
			let out = "";
			const streams = {
				stdout: { write: (text: string) => (out += text) },
				stderr: { write: () => true },
				stdin: new PassThrough(),
				env: {},
			};
			expect(await runCli(["explain", code], streams, new AbortController().signal)).toBe(0);
			const words = (text: string) => text.replace(/[`*#\s]+/g, " ").trim();
			const [, own = ""] = page.split(`## ${code}\n`);
			expect(words(out)).toBe(words(`${code}\n${own.split("\n## ")[0]}`));
		}
	});
});
