import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { leaseSeconds } from "../src/cli/lease.ts";
import { KEY_NAMES } from "../src/connection/keys.ts";
import { DeployError } from "../src/diagnostics/diagnostic.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const PAGE = readFileSync(join(ROOT, "docs/environment-variables.md"), "utf8");

/** Set for the driver before it is imported, and not read from anybody. */
const OWN = new Set([
	"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED",
	"SNOWFLAKE_DISABLE_PLATFORM_DETECTION",
]);

/** Every environment variable that the source reads: by property, and ours and the proxies' wherever they are named. */
function read(): ReadonlySet<string> {
	const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
	const named = files
		.filter((file) => file.endsWith(".ts"))
		.flatMap((file) => {
			const text = readFileSync(join(ROOT, "src", file), "utf8");
			return [
				...text.matchAll(/\benv\.([A-Za-z_]+)|\b(SNOWLINE_[A-Z_]+)|"(https?_proxy)"/gi),
			].flatMap((match) => match.slice(1).filter((name) => name !== undefined));
		});
	const keys = KEY_NAMES.map((key) => `SNOWFLAKE_${key.toUpperCase()}`);
	return new Set([...named, ...keys].filter((name) => !OWN.has(name)));
}

test("the page of environment variables lists those that are read, and no others", () => {
	const listed = [...PAGE.matchAll(/`([A-Za-z_]*[A-Z]_?[A-Z_]+|[a-z]+_proxy)`/g)].map((m) => m[1]);
	expect([...new Set(listed)].sort()).toEqual([...read()].sort());
});

test.each([
	[undefined, 300],
	["", 300],
	["1", 1],
	["2.5", 2.5],
	["86400", 86_400],
])("SNOWLINE_LEASE_SECONDS = %s is %d seconds", (given, seconds) => {
	expect(leaseSeconds({ SNOWLINE_LEASE_SECONDS: given })).toBe(seconds);
	expect(PAGE).toContain("from 1 to 86400, 300 where it is not set");
});

test.each(["0", "0.5", "-5", "5m", "Infinity", "86401", "NaN"])(
	"SNOWLINE_LEASE_SECONDS = %s is refused",
	(given) => {
		let thrown: unknown;
		try {
			leaseSeconds({ SNOWLINE_LEASE_SECONDS: given });
		} catch (error) {
			thrown = error;
		}
		expect(thrown).toBeInstanceOf(DeployError);
		expect(thrown).toMatchObject({
			exitCode: 78,
			message: `SNOWLINE_LEASE_SECONDS is "${given}", and has to be a number of seconds from 1 to 86400`,
		});
	},
);
