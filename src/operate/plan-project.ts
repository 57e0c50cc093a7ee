import type { Past } from "../apply/deployments.ts";
import { type Records, readRecords } from "../apply/records.ts";
import type { SecretSource } from "../apply/secrets.ts";
import {
	DeployError,
	type Diagnostic,
	EXIT,
	errorAt,
	throwErrors,
} from "../diagnostics/diagnostic.ts";
import { diff } from "../diff/diff.ts";
import { introspect, type Scope } from "../introspect/introspect.ts";
import { decidedBy, type Seen } from "../migrate/see-through.ts";
import {
	type Catalog,
	catalogOf,
	type ObjectKey,
	type ObjectModel,
	objectKey,
} from "../model/catalog.ts";
import { sortBy } from "../model/compare.ts";
import { matchesGlob } from "../model/glob.ts";
import { formatName } from "../model/identifier.ts";
import type { Connection } from "../model/port.ts";
import { KINDS, objectType } from "../objects/index.ts";
import { recordsFirst, recoveriesFirst } from "../plan/first-steps.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Plan, PlanNote, Step } from "../plan/plan.ts";
import type { Environment } from "../project/environment.ts";
import { checkBodies, checkReferences } from "../resolve/check-references.ts";
import { dependenciesOf, nameIndex, referencesOf } from "../resolve/dependencies.ts";
import { checkOwners, withOwners } from "./owners.ts";
import { expiredPermits, withPermits } from "./permits.ts";
import { planGrants } from "./plan-grants.ts";
import { type Interrupted, planRecovery } from "./recovery.ts";
import { refuseMissing, refuseProtected, wasProtected } from "./refusals.ts";
import { secretMatcher, uncompared, withLedgerHashes } from "./secret-values.ts";

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
	/** Those of them that were cut off. */
	readonly interrupted: readonly Interrupted[];
}

/** Who we are in the account, and where. */
export interface Identity {
	readonly account: string;
	readonly role: string;
	readonly roles: ReadonlySet<string>;
}

/** Asks the account for its name, our role and the roles we can take. */
export async function readIdentity(connection: Connection): Promise<Identity> {
	const sql = `SELECT CURRENT_ORGANIZATION_NAME() AS ORGANIZATION, CURRENT_ACCOUNT_NAME() AS ACCOUNT, CURRENT_ROLE() AS ROLE, CURRENT_AVAILABLE_ROLES() AS ROLES`;
	const row = (await connection.execute(sql)).rows[0] ?? {};
	return {
		account: [row.ORGANIZATION, row.ACCOUNT].filter((part) => part).join("-"),
		role: row.ROLE ?? "",
		roles: new Set(JSON.parse(row.ROLES ?? "[]") as string[]),
	};
}

/** Refuses to go on in any other account than the environment names. */
function guardAccount(environment: Environment, identity: Identity): void {
	const { account } = environment;
	if (account === undefined || account.toUpperCase() === identity.account.toUpperCase()) return;
	const at = environment.locate("account");
	throw new DeployError(EXIT.environment, {
		severity: "error",
		code: "WRONG_ACCOUNT",
		summary: `this is account ${identity.account}, and ${environment.name} is for ${account}`,
		hint: "check the connection, or the account in the environment file",
		...(at && { at }),
	});
}

