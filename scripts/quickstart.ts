/**
 * The whole path on the local account, with the same commands a person types: plan, apply, drop the sample
 * files into the bucket, tick until idle, look at silver, plan again.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { runCli } from "../src/cli/run-cli.ts";

const BUCKET = ".snowline/s3/acme-lake/landing";
const SAMPLES = new URL("sample-data/", import.meta.url).pathname;

const interrupt = new AbortController();
process.on("SIGINT", () => interrupt.abort("SIGINT"));

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

/** Runs one command as if it were typed, and stops the quickstart when it does not end as it should. */
async function snowline(args: readonly string[], expected = 0): Promise<void> {
	say(`\n$ snowline ${args.map((a) => (/[\s;()*]/.test(a) ? JSON.stringify(a) : a)).join(" ")}`);
	const code = await runCli(
		args,
		{ stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, env: process.env },
		interrupt.signal,
	);
	if (code === expected) return;
	say(`\nexit ${code}, expected ${expected}`);
	process.exit(1);
}

function drop(sample: string, folder: string): void {
	mkdirSync(join(BUCKET, folder), { recursive: true });
	copyFileSync(join(SAMPLES, sample), join(BUCKET, folder, sample));
	say(`  ${sample} → s3://acme-lake/landing/${folder}/`);
}

const started = Date.now();
say("A pipeline from files to silver, on the local account. Nothing leaves this machine.");
await snowline(["emulator", "reset"]);
rmSync(BUCKET, { recursive: true, force: true });

await snowline(["plan"]);
await snowline(["apply", "--yes"]);

say("\nFiles arrive in the bucket:");
for (const sample of readdirSync(SAMPLES).sort()) drop(sample, sample.replace(/-\d+\..*$/, ""));
await snowline(["emulator", "tick", "--until-idle"]);

await snowline([
	"sql",
	"SELECT ORDER_ID, CUSTOMER_NAME, STATUS, AMOUNT, ITEMS, SOURCE_FILE FROM SILVER.ORDERS ORDER BY ORDER_ID",
]);

say("\nA second plan finds nothing to do:");
await snowline(["plan", "--detailed-exitcode"]);
say(
	`\nDone in ${((Date.now() - started) / 1000).toFixed(1)} s. Change a file in sql/ and plan again.`,
);
process.exit(0);
