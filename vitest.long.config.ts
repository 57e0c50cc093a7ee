import { defineConfig } from "vitest/config";
import { temporaryDirectory } from "./test/support/temporary.ts";

const test = {
	env: { SNOWLINE_CHAOS: "long", TMPDIR: temporaryDirectory() },
	testTimeout: 1_800_000,
	hookTimeout: 120_000,
	pool: "forks",
} as const;

/** The long forms: everything of which `npm test` takes a sample. */
export default defineConfig({
	test: {
		maxWorkers: 2,
		projects: [
			{
				test: {
					...test,
					name: "chaos",
					include: ["test/chaos/**/*.test.ts"],
					globalSetup: "test/chaos/setup.ts",
				},
			},
			{
				test: {
					...test,
					name: "scenarios",
					include: [
						"test/properties/**/*.test.ts",
						"test/scenarios/{pipe-window,rebuild,renames,substitution,task-graph}.test.ts",
					],
				},
			},
		],
	},
});
