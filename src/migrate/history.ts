import { createHash } from "node:crypto";
import type { MigrationRecord, Records } from "../apply/records.ts";
import { sortBy } from "../model/compare.ts";
import { compareVersions } from "../project/migration-name.ts";
import type { Migration } from "../project/project.ts";
import { renderedChecksum, templateChecksum } from "./checksum.ts";
import { readScript } from "./script.ts";

/**
 * How a migration stands in an environment. `changed` and `missing` ones were applied and are no longer
 * what ran; of an `undecided` one nobody knows whether its last statement ran.
 */
export type MigrationState =
	| "pending"
	| "done"
	| "baselined"
	| "failed"
	| "undecided"
	| "changed"
	| "missing";

/** A migration of the project, a record in the account, or both, and what they say together. */
export interface Standing {
	readonly file: string;
	/** Empty for a repeatable one. */
	readonly version: string;
	readonly state: MigrationState;
	readonly migration?: Migration;
	readonly record?: MigrationRecord;
}

/** The name by which plans and records know a migration: its file, without the folder. */
export function migrationFile(migration: Pick<Migration, "file">): string {
	return migration.file.slice(migration.file.lastIndexOf("/") + 1);
}

/** What is compared with the record: the file as written, or, for a repeatable one, as rendered. */
function checksumOf(migration: Migration): string {
	return migration.kind === "versioned"
		? templateChecksum(migration.raw)
		: renderedChecksum(migration.source);
}

/** What the records keep of a migration, however far it came. */
export interface MigrationFacts {
	readonly file: string;
	readonly version: string;
	readonly checksum: string;
	readonly phase: "before" | "after";
	readonly hashes: string[];
}

/** What is recorded of a migration as its file is now. */
export function factsOf(migration: Migration): MigrationFacts {
	return {
		file: migrationFile(migration),
		version: migration.kind === "versioned" ? migration.version : "",
		checksum: checksumOf(migration),
		phase: migration.phase,
		hashes: readScript(migration).map((statement) => statement.hash),
	};
}

/** The record of a migration: under its name, or under another name with its version. */
function recordOf(migration: Migration, records: Records): MigrationRecord | undefined {
	const own = records.migrations.get(migrationFile(migration));
	if (own || migration.kind === "repeatable") return own;
	return [...records.migrations.values()].find(
		(r) => r.version !== "" && compareVersions(r.version, migration.version) === 0,
	);
}

function stateOf(migration: Migration, record: MigrationRecord | undefined): MigrationState {
	if (!record) return "pending";
	if (record.status === "running") return "undecided";
	if (record.status === "failed" || record.status === "open") return "failed";
	const same = record.checksum === checksumOf(migration);
	if (migration.kind === "repeatable" && !same) return "pending";
	if (!same || record.file !== migrationFile(migration)) return "changed";
	return record.status === "baselined" ? "baselined" : "done";
}

/** Every migration of the project in its order, then what the account has a record of and the project no file. */
export function standings(migrations: readonly Migration[], records: Records): readonly Standing[] {
	const seen = new Set<MigrationRecord>();
	const own = migrations.map((migration): Standing => {
		const record = recordOf(migration, records);
		if (record) seen.add(record);
		return {
			file: migrationFile(migration),
			version: migration.kind === "versioned" ? migration.version : "",
			state: stateOf(migration, record),
			migration,
			...(record && { record }),
		};
	});
	const gone = sortBy(
		[...records.migrations.values()].filter((record) => !seen.has(record)),
		(record) => record.file,
	);
	return [
		...own,
		...gone.map(
			(record): Standing => ({
				file: record.file,
				version: record.version,
				state: "missing",
				record,
			}),
		),
	];
}

/** A hash of the migration records: a plan made before they changed is stale. */
export function migrationHead(records: Records): string {
	const rows = sortBy([...records.migrations.values()], (record) => record.file).map((r) => [
		r.file,
		r.checksum,
		r.status,
		r.done,
		r.hashes,
	]);
	return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
}
