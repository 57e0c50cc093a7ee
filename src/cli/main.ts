#!/usr/bin/env node
import process from "node:process";
import type { Leftovers } from "./command.ts";
import { runCli } from "./run-cli.ts";

/**
 * Whoever read the output may have gone, as `head` does and a closed terminal: what is under way goes on, and the
 * rest is told to nobody.
 */
for (const stream of [process.stdout, process.stderr])
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
	});

const interrupt = new AbortController();
const leftovers: Leftovers = {};
let signalled = 0;
for (const [signal, code] of [
	["SIGINT", 130],
	["SIGTERM", 143],
] as const)
	process.on(signal, () => {
		if (!leftovers.describe) process.exit(code);
		if (signalled > 0) {
			const lines = ["stopped at once", ...leftovers.describe()];
			process.stderr.write(`\n${lines.join("\n")}\n`);
			process.exit(code);
		}
		signalled = code;
		interrupt.abort(signal);
	});

const code = await runCli(
	process.argv.slice(2),
	{ stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, env: process.env },
	interrupt.signal,
	() => new Date(),
	leftovers,
);
process.exitCode = signalled || code;
// The driver keeps sockets open; nothing is left to do for them.
setTimeout(() => process.exit(), 100).unref();
