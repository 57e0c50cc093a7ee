#!/usr/bin/env node
import process from "node:process";
import { runCli } from "./run-cli.ts";

const interrupt = new AbortController();
let signalled = 0;
for (const [signal, code] of [
	["SIGINT", 130],
	["SIGTERM", 143],
] as const)
	process.on(signal, () => {
		if (signalled > 0) {
			process.stderr.write(
				"\nstopped at once: what was running may still run; the next plan picks it up\n",
			);
			process.exit(code);
		}
		signalled = code;
		interrupt.abort(signal);
	});

const code = await runCli(
	process.argv.slice(2),
	{ stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, env: process.env },
	interrupt.signal,
);
process.exitCode = signalled || code;
// The driver keeps sockets open; nothing is left to do for them.
setTimeout(() => process.exit(), 100).unref();
