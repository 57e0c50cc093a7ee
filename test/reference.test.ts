import { expect, test } from "vitest";
import { OBJECT_TYPES } from "../src/objects/index.ts";
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
