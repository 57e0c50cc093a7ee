import type { Past } from "../apply/deployments.ts";
import { readPast } from "../apply/deployments.ts";
import type { LeaseState } from "../apply/lease.ts";
import { type Records, readRecords } from "../apply/records.ts";
import type { SecretSource } from "../apply/secrets.ts";
import { type Diagnostic, EXIT, throwErrors } from "../diagnostics/diagnostic.ts";
import { diff } from "../diff/diff.ts";
import { introspect, type Scope } from "../introspect/introspect.ts";
import { decidedBy, nothingAhead, type Seen } from "../migrate/see-through.ts";
import {
	type Catalog,
	catalogOf,
	type ObjectKey,
	type ObjectModel,
	objectKey,
} from "../model/catalog.ts";
import type { Connection } from "../model/port.ts";
import { KINDS, objectType } from "../objects/index.ts";
import { recordsFirst, recoveriesFirst } from "../plan/first-steps.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Environment } from "../project/environment.ts";
import { checkBodies, checkLeaving, checkReferences } from "../resolve/check-references.ts";
import { referencesOf } from "../resolve/dependencies.ts";
import { asOwners } from "./as-owners.ts";
import { leavingOf, withColumnUsers } from "./column-users.ts";
import { guardAccount, readIdentity } from "./identity.ts";
import { checkOwnership, unmanagedOf } from "./managed.ts";
import { differenceNotes, lostNotes, secretNotes, undecidedNotes } from "./notes.ts";
import { checkOwners, withOwners } from "./owners.ts";
import { expiredPermits, withPermits } from "./permits.ts";
import { planGrants } from "./plan-grants.ts";
import { madeAnew, recordedModel, saysTheSame } from "./recorded.ts";
import { type Interrupted, planRecovery } from "./recovery.ts";
import { refuseMissing, refuseProtected } from "./refusals.ts";
import { secretMatcher, withLedgerHashes } from "./secret-values.ts";
import { targeted } from "./targets.ts";

/** What a plan is asked for. */
export interface PlanRequest {
	readonly environment: Environment;
	readonly desired: Catalog;
	readonly connection: Connection;
	/** Opens a session of another role: an owner of kinds, who alone may see them. */
	readonly connectAs: (role: string) => Promise<Connection>;
	/** Only objects whose name matches one of these, and what they need. */
	readonly targets: readonly string[];
	readonly tool: string;
	readonly now: () => Date;
	/** Values of secrets, where they are at hand. */
	readonly secrets: SecretSource;
	/** Nobody else can be in this account: a deployment that is open there was cut off. */
	readonly alone?: boolean;
	/** Steps of pending migrations, once the records are read. */
	readonly migrations: (
		records: Records,
		live: Catalog,
	) => {
		readonly steps: readonly Step[];
		readonly head: string;
		readonly diagnostics: readonly Diagnostic[];
		/** The account as they will leave it. */
		readonly seen?: Seen;
	};
	/** Names, as SQL, of what migrations change: read in full, so that their DDL can be seen through. */
	readonly changedNames?: ReadonlySet<string>;
}

/** The plan, what to warn about, and the catalogs it was made from. */
export interface PlanResult {
	readonly plan: Plan;
	readonly warnings: readonly Diagnostic[];
	readonly live: Catalog;
	readonly records: Records;
	/** How the deployments before this one stand. */
	readonly past: Past;
	/** Whose deployment is under way now: nothing can be applied before it ends. */
	readonly running?: LeaseState;
	/** Those of them that were cut off. */
	readonly interrupted: readonly Interrupted[];
}

/** Databases to look into: managed ones, and those of everything declared or referred to. */
function databasesOf(request: PlanRequest): readonly string[] {
	const found = new Set(request.environment.manage.databases);
	for (const object of request.desired.objects.values()) {
		for (const reference of [...referencesOf(object), { name: object.name }])
			if (reference.name.length > 1) found.add(reference.name[0] as string);
		if (objectType(object.kind).opens === "database") found.add(object.name[0] as string);
	}
	return [...found].sort();
}

function part(catalog: Catalog, keep: (key: ObjectKey, object: ObjectModel) => boolean): Catalog {
	const kept = [...catalog.objects].filter(([key, object]) => keep(key, object));
	return catalogOf(kept.map(([, object]) => object));
}

/**
 * Compares what files declare with the account and makes the plan. Reads only.
 * Throws a DeployError: 78 for another account, 65 for references to nothing, duplicates and refused renames.
 */
