import { join } from "node:path";
import { expect, test } from "vitest";
import { openSite } from "../chaos/site.ts";
import { LAKE, LOCAL } from "../support/project.ts";

const FORMAT = "CREATE FILE FORMAT lines TYPE = CSV;\n";
const FILES = {
	"environments/_defaults.yaml": "project: demo\n",
	"environments/local.yaml": LOCAL,
	"sql/lake.sql": LAKE,
	"sql/lines.sql": FORMAT,
};

/*
 * Between CREATE OR REPLACE and GRANT nobody has access, and the account does not say any more who had it:
 * the journal does.
 */
test.each([
	["the next run", false],
	["the saved plan that was cut off", true],
])(
	"killed right behind a replacement, %s gives everybody back what they had",
	async (_, saved) => {
		const site = await openSite({ files: FILES, secrets: {} });
		const held = async () =>
			(await site.query("SHOW GRANTS ON FILE FORMAT LAKE.BRONZE.LINES"))
				.map((r) => [r.privilege, r.grantee_name, r.grant_option].join(" "))
				.sort();
		try {
			expect(await site.run(["apply", "--yes"])).toMatchObject({ code: 0 });
			await site.query("CREATE ROLE reader");
			await site.query(
				"GRANT USAGE ON FILE FORMAT LAKE.BRONZE.LINES TO ROLE reader WITH GRANT OPTION",
			);
			const before = await held();
			const files = { ...FILES, "sql/lines.sql": FORMAT.replace("CSV", "JSON") };
			site.put({ files, secrets: {} });
			const replaces = (sql: string) => sql.startsWith("CREATE OR REPLACE FILE FORMAT");
			const file = join(site.dir, "plan.json");
			if (saved) expect(await site.run(["plan", "--out", file])).toMatchObject({ code: 0 });
			const apply = saved ? ["apply", file] : ["apply", "--yes"];
			expect(await site.runUntil(apply, { statement: replaces, when: "after" })).toBe("gone");
			expect(await held()).toEqual(["OWNERSHIP ACCOUNTADMIN true"]);
			site.wait(6);
			const { code, err } = await site.run(apply);
			expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
			expect(await held()).toEqual(before);
			expect(before).toContain("USAGE READER true");
		} finally {
			await site.close();
		}
	},
	120_000,
);
