import { readOpenDeployments, readPast } from "../apply/deployments.ts";
import { type Records, readRecords } from "../apply/records.ts";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { introspect } from "../introspect/introspect.ts";
import { type Catalog, catalogOf, type ObjectKey, type ObjectModel } from "../model/catalog.ts";
import { compareText } from "../model/compare.ts";
import { matchesGlob } from "../model/glob.ts";
import { formatName } from "../model/identifier.ts";
import { StatementError } from "../model/port.ts";
import { OBJECT_TYPES, objectType } from "../objects/index.ts";
import type { PlanNote } from "../plan/plan.ts";
import type { Environment } from "../project/environment.ts";
import { asOwners, type Sessions } from "./as-owners.ts";
import { type Finding, findingsOf, OWNER } from "./drift-findings.ts";
import { grantFindings } from "./drift-grants.ts";
import { type Deed, type Deeds, type HandMade, readDeeds } from "./drift-history.ts";
import { guardAccount, readIdentity } from "./identity.ts";
import { recordedModel } from "./recorded.ts";

/** What drift is asked for. */
export interface DriftRequest extends Sessions {
	readonly environment: Environment;
	/** Only objects whose name matches one of these. */
	readonly targets: readonly string[];
}

/** A difference between what was applied and what is there, and who made it, oldest first. */
export interface Drifted extends Omit<Finding, "refs" | "since"> {
	/** Empty where the account does not tell. */
	readonly by: readonly HandMade[];
}

/** What changed in the account since it was last applied. */
export interface Drift {
	readonly project: string;
	readonly environment: string;
	readonly account: string;
	/** False where nothing was ever applied: there is nothing to compare with. */
	readonly applied: boolean;
	readonly compared: { readonly objects: number; readonly grants: number };
	readonly drifted: readonly Drifted[];
	readonly notes: readonly PlanNote[];
}

function inTargets(targets: readonly string[], key: ObjectKey, name: string): boolean {
	return targets.length === 0 || targets.some((t) => matchesGlob(t, name) || matchesGlob(t, key));
}

/** What was applied, as far as this version knows its kind and the targets ask for it. */
function appliedOf(records: Records, targets: readonly string[]): Catalog {
	const entries = [...records.ledger.values()].filter(({ kind }) => OBJECT_TYPES.has(kind));
	for (const target of targets)
		if (!entries.some((e) => inTargets([target], e.object, e.name)))
			throw new DeployError(EXIT.usage, {
				severity: "error",
				code: "TARGET",
				summary: `--target ${target} matches nothing that was applied`,
			});
	return catalogOf(entries.filter((e) => inTargets(targets, e.object, e.name)).map(recordedModel));
}

function databasesOf(applied: Catalog): readonly string[] {
	const found = new Set<string>();
	for (const { kind, name } of applied.objects.values())
		if (name.length > 1 || objectType(kind).opens === "database") found.add(name[0] ?? "");
	return [...found].sort(compareText);
}

function hashedNames({ kind, properties }: ObjectModel): readonly string[] {
	return objectType(kind)
		.properties.filter((p) => p.compare === "hashed" && (properties[p.name] ?? null) !== null)
		.map((p) => p.name);
}

/** What no comparison can tell: secrets, of which the account shows nothing; with who may have set them. */
function secretNotes(
	applied: Catalog,
	live: Catalog,
	records: Records,
	deeds: Deeds,
): readonly PlanNote[] {
	return [...applied.objects].flatMap(([key, object]): PlanNote[] => {
		const names = hashedNames(object);
		if (names.length === 0 || !live.objects.has(key)) return [];
		const since = records.ledger.get(key)?.at ?? "";
		const set = deeds.deeds.filter(
			(deed) =>
				deed.by.at >= since &&
				deed.changes(object) &&
				names.some((name) => deed.by.statement.toUpperCase().includes(name)),
		);
		const who = set.map(({ by }) => `${by.user} may have set it at ${by.at} (query ${by.queryId})`);
		return [
			{
				code: "SECRET_UNCOMPARED",
				object: key,
				message: `${key}: the account does not show ${names.join(", ")}, so that a change of it cannot be seen${who.length > 0 ? `; ${who.join(", ")}` : ""}`,
			},
		];
	});
}

function unknownNotes(records: Records): readonly PlanNote[] {
	return [...records.ledger.values()]
		.filter(({ kind }) => !OBJECT_TYPES.has(kind))
		.map(({ object }) => ({
			code: "KIND_UNKNOWN",
			object,
			message: `${object} was applied by another version of Snowline, and is not compared`,
		}));
}

