import { expect, test } from "vitest";
import * as z from "zod";
import { HAZARDS } from "../src/model/hazard.ts";
import { OBJECT_TYPES } from "../src/objects/index.ts";
import { planSchema } from "../src/plan/plan.ts";
import { HAZARD_HELP, hazardsPage } from "../src/report/hazard-help.ts";
import { referencePage } from "../src/report/reference-page.ts";

/** Generated pages are part of the repository; `npm run test:update` writes them anew. */
test.each([...OBJECT_TYPES.values()].map((type) => [type.kind, type] as const))(
	"docs/objects has the page of %s",
	async (kind, type) => {
		await expect(referencePage(type)).toMatchFileSnapshot(
			`../docs/objects/${kind.toLowerCase().replaceAll(" ", "-")}.md`,
		);
	},
);

test("schemas/plan.schema.json is the schema of plan files", async () => {
	const schema = { $id: "plan.schema.json", title: "Snowline plan", ...z.toJSONSchema(planSchema) };
	await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
		"../schemas/plan.schema.json",
	);
});

test("docs/hazards.md has the page of every hazard", async () => {
	await expect(hazardsPage()).toMatchFileSnapshot("../docs/hazards.md");
	expect(Object.keys(HAZARD_HELP)).toEqual(Object.keys(HAZARDS));
});
