import { compareVersions, parseMigrationName } from "../project/migration-name.ts";

/** What a new migration's file says before anything is written into it. */
const HEADERS = {
	before: `-- phase: before
-- Runs once in each environment, before the declarative changes; with "phase: after", after them.
-- In a new environment a "before" migration is only recorded when nothing it changes exists there;
-- "-- new environment: run" or "skip" decides otherwise.

`,
	after: `-- phase: after
-- Runs once in each environment, after the declarative changes; with "phase: before", before them.
-- In a new environment it runs too; "-- new environment: skip" decides otherwise.

`,
};

/** The file of a migration that is to be. */
export interface NewMigration {
	/** Its name, without the folder. */
	readonly file: string;
	readonly text: string;
}

/** The version after the highest one, written as wide as the widest: V0007 is followed by V0008. */
function nextVersion(versions: readonly string[]): string {
	const highest = [...versions].sort(compareVersions).at(-1);
	if (highest === undefined) return "0001";
	const first = highest.split(/[._]/)[0] ?? "0";
	return String(BigInt(first) + 1n).padStart(first.length, "0");
}

/** The name as part of a file name: words in lower case with underscores; empty when nothing is left. */
export function slug(name: string): string {
	return name
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "_")
		.replace(/^_+|_+$/g, "");
}

/** The file name and text of a migration that comes after these. */
export function newMigration(
	existing: readonly string[],
	name: string,
	phase: "before" | "after" = "before",
): NewMigration {
	const versions = existing.flatMap((file) => {
		const parsed = parseMigrationName(file);
		return parsed?.kind === "versioned" ? [parsed.version] : [];
	});
	return { file: `V${nextVersion(versions)}__${slug(name)}.sql`, text: HEADERS[phase] };
}
