import { defineConfig } from "vitest/config";
import { temporaryDirectory } from "./test/support/temporary.ts";

const test = {
	testTimeout: 60_000,
	hookTimeout: 60_000,
	pool: "forks",
	// The driver takes a second to load, and no test changes a module: the files of a worker share what is loaded.
	isolate: false,
	env: { TMPDIR: temporaryDirectory() },
} as const;

export default defineConfig({
	test: {
		// The local account and the driver want a process each; two cores run two files side by side.
		maxWorkers: 2,
		projects: [
			{
				test: {
					...test,
					name: "tests",
					include: ["test/**/*.test.ts"],
					exclude: ["test/chaos/**"],
				},
			},
			{
				// The short form; `npm run test:chaos` is the long one, as `npm run test:scenarios` of the scenarios.
				test: {
					...test,
					name: "chaos",
					include: ["test/chaos/**/*.test.ts"],
					globalSetup: "test/chaos/setup.ts",
				},
			},
		],
	},
});
