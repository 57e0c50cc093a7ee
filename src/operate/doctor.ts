import { DeployError, type Diagnostic, EXIT, type ExitCode } from "../diagnostics/diagnostic.ts";
import { sortBy } from "../model/compare.ts";
import { formatName } from "../model/identifier.ts";
import { type Connection, StatementError } from "../model/port.ts";
import type { Environment } from "../project/environment.ts";
import { type Identity, readIdentity } from "./identity.ts";
import type { PlanResult } from "./plan-project.ts";
import { lacking } from "./privileges.ts";

/** `1 object`, `2 objects` */
function counted(count: number, what: string): string {
	return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What one check found. */
export interface Finding {
	readonly check: string;
	readonly status: "ok" | "failed" | "warning" | "skipped";
	readonly summary: string;
	readonly detail?: readonly string[];
	/** What to do. */
	readonly hint?: string;
}

/** All findings, in the order of the checks, and the exit code they mean. */
export interface Examination {
	readonly findings: readonly Finding[];
	readonly exitCode: ExitCode;
}

/** What the doctor is given to look at; each part is asked for once, and may throw what is wrong with it. */
export interface Patient {
	environment(): Environment;
	/** Where the connection comes from, line by line and without secrets. */
	source(environment: Environment): {
		readonly summary: string;
		readonly lines: readonly string[];
		readonly warnings: readonly Diagnostic[];
	};
	/** Sees whether a login can work as it is configured, before anything is sent; says how it is done. */
	credentials(environment: Environment): string;
	/** Sees whether somebody listens, and says where. */
	reach(environment: Environment): Promise<string>;
	connect(environment: Environment): Promise<Connection>;
	/** Throws what is wrong with the project or the comparison. */
	plan(connection: Connection): Promise<PlanResult>;
}

const CHECKS = [
	"environment",
	"connection",
	"credentials",
	"reachable",
	"login",
	"role",
	"warehouse",
	"secondary roles",
	"account",
	"owners",
	"plan",
	"privileges",
	"records",
] as const;

type CheckName = (typeof CHECKS)[number];

/** A failed login says which of the later checks it is about. */
const ABOUT: Readonly<Record<string, CheckName>> = {
	MISSING_ROLE: "role",
	MISSING_WAREHOUSE: "warehouse",
};

function place({ at }: Diagnostic): string {
	return at ? `${at.file}:${at.line}: ` : "";
}

function findingOf(
	check: CheckName,
	status: "failed" | "warning",
	diagnostics: readonly Diagnostic[],
): Finding {
	const [first, ...others] = diagnostics.filter(
		(d) => status !== "failed" || d.severity === "error",
	);
	const detail = [
		...(first?.detail?.split("\n") ?? []),
		...others.map((d) => `${place(d)}${d.summary}${d.hint === undefined ? "" : ` (${d.hint})`}`),
	];
	return {
		check,
		status,
		summary: first ? `${place(first)}${first.summary}` : "failed",
		...(detail.length > 0 ? { detail } : {}),
		...(first?.hint === undefined ? {} : { hint: first.hint }),
	};
}

/** A failure of a check: what it says, and the exit code it means. Bugs go on their way. */
function failureOf(check: CheckName, error: unknown): { finding: Finding; exit: ExitCode } {
	if (error instanceof DeployError)
		return { finding: findingOf(check, "failed", error.diagnostics), exit: error.exitCode };
	if (!(error instanceof StatementError)) throw error;
	const summary = error.message.replace(/\s*\n\s*/g, " ");
	return {
		finding: { check, status: "failed", summary, detail: [error.sql] },
		exit: EXIT.environment,
	};
}

function checkAccount(environment: Environment, identity: Identity): Finding {
	const { account } = environment;
	const found = { check: "account", status: "ok" } as const;
	if (account === undefined) return { ...found, summary: identity.account };
	if (account.toUpperCase() === identity.account.toUpperCase())
		return { ...found, summary: `${identity.account}, as ${environment.file} says` };
	return {
		...found,
		status: "failed",
		summary: `this is ${identity.account}, and ${environment.file} is for ${account}`,
		hint: "check the connection, or account in the environment file",
	};
}

function checkRole(environment: Environment, { role, roles }: Identity): Finding {
	const others = sortBy(
		[...roles].filter((name) => name !== role),
		(name) => name,
	);
	return {
		check: "role",
		status: environment.role === undefined || environment.role === role ? "ok" : "failed",
		summary: `${role}${environment.role === undefined ? ", the user's default" : ""}`,
		detail: [`also available: ${others.join(", ") || "none"}`],
	};
}

function checkWarehouse(environment: Environment): Finding {
	return environment.warehouse === undefined
		? {
				check: "warehouse",
				status: "warning",
				summary: "the environment names none; the user's default one is used, if there is one",
				hint: "add warehouse to the environment file: reading the records needs one",
			}
		: { check: "warehouse", status: "ok", summary: `${environment.warehouse} is in use` };
}

function checkOwners(environment: Environment, { role, roles }: Identity): Finding {
	const missing = Object.entries(environment.owners).filter(([, owner]) => !roles.has(owner));
	const names = [...new Set(Object.values(environment.owners))];
	if (missing.length === 0)
		return {
			check: "owners",
			status: "ok",
			summary: names.length === 0 ? `${role} owns everything` : `${names.join(", ")} can be taken`,
		};
	return {
		check: "owners",
		status: "failed",
		summary: missing
			.map(([kind, owner]) => `${owner}, which owns each ${kind}, is not granted`)
			.join("; "),
		hint: `have it granted, or change owners in the environment file: ${missing.map(([, owner]) => `GRANT ROLE ${owner} TO USER …`).join("; ")}`,
	};
}

async function checkPrivileges(
	result: PlanResult,
	identity: Identity,
	connection: Connection,
): Promise<Finding> {
	const { lacks, unseen } = await lacking(result, identity, connection);
	const blind = unseen.map((role) => `the grants of ${role} cannot be seen`);
	if (lacks.length === 0)
		return {
			check: "privileges",
			status: blind.length === 0 ? "ok" : "warning",
			summary:
				blind.length === 0
					? `nothing is missing for ${result.plan.steps.length} steps, as far as grants tell`
					: "cannot be told for every role",
			...(blind.length === 0 ? {} : { detail: blind }),
		};
	const grants = lacks.flatMap(({ grant }) => (grant === undefined ? [] : [grant]));
	return {
		check: "privileges",
		status: "failed",
		summary: `the plan needs ${lacks.length === 1 ? "a privilege" : `${lacks.length} privileges`} that its roles lack`,
		detail: [
			...lacks.map(({ role, what, steps }) =>
				what.startsWith("ownership")
					? `${what} is with ${role}, which is not granted to this user`
					: `${role} has no ${what}, for ${steps.slice(0, 3).join(", ")}${steps.length > 3 ? " …" : ""}`,
			),
			...blind,
		],
		hint: grants.length > 0 ? grants.join("; ") : "have the owners' roles granted to this user",
	};
}

function checkRecords(environment: Environment, { records }: PlanResult): Finding {
	const where = formatName(environment.records);
	return {
		check: "records",
		status: "ok",
		summary: records.exist
			? `${where}: ${counted(records.ledger.size, "object")}, ${counted(records.migrations.size, "migration")}`
			: `${where} has none yet; the first apply makes them`,
	};
}

/**
 * Looks at everything that has to work before a deployment can: each check in its order, and what comes after a failed
 * one as far as it does not depend on it.
 */
export async function examine(patient: Patient): Promise<Examination> {
	const findings = new Map<CheckName, Finding>();
	let exitCode: ExitCode = EXIT.ok;
	const note = (finding: Finding & { readonly check: string }): void => {
		findings.set(finding.check as CheckName, finding);
		if (finding.status === "failed" && exitCode === EXIT.ok) exitCode = EXIT.environment;
	};
	const attempt = async <T>(
		check: CheckName,
		work: () => T | Promise<T>,
	): Promise<{ readonly value: T } | undefined> => {
		try {
			return { value: await work() };
		} catch (error) {
			const { finding, exit } = failureOf(check, error);
			if (exitCode === EXIT.ok)
				exitCode = exit === EXIT.unavailable ? EXIT.unavailable : EXIT.environment;
			const about =
				check === "login" && error instanceof DeployError
					? (ABOUT[error.diagnostics[0]?.code ?? ""] ?? check)
					: check;
			if (about !== check)
				findings.set(check, { check, status: "ok", summary: "the user is accepted" });
			findings.set(about, { ...finding, check: about });
			return undefined;
		}
	};

	const inside = async (environment: Environment, connection: Connection): Promise<void> => {
		note({ check: "login", status: "ok", summary: "the account lets us in" });
		note({
			check: "secondary roles",
			status: "ok",
			summary: "switched off: every statement has the privileges of its own role, and no others",
		});
		const identity = await attempt("account", () => readIdentity(connection));
		if (!identity) return;
		note(checkRole(environment, identity.value));
		note(checkWarehouse(environment));
		note(checkAccount(environment, identity.value));
		note(checkOwners(environment, identity.value));
		if (findings.get("account")?.status !== "ok") return;
		const result = await attempt("plan", () => patient.plan(connection));
		if (!result) return;
		const { plan } = result.value;
		note({ check: "plan", status: "ok", summary: `${plan.steps.length} steps` });
		note(checkRecords(environment, result.value));
		const privileges = await attempt("privileges", () =>
			checkPrivileges(result.value, identity.value, connection),
		);
		if (privileges) note(privileges.value);
	};

	const environment = await attempt("environment", () => patient.environment());
	if (environment) {
		const { file, project } = environment.value;
		note({ check: "environment", status: "ok", summary: `${file}, project ${project}` });
		const source = await attempt("connection", () => patient.source(environment.value));
		if (source) {
			const { summary, lines, warnings } = source.value;
			const told = warnings.length > 0 ? findingOf("connection", "warning", warnings) : undefined;
			note({
				check: "connection",
				status: told ? "warning" : "ok",
				summary,
				detail: [...lines, ...(told ? [told.summary, ...(told.detail ?? [])] : [])],
				...(told?.hint === undefined ? {} : { hint: told.hint }),
			});
			const login = await attempt("credentials", () => patient.credentials(environment.value));
			if (login) note({ check: "credentials", status: "ok", summary: login.value });
			const reached = await attempt("reachable", () => patient.reach(environment.value));
			if (reached) {
				note({ check: "reachable", status: "ok", summary: reached.value });
				const connection =
					login && (await attempt("login", () => patient.connect(environment.value)));
				try {
					if (connection) await inside(environment.value, connection.value);
				} finally {
					await connection?.value.close();
				}
			}
		}
	}
	return {
		findings: CHECKS.map(
			(check) => findings.get(check) ?? { check, status: "skipped", summary: "not looked at" },
		),
		exitCode,
	};
}
