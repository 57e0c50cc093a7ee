import { compareText } from "../model/compare.ts";
import {
	formatIdentifier,
	formatName,
	parseName,
	type QualifiedName,
} from "../model/identifier.ts";
import { type Connection, StatementError } from "../model/port.ts";
import { objectType } from "../objects/index.ts";
import type { Step } from "../plan/plan.ts";
import type { Identity } from "./identity.ts";
import type { PlanResult } from "./plan-project.ts";

/** A privilege that a step needs and its role does not have. */
export interface Lack {
	readonly role: string;
	/** `CREATE SCHEMA on DATABASE LAKE`. */
	readonly what: string;
	/** The steps that need it. */
	readonly steps: readonly string[];
	/** The statement that would give it, where one would. */
	readonly grant?: string;
}

/**
 * What system roles can do without a grant that SHOW GRANTS lists; undefined: everything.
 * https://docs.snowflake.com/en/user-guide/security-access-control-overview
 */
const SYSTEM: Readonly<Record<string, readonly string[] | undefined>> = {
	ACCOUNTADMIN: undefined,
	SECURITYADMIN: ["CREATE ROLE", "CREATE USER"],
	SYSADMIN: ["CREATE DATABASE", "CREATE WAREHOUSE"],
	USERADMIN: ["CREATE ROLE", "CREATE USER"],
};

/** Privileges as `CREATE STAGE ON SCHEMA DB.S`; `all` for a role that needs none. */
interface Held {
	readonly all: boolean;
	readonly privileges: ReadonlySet<string>;
}

function entry(privilege: string, kind: string, name: string): string {
	return `${privilege} ON ${kind.replaceAll("_", " ")} ${name}`;
}

/** Reads what roles hold, roles granted to them included, each role once. */
function grantReader(connection: Connection): (role: string) => Promise<Held> {
	const rowsOf = new Map<string, ReturnType<Connection["execute"]>>();
	const read = async (role: string): Promise<Held> => {
		const privileges = new Set<string>();
		const seen = new Set<string>();
		const pending = [role];
		for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
			if (seen.has(name)) continue;
			seen.add(name);
			if (name in SYSTEM && SYSTEM[name] === undefined) return { all: true, privileges };
			for (const privilege of SYSTEM[name] ?? []) privileges.add(entry(privilege, "ACCOUNT", ""));
			const rows =
				rowsOf.get(name) ?? connection.execute(`SHOW GRANTS TO ROLE ${formatIdentifier(name)}`);
			rowsOf.set(name, rows);
			for (const row of (await rows).rows) {
				const kind = row.granted_on ?? "";
				const parts = parseName(row.name ?? "") ?? [row.name ?? ""];
				if (kind === "ROLE" && row.privilege === "USAGE") pending.push(parts[0] ?? "");
				privileges.add(
					entry(row.privilege ?? "", kind, kind === "ACCOUNT" ? "" : formatName(parts)),
				);
			}
		}
		return { all: false, privileges };
	};
	return read;
}

/** A kind of integration is created by the privilege of them all: `CREATE INTEGRATION`. */
function creating(kind: string, level: string): string {
	return `CREATE ${level === "account" ? (kind.split(" ").at(-1) ?? kind) : kind}`;
}

interface Need {
	readonly role: string;
	readonly privilege: string;
	readonly on: string;
	readonly name: QualifiedName;
	readonly step: string;
}

function needOf(step: Step, made: ReadonlySet<string>, role: string): Need | undefined {
	const name = parseName(step.object);
	if (step.action !== "create" || !name) return undefined;
	const { level } = objectType(step.kind);
	const container = name.slice(0, -1);
	// Who creates a container owns it, and needs nothing more in it.
	if (level !== "account" && made.has(formatName(container))) return undefined;
	const on = level === "account" ? "ACCOUNT" : container.length === 1 ? "DATABASE" : "SCHEMA";
	return {
		role: step.operations[0]?.role ?? role,
		privilege: creating(step.kind, level),
		on,
		name: container,
		step: step.id,
	};
}

function satisfied({ all, privileges }: Held, { privilege, on, name }: Need): boolean {
	if (all) return true;
	const where = on === "ACCOUNT" ? "" : formatName(name);
	return (
		privileges.has(entry(privilege, on, where)) || privileges.has(entry("OWNERSHIP", on, where))
	);
}

/** Objects the plan changes that belong to a role which this user cannot take. */
function foreignOwners({ plan, live }: PlanResult, { roles }: Identity): readonly Lack[] {
	return plan.steps.flatMap((step): Lack[] => {
		if (!/^(?:alter|replace|drop)$/.test(step.action)) return [];
		const owner = live.objects.get(`${step.kind} ${step.object}`)?.owner;
		if (owner === undefined || owner === "" || roles.has(owner)) return [];
		return [{ role: owner, what: `ownership of ${step.kind} ${step.object}`, steps: [step.id] }];
	});
}

/**
 * The privileges a plan needs that its roles do not have, as far as SHOW GRANTS tells: the right to create what it
 * creates, where its container exists, and the role of the owner of what it changes. Roles whose grants cannot be seen
 * are in `unseen`.
 */
export async function lacking(
	result: PlanResult,
	identity: Identity,
	connection: Connection,
): Promise<{ readonly lacks: readonly Lack[]; readonly unseen: readonly string[] }> {
	const created = result.plan.steps.filter((step) => step.action === "create");
	const made = new Set(created.map((step) => step.object));
	const held = grantReader(connection);
	const lacks = new Map<string, Lack>();
	const unseen = new Set<string>();
	for (const step of created) {
		const need = needOf(step, made, identity.role);
		if (!need || !identity.roles.has(need.role)) continue;
		try {
			if (satisfied(await held(need.role), need)) continue;
		} catch (error) {
			if (!(error instanceof StatementError)) throw error;
			unseen.add(need.role);
			continue;
		}
		const where = need.on === "ACCOUNT" ? "ACCOUNT" : `${need.on} ${formatName(need.name)}`;
		const key = `${need.role}\0${need.privilege}\0${where}`;
		lacks.set(key, {
			role: need.role,
			what: `${need.privilege} on ${where}`,
			steps: [...(lacks.get(key)?.steps ?? []), need.step],
			grant: `GRANT ${need.privilege} ON ${where} TO ROLE ${formatIdentifier(need.role)}`,
		});
	}
	return {
		lacks: [...lacks.values(), ...foreignOwners(result, identity)],
		unseen: [...unseen].sort(compareText),
	};
}
