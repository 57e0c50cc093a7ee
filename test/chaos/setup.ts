import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Builds the command line once, since a process that compiles it first spends most of its time on that. */
export function setup(): void {
	const built = join(ROOT, "node_modules/.cache/snowline-chaos");
	mkdirSync(built, { recursive: true });
	copyFileSync(join(ROOT, "package.json"), join(built, "package.json"));
	execFileSync(
		process.execPath,
		[
			join(ROOT, "node_modules/typescript/bin/tsc"),
			...["-p", join(ROOT, "tsconfig.build.json"), "--outDir", join(built, "dist")],
			...["--noCheck", "--declaration", "false"],
		],
		{ stdio: "inherit" },
	);
}