export async function planProject(request: PlanRequest): Promise<PlanResult> {
	const { environment, connection } = request;
	const identity = await readIdentity(connection);
	guardAccount(environment, identity);
	// First of all: what a deployment changes while the rest is read shows in how the deployments stand at its end.
	const past = await readPast(connection, environment.records, environment.project);
	const recorded = await readRecords(connection, environment.records, environment.project);
	const old = new Set(
		[...request.desired.objects.values()].flatMap((o) =>
			o.directives.renamedFrom ? [objectKey({ kind: o.kind, name: o.directives.renamedFrom })] : [],
		),
	);
	const wanted = (key: ObjectKey) =>
		request.desired.objects.has(key) || recorded.ledger.has(key) || old.has(key);
	const changed = new Set(
		[...(request.changedNames ?? [])].flatMap((name) => KINDS.map((kind) => `${kind} ${name}`)),
	);
	const scope: Scope = {
		databases: databasesOf(request),
		wanted: (key) => wanted(key) || changed.has(key),
		concurrency: environment.concurrency,
	};
	const shown = await asOwners(request, identity, (connectionFor) =>
		introspect(connectionFor, scope),
	);
	const recovery = await planRecovery({
		connection,
		environment,
		live: withLedgerHashes(shown, recorded),
		records: recorded,
		past,
		alone: request.alone ?? false,
	});
	const { live, records } = recovery;
	refuseMissing(request.desired, live, records, identity.role);
	const migrations = request.migrations(records, live);
	const selected = targeted(request.desired, request.targets);
	// With targets no migration runs, so there is nothing to see through.
	const seen = (selected === undefined && migrations.seen) || nothingAhead(live);
	const warnings: Diagnostic[] = [...expiredPermits(environment.permit, request.now())];
	warnings.push(
		...throwErrors(
			[
				...migrations.diagnostics,
				...checkReferences(request.desired, {
					live: seen.catalog,
					external: [...environment.external, ...seen.undecided.keys()],
				}),
				...checkOwnership(request.desired, records),
				...checkOwners(request.desired, identity.roles),
				...checkBodies(
					request.desired,
					{ live, external: environment.external },
					new Set(databasesOf(request)),
				),
			],
			EXIT.input,
		),
	);
	const inScope = (key: ObjectKey) => selected === undefined || selected.has(key);
	const isDecided = ({ name }: ObjectModel) => decidedBy(seen, name) === undefined;
	const desired = part(request.desired, (key, object) => inScope(key) && isDecided(object));
	const from = part(
		seen.catalog,
		(key, object) =>
			isDecided(object) &&
			wanted(key) &&
			(selected === undefined || desired.objects.has(key) || old.has(key)),
	);
	const differences = diff(from, desired, secretMatcher(request.secrets));
	const used = withColumnUsers(
		differences.changes,
		{ live, seen: seen.catalog, desired },
		environment,
	);
	warnings.push(
		...throwErrors(
			[
				...differences.diagnostics,
				...checkLeaving(
					desired,
					{ live: seen.catalog, external: environment.external },
					leavingOf(differences.changes),
				),
				...used.diagnostics,
			],
			EXIT.input,
		),
	);
	const changes = withOwners(used.changes, identity.role);
	const states = { live: seen.catalog, desired: request.desired };
	const grants = await planGrants({
		environment,
		records,
		desired,
		declared: [...(request.desired.grants?.values() ?? [])],
		live,
		ahead: seen.grants,
		changes,
		states,
		role: identity.role,
		connection,
		asOwners: (run) => asOwners(request, identity, run),
	});
	// A ledger that says something else than the files, though nothing has to change, would be taken for drift later.
	const planned = new Set(changes.map(objectKey));
	const isToAdopt = ([key, object]: readonly [ObjectKey, ObjectModel]) => {
		const entry = records.ledger.get(key);
		if (!entry) return true;
		const isMigrated = selected === undefined && migrations.steps.length > 0 && changed.has(key);
		const differs = !saysTheSame(recordedModel(entry), object);
		return !planned.has(key) && (differs || isMigrated || madeAnew(entry, live.objects.get(key)));
	};
	const made = makePlan({
		tool: request.tool,
		project: environment.project,
		environment: environment.name,
		account: identity.account,
		createdAt: request.now().toISOString(),
		changes,
		states,
		grants: grants.input,
		now: live,
		roles: { available: identity.roles },
		migrations: selected === undefined ? migrations.steps : [],
		migrationHead: migrations.head,
		adopts: [
			...[...desired.objects]
				.filter((entry) => seen.catalog.objects.has(entry[0]) && isToAdopt(entry))
				.map(([key]) => key),
			...grants.adopts,
		],
		unmanaged: unmanagedOf(live, request.desired, records, environment),
		notes: [
			...recovery.notes,
			...grants.notes,
			...differenceNotes(from, desired, changes),
			...lostNotes(records, live, request.desired),
			...secretNotes(desired, live, request.secrets),
			...undecidedNotes(request.desired, records, seen),
		],
	});
	refuseProtected(made, request.desired, records);
	const ordered = recoveriesFirst(recovery.steps, recordsFirst(made.steps, environment.records));
	const steps = withPermits(ordered, environment.permit, request.now());
	return {
		plan: { ...made, steps: [...steps] },
		warnings,
		live,
		records,
		past: recovery.past,
		...(recovery.running && { running: recovery.running }),
		interrupted: recovery.interrupted,
	};
}
