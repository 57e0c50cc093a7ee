import type { RecordEdit } from "../apply/edit-records.ts";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { compareVersions } from "../project/migration-name.ts";
import type { Migration } from "../project/project.ts";
import { factsOf, type Standing } from "./history.ts";
import { insertion, type RecordIdentity, update } from "./progress.ts";

/** What a person found out about the statement at which a migration was cut off. */
export interface Verdict {
	/** The statement's number, from 1. */
	readonly statement: number;
	/** Whether it ran; otherwise it runs again. */
	readonly ran: boolean;
}

function usage(summary: string, hint?: string): DeployError {
	return new DeployError(EXIT.usage, {
		severity: "error",
		code: "USAGE",
		summary,
		...(hint === undefined ? {} : { hint }),
	});
}

/** Whether a person means this migration: by its version or its file's name. */
function isMeant({ file, version }: Standing, target: string): boolean {
	if (file === target || file === `${target}.sql`) return true;
	const asVersion = target.replace(/^[Vv]/, "");
	return (
		version !== "" &&
		/^\d+(?:[._]\d+)*$/.test(asVersion) &&
		compareVersions(version, asVersion) === 0
	);
}

/** Records every migration up to a version as applied without running it. */
export function baselineEdit(
	all: readonly Standing[],
	version: string,
	table: string,
	identity: RecordIdentity,
): RecordEdit | undefined {
	const target = version.replace(/^[Vv]/, "");
	const last = all.find((s) => s.version !== "" && isMeant(s, target));
	if (!last)
		throw usage(
			`no migration has version ${version}`,
			"give the version of the last one that this environment does not need",
		);
	const covered = all.flatMap(({ state, migration }) =>
		state === "pending" &&
		migration?.kind === "versioned" &&
		compareVersions(migration.version, last.version) <= 0
			? [migration]
			: [],
	);
	if (covered.length === 0) return undefined;
	const facts = covered.map(factsOf);
	return {
		statement: (held) =>
			insertion(table, facts, identity, "baselined", (f) => f.hashes.length, held),
		summary: `recorded as baselined: ${facts.map((f) => f.file).join(", ")}`,
	};
}

/** The edit that settles an undecided statement. */
function decided(
	standing: Standing,
	migration: Migration,
	verdict: Verdict,
	table: string,
	identity: RecordIdentity,
): RecordEdit {
	const facts = factsOf(migration);
	const at = (standing.record?.done ?? 0) + 1;
	if (standing.state !== "undecided")
		throw usage(`${standing.file} is ${standing.state}: there is nothing to decide`);
	if (verdict.statement !== at)
		throw usage(`${standing.file} was cut off at statement ${at}, not ${verdict.statement}`);
	const done = verdict.ran ? at : at - 1;
	const status = done >= facts.hashes.length ? "done" : "failed";
	const next =
		status === "done" ? "nothing is left to run" : `the next apply goes on after statement ${done}`;
	const file = standing.record?.file ?? standing.file;
	return {
		statement: (held) => update(table, file, facts, identity, { status, done }, held),
		summary: `${standing.file}: statement ${at} is taken as ${verdict.ran ? "done" : "not done"}; ${next}`,
	};
}

/** The edit that makes a record agree with the project; undefined where it does. */
function agreed(
	{ state, file, migration, record }: Standing,
	table: string,
	identity: RecordIdentity,
): RecordEdit | undefined {
	if (!record) return undefined;
	if (!migration)
		return {
			statement: (held) => ({
				sql: `DELETE FROM ${table} WHERE PROJECT = ? AND FILE = ? AND ${held}`,
				binds: [identity.project, file],
			}),
			summary: `${file} is forgotten: the project does not have it`,
		};
	const facts = factsOf(migration);
	const edited = record.hashes.slice(0, record.done).some((hash, i) => hash !== facts.hashes[i]);
	if (state !== "changed" && !(state === "failed" && edited)) return undefined;
	const finished = record.status === "done" || record.status === "baselined";
	const done = finished ? facts.hashes.length : Math.min(record.done, facts.hashes.length);
	const status = finished ? record.status : "failed";
	return {
		statement: (held) => update(table, record.file, facts, identity, { status, done }, held),
		summary: `${file} is accepted as it is${finished ? "" : `; the next apply goes on after statement ${done}`}`,
	};
}

/** What repairing the records takes: of one migration, or of all; nothing is run. */
export function repairEdits(
	all: readonly Standing[],
	target: string | undefined,
	verdict: Verdict | undefined,
	table: string,
	identity: RecordIdentity,
): readonly RecordEdit[] {
	const meant = target === undefined ? all : all.filter((standing) => isMeant(standing, target));
	if (target !== undefined && meant.length === 0)
		throw usage(`there is no migration ${target}, neither in migrations/ nor in the records`);
	if (!verdict) return meant.flatMap((standing) => agreed(standing, table, identity) ?? []);
	const [standing, other] = meant;
	if (target === undefined || !standing || other)
		throw usage("--statement needs the version of one migration");
	if (!standing.migration)
		throw usage(
			`${standing.file} is not in migrations/`,
			"without --statement, its record is forgotten",
		);
	return [decided(standing, standing.migration, verdict, table, identity)];
}
