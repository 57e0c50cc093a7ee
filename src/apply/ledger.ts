import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { canonicalJson, type Value } from "../model/value.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { type Journal, timestamp } from "./journal.ts";

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
}

/** The ledger of one deployment; `secretHashes` gives the hashes to keep for an object. */
export function ledgerOf(
	plan: Plan,
	journal: Journal,
	identity: { readonly project: string; readonly deployment: string; readonly now: () => Date },
	secretHashes: (key: string) => Readonly<Record<string, SecretHash>>,
): Ledger {
	const table = journal.table("OBJECTS");
	const forget = (key: string) =>
		journal.record(`DELETE FROM ${table} WHERE PROJECT = ? AND OBJECT = ?`, [
			identity.project,
			key,
		]);
	return {
		forget,
		async remember(key) {
			const model = plan.models[key] as unknown as LedgerModel | undefined;
			if (!model) return;
			await journal.record(
				`MERGE INTO ${table} AS T USING (SELECT ? AS PROJECT, ? AS OBJECT, ? AS KIND, ? AS NAME, ? AS MODEL, ? AS SECRETS, ? AS DEPLOYMENT, ? AS AT) AS S
ON T.PROJECT = S.PROJECT AND T.OBJECT = S.OBJECT
WHEN MATCHED THEN UPDATE SET MODEL = S.MODEL, SECRETS = S.SECRETS, DEPLOYMENT = S.DEPLOYMENT, AT = S.AT::TIMESTAMP_NTZ
WHEN NOT MATCHED THEN INSERT (PROJECT, OBJECT, KIND, NAME, MODEL, SECRETS, DEPLOYMENT, AT)
VALUES (S.PROJECT, S.OBJECT, S.KIND, S.NAME, S.MODEL, S.SECRETS, S.DEPLOYMENT, S.AT::TIMESTAMP_NTZ)`,
				[
					identity.project,
					key,
					model.kind,
					key.slice(model.kind.length + 1),
					canonicalJson(model as unknown as Value),
					JSON.stringify(secretHashes(key)),
					identity.deployment,
					timestamp(identity.now()),
				],
			);
		},
	};
}

/** Writes down what a finished step means for the ledger. */
export async function recordStep(ledger: Ledger, step: Step): Promise<void> {
	const key = `${step.kind} ${step.object}`;
	if (step.action === "drop") await ledger.forget(key);
	else if (["create", "alter", "replace", "relink"].includes(step.action))
		await ledger.remember(key);
}
