import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		pool: "forks",
		// The local account and the driver want a process each; two cores run two files side by side.
		maxWorkers: 2,
	},
});
