import { defineConfig } from "vitest/config";
import { temporaryDirectory } from "./test/support/temporary.ts";

/** The long form of the chaos tests: everything, not a sample. */
export default defineConfig({
	test: {
		include: [
			"test/chaos/**/*.test.ts",
			"test/properties/**/*.test.ts",
			"test/scenarios/{rebuild,renames,substitution,task-graph}.test.ts",
		],
		globalSetup: "test/chaos/setup.ts",
		env: { SNOWLINE_CHAOS: "long", TMPDIR: temporaryDirectory() },
		testTimeout: 1_200_000,
		hookTimeout: 120_000,
		pool: "forks",
		maxWorkers: 2,
	},
});