async function openNotes(
	{ environment, connection }: DriftRequest,
	open: readonly string[],
): Promise<readonly PlanNote[]> {
	if (open.length === 0) return [];
	const { records, project } = environment;
	return (await readOpenDeployments(connection, records, project)).map((d) => ({
		code: "DEPLOYMENT_OPEN",
		message: `deployment ${d.id} of ${d.actor}, begun ${d.startedAt} UTC, is under way or was cut off: what it changed and has not written down yet shows here as well`,
	}));
}

/** Whether a statement can have brought about a difference: a grant goes by REVOKE, and with its object. */
function explains(
	{ sort, changes, names }: Deed,
	{ object, grantee }: Finding["refs"],
	finding: Pick<Finding, "changes">,
): boolean {
	if (!changes(object)) return false;
	if (grantee !== undefined) return sort === "make" || (sort === "grant" && names(grantee));
	return sort !== "grant" || finding.changes.some(({ property }) => property === OWNER);
}

/** The statements by hand, or why they cannot be read. */
async function deedsSince(
	{ environment, connection }: DriftRequest,
	since: string,
): Promise<Deeds & { readonly failure?: string }> {
	try {
		return await readDeeds(connection, environment.records[0] ?? "", since);
	} catch (error) {
		if (!(error instanceof StatementError)) throw error;
		return { deeds: [], failure: error.message.replace(/\s*\n\s*/g, " ") };
	}
}

/** Why it is not told who it was, once for all. */
function untoldNotes(
	drifted: readonly Drifted[],
	deeds: Deeds & { readonly failure?: string },
	role: string,
): readonly PlanNote[] {
	if (drifted.every(({ by }) => by.length > 0)) return [];
	const { back, failure } = deeds;
	const reach =
		failure === undefined
			? `of ${back === undefined ? "the last 7 days" : `the time since ${back}`}, and of them only the user's own and those on warehouses that role ${role} may MONITOR`
			: `none to role ${role}: ${failure}`;
	return [
		{
			code: "NOT_TOLD",
			message: `where nobody is named, QUERY_HISTORY does not tell who it was: it shows statements ${reach}; what Snowflake does by itself is not among them`,
		},
	];
}

/**
 * Compares what was applied with the account. Reads only, and takes no lease; files play no part, so what they say and
 * nobody applied is no drift. Throws a DeployError: 78 for another account or cloned records, 64 for targets of nothing.
 */
export async function readDrift(request: DriftRequest): Promise<Drift> {
	const { environment, connection, targets } = request;
	const identity = await readIdentity(connection);
	guardAccount(environment, identity);
	const past = await readPast(connection, environment.records, environment.project);
	const records = await readRecords(connection, environment.records, environment.project);
	const { project, name } = environment;
	const head = { project, environment: name, account: identity.account };
	const nothing = { ...head, applied: false, compared: { objects: 0, grants: 0 }, drifted: [] };
	if (records.ledger.size === 0) return { ...nothing, notes: await openNotes(request, past.open) };
	const applied = appliedOf(records, targets);
	const scope = {
		databases: databasesOf(applied),
		wanted: (key: ObjectKey) => applied.objects.has(key),
		concurrency: environment.concurrency,
	};
	const { live, grants } = await asOwners(request, identity, async (connectionFor) => {
		const shown = await introspect(connectionFor, scope);
		return {
			live: shown,
			grants: await grantFindings({
				environment,
				records,
				applied,
				live: shown,
				connection,
				connectionFor,
			}),
		};
	});
	const found = [...findingsOf(applied, live, records, identity.role), ...grants.findings];
	const hidden = [...applied.objects.values()].filter((object) => hashedNames(object).length > 0);
	const times = [
		...found.map(({ since }) => since),
		...hidden.flatMap(
			(object) => records.ledger.get(`${object.kind} ${formatName(object.name)}`)?.at ?? [],
		),
	];
	const deeds = times.length > 0 ? await deedsSince(request, times.sort()[0] ?? "") : { deeds: [] };
	const drifted = found.map(({ refs, since, ...finding }): Drifted => {
		const own = deeds.deeds.filter((deed) => deed.by.at >= since && explains(deed, refs, finding));
		const to = own.map((deed) => deed.renamedTo(refs.object)).find((n) => n !== undefined);
		const by = own.map((deed) => deed.by);
		return finding.what === "missing" && to
			? { ...finding, what: "renamed", reason: `it was renamed to ${formatName(to)}`, by }
			: { ...finding, by };
	});
	return {
		...head,
		applied: true,
		compared: { objects: applied.objects.size, grants: grants.compared },
		drifted,
		notes: [
			...(await openNotes(request, past.open)),
			...unknownNotes(records),
			...secretNotes(applied, live, records, deeds),
			...untoldNotes(drifted, deeds, identity.role),
		],
	};
}
