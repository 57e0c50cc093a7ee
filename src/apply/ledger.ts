import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { Bind } from "../model/port.ts";
import { canonicalJson, type Value } from "../model/value.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Journal } from "./journal.ts";
import { givenRows, type RecordStatement } from "./records.ts";

/** A secret as the ledger keeps it: never the value, a salted slow hash. */
export interface SecretHash {
	readonly salt: string;
	readonly hash: string;
}

/** The hash of a secret value, with a salt of its own. */
export function hashSecret(value: string, salt = randomBytes(16).toString("hex")): SecretHash {
	return { salt, hash: scryptSync(value, salt, 32).toString("hex") };
}

/** Whether a value is the one that was hashed. */
export function isHashOf(stored: SecretHash, value: string): boolean {
	return timingSafeEqual(
		Buffer.from(stored.hash, "hex"),
		Buffer.from(hashSecret(value, stored.salt).hash, "hex"),
	);
}

interface LedgerModel {
	readonly kind: string;
	readonly name: readonly string[];
	readonly owner: string | null;
	readonly properties: Readonly<Record<string, Value>>;
}

/** Keeps the ledger: what this project made or adopted, and how it was when it was last applied. */
export interface Ledger {
	remember(key: string): Promise<void>;
	forget(key: string): Promise<void>;
	/** Writes what has not been written yet. */
	flush(): Promise<void>;
}

const COLUMNS = ["PROJECT", "OBJECT", "KIND", "NAME", "MODEL", "SECRETS", "DEPLOYMENT"] as const;

/**
 * When it was written, by the account's own clock: what the account says it made later was not made by this
 * deployment. https://docs.snowflake.com/en/sql-reference/functions/sysdate
 */
const NOW = "SYSDATE()";

/**
 * How many entries may wait for each other. A run that is killed loses as many; what of them files declare is
 * adopted by the next one.
 */
const TOGETHER = 20;

function merge(table: string, rows: readonly (readonly Bind[])[], held: string): RecordStatement {
	const given = givenRows(COLUMNS, rows);
	const from = (names: readonly string[]) => names.map((name) => `S.${name}`).join(", ");
	const set = ["MODEL", "SECRETS", "DEPLOYMENT"].map((name) => `${name} = S.${name}`);
	return {
		sql: `MERGE INTO ${table} AS T USING (${given.sql} WHERE ${held}) AS S
ON T.PROJECT = S.PROJECT AND T.OBJECT = S.OBJECT
WHEN MATCHED THEN UPDATE SET ${set.join(", ")}, AT = ${NOW}
WHEN NOT MATCHED THEN INSERT (${COLUMNS.join(", ")}, AT) VALUES (${from(COLUMNS)}, ${NOW})`,
		binds: given.binds,
	};
}

function removal(
	table: string,
	project: string,
	keys: readonly string[],
	held: string,
): RecordStatement {
	return {
		sql: `DELETE FROM ${table} WHERE PROJECT = ? AND OBJECT IN (${keys.map(() => "?").join(", ")}) AND ${held}`,
		binds: [project, ...keys],
	};
}

/** The ledger of one deployment; `secretHashes` gives the hashes to keep for an object. */
export function ledgerOf(
	plan: Plan,
	journal: Journal,
	identity: { readonly project: string; readonly deployment: string },
	secretHashes: (key: string) => Readonly<Record<string, SecretHash>>,
): Ledger {
	const table = journal.table("OBJECTS");
	const waiting = new Map<string, readonly Bind[] | "gone">();
	const flush = async (): Promise<void> => {
		const entries = [...waiting];
		waiting.clear();
		const rows = entries.flatMap(([, row]) => (row === "gone" ? [] : [row]));
		const gone = entries.flatMap(([key, row]) => (row === "gone" ? [key] : []));
		if (rows.length > 0) await journal.record((held) => merge(table, rows, held));
		if (gone.length > 0)
			await journal.record((held) => removal(table, identity.project, gone, held));
	};
	const add = async (key: string, row: readonly Bind[] | "gone"): Promise<void> => {
		waiting.set(key, row);
		if (waiting.size >= TOGETHER) await flush();
	};
	return {
		flush,
		forget: (key) => add(key, "gone"),
		async remember(key) {
			const model = plan.models[key] as unknown as LedgerModel | undefined;
			if (!model) return;
			await add(key, [
				identity.project,
				key,
				model.kind,
				key.slice(model.kind.length + 1),
				canonicalJson(model as unknown as Value),
				JSON.stringify(secretHashes(key)),
				identity.deployment,
			]);
		},
	};
}

/** Whether the object is this project's once the step is done; what can still be taken back is not yet. */
function isOurs({ action, undo }: Step): boolean {
	if (action === "create") return undo === undefined;
	return ["alter", "replace", "relink"].includes(action);
}

/** Writes down what a finished step means for the ledger. */
export async function recordStep(ledger: Ledger, step: Step): Promise<void> {
	const key = `${step.kind} ${step.object}`;
	if (step.action === "drop") await ledger.forget(key);
	else if (isOurs(step)) await ledger.remember(key);
	for (const edge of step.edges?.remember ?? []) await ledger.remember(edge);
	for (const edge of step.edges?.forget ?? []) await ledger.forget(edge);
}