/** Runs something with sessions for each kind: of the role that owns its objects where the environment names one. */
async function asOwners<T>(
	request: PlanRequest,
	identity: Identity,
	run: (connectionFor: (kind: string) => Connection) => Promise<T>,
): Promise<T> {
	const { owners } = request.environment;
	const roles = [...new Set(Object.values(owners))].filter(
		(role) => role !== identity.role && identity.roles.has(role),
	);
	const opened = await Promise.all(
		roles.map(async (role) => [role, await request.connectAs(role)] as const),
	);
	const byRole = new Map(opened);
	try {
		return await run((kind) => byRole.get(owners[kind] ?? "") ?? request.connection);
	} finally {
		await Promise.all(opened.map(([, connection]) => connection.close()));
	}
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

/** The declared objects a target pattern selects, and everything they need. */
function targeted(
	desired: Catalog,
	targets: readonly string[],
): ReadonlySet<ObjectKey> | undefined {
	if (targets.length === 0) return undefined;
	const index = nameIndex(desired);
	const selected = new Set<ObjectKey>();
	const add = (key: ObjectKey): void => {
		const object = desired.objects.get(key);
		if (!object || selected.has(key)) return;
		selected.add(key);
		for (const needed of dependenciesOf(object, desired, index)) add(objectKey(needed));
	};
	for (const target of targets) {
		const matches = [...desired.objects.values()].filter(
			(o) => matchesGlob(target, formatName(o.name)) || matchesGlob(target, objectKey(o)),
		);
		if (matches.length === 0)
			throw new DeployError(EXIT.usage, {
				severity: "error",
				code: "TARGET",
				summary: `--target ${target} matches nothing that is declared`,
			});
		for (const object of matches) add(objectKey(object));
	}
	return selected;
}

function part(catalog: Catalog, keep: (key: ObjectKey, object: ObjectModel) => boolean): Catalog {
	const kept = [...catalog.objects].filter(([key, object]) => keep(key, object));
	return catalogOf(kept.map(([, object]) => object));
}

/** The account where no migration runs first. */
function nothingAhead(catalog: Catalog): Seen {
	return { catalog, undecided: new Map() };
}

/** Declared objects that another project's ledger has are an error; ours come back as what is owned. */
function checkOwnership(desired: Catalog, records: Records): readonly Diagnostic[] {
	return [...desired.objects].flatMap(([key, object]) => {
		const other = records.foreign.get(key);
		return other === undefined
			? []
			: [
					errorAt(object.declared?.name, "OTHER_PROJECT", `${key} belongs to project ${other}`, {
						hint: "take it out of one of the two projects; `snowline forget` there lets it go",
					}),
				];
	});
}

/** The database and schema of the records are ours, not the project's, unless files declare them. */
function isRecords(environment: Environment, name: readonly string[]): boolean {
	const [database, schema] = environment.records;
	return name[0] === database && name[1] === schema;
}

function unmanagedOf(
	live: Catalog,
	desired: Catalog,
	records: Records,
	environment: Environment,
): readonly ObjectKey[] {
	const implied = new Set(
		[...desired.objects.values()]
			.flatMap((o) => objectType(o.kind).implied?.(o) ?? [])
			.map(objectKey),
	);
	return [...live.objects].flatMap(([key, object]) => {
		const managed =
			object.name.length > 1 && environment.manage.databases.includes(object.name[0] as string);
		const known =
			desired.objects.has(key) ||
			records.ledger.has(key) ||
			implied.has(key) ||
			isRecords(environment, object.name);
		return managed && !known ? [key] : [];
	});
}

/**
 * Compares what files declare with the account and makes the plan. Reads only.
 * Throws a DeployError: 78 for another account, 65 for references to nothing, duplicates and refused renames.
 */
export async function planProject(request: PlanRequest): Promise<PlanResult> {
	const { environment, connection } = request;
	const identity = await readIdentity(connection);
	guardAccount(environment, identity);
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
	warnings.push(...throwErrors(differences.diagnostics, EXIT.input));
	const changes = withOwners(differences.changes, identity.role);
	const states = { live: seen.catalog, desired: request.desired };
	const grants = await planGrants({
		environment,
		records,
		desired,
		declared: [...(request.desired.grants?.values() ?? [])],
		live,
		changes,
		states,
		role: identity.role,
		connection,
		asOwners: (run) => asOwners(request, identity, run),
	});
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
			...[...desired.objects.keys()].filter(
				(key) =>
					seen.catalog.objects.has(key) &&
					(!records.ledger.has(key) ||
						wasProtected(records, key) !== desired.objects.get(key)?.directives.protect),
			),
			...grants.adopts,
		],
		unmanaged: unmanagedOf(live, request.desired, records, environment),
		notes: [
			...recovery.notes,
			...grants.notes,
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
		interrupted: recovery.interrupted,
	};
}

/** What the ledger has, files no longer declare, and the account does not show: nothing to drop, worth saying. */
function lostNotes(records: Records, live: Catalog, desired: Catalog): readonly PlanNote[] {
	const gone = [...records.ledger.keys()].filter(
		(key) => !live.objects.has(key) && !desired.objects.has(key),
	);
	return sortBy(gone, (key) => key).map((key) => ({
		code: "ALREADY_GONE",
		object: key,
		message: `${key} is in the ledger and not in the account: it was dropped, or this role cannot see it`,
	}));
}

/** What a pending migration decides is left out of this plan. */
function undecidedNotes(desired: Catalog, records: Records, seen: Seen): readonly PlanNote[] {
	const ours = [...seen.catalog.objects].filter(([key]) => records.ledger.has(key));
	const all = new Map([...desired.objects, ...ours]);
	return [...all].flatMap(([key, { name }]) => {
		const file = decidedBy(seen, name);
		return file === undefined
			? []
			: [
					{
						code: "DECIDED_LATER",
						object: key,
						message: `${key} is decided after ${file}: plan again`,
					},
				];
	});
}

/** What the account does not show, and cannot be compared by hash either. */
function secretNotes(desired: Catalog, live: Catalog, source: SecretSource): readonly PlanNote[] {
	return uncompared(desired, live, source).map(({ object, properties }) => ({
		code: "SECRET_UNCOMPARED",
		object,
		message: `${object}: ${properties.join(", ")} cannot be compared: the value is not in this environment, or was never applied by this project`,
	}));
}
