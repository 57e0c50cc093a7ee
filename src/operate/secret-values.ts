import { hashSecret, isHashOf, type SecretHash } from "../apply/ledger.ts";
import type { Records } from "../apply/records.ts";
import type { SecretSource } from "../apply/secrets.ts";
import { type Catalog, catalogOf, type ObjectModel, objectKey } from "../model/catalog.ts";
import { canonicalJson, type Value } from "../model/value.ts";
import type { SecretMatch } from "../objects/define/compare.ts";
import { objectType } from "../objects/index.ts";

const MARKER = /^<secret ([A-Za-z_][A-Za-z0-9_]*)>$/;

/** A value with its secrets filled in; undefined when one of them is not at hand. */
function resolved(value: Value, source: SecretSource): Value | undefined {
	if (typeof value === "string") {
		const name = MARKER.exec(value)?.[1];
		return name === undefined ? value : source(name);
	}
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).map(([key, v]) => [key, resolved(v, source)] as const);
	if (entries.some(([, v]) => v === undefined)) return undefined;
	return Array.isArray(value)
		? entries.map(([, v]) => v as Value)
		: (Object.fromEntries(entries) as Value);
}

/** The properties of a model that are compared by hash, with their values. */
function hashed(
	model: Pick<ObjectModel, "kind" | "properties">,
): readonly (readonly [string, Value])[] {
	return objectType(model.kind).properties.flatMap((p) => {
		const value = model.properties[p.name];
		return p.compare === "hashed" && value !== undefined && value !== null
			? [[p.name, value] as const]
			: [];
	});
}

/** The hashes the ledger keeps of an object's secrets: salted anew each time, never the values. */
export function secretHashes(
	model: Pick<ObjectModel, "kind" | "properties">,
	source: SecretSource,
): Readonly<Record<string, SecretHash>> {
	return Object.fromEntries(
		hashed(model).flatMap(([name, value]) => {
			const whole = resolved(value, source);
			return whole === undefined ? [] : [[name, hashSecret(canonicalJson(whole))] as const];
		}),
	);
}

/** The live catalog with the ledger's hashes where the account shows no value. */
export function withLedgerHashes(live: Catalog, records: Records): Catalog {
	return catalogOf(
		[...live.objects].map(([key, object]) => {
			const secrets = records.ledger.get(key)?.secrets;
			if (!secrets) return object;
			const known = JSON.parse(secrets) as Record<string, Value>;
			return { ...object, properties: { ...object.properties, ...known } };
		}),
	);
}

function isHash(stored: Value | undefined): boolean {
	if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return false;
	const { salt, hash } = stored as Readonly<Record<string, Value>>;
	return typeof salt === "string" && typeof hash === "string";
}

/** A stored hash and the value to compare it with; undefined where one of the two is not at hand. */
function comparable(
	stored: Value | undefined,
	value: Value,
	source: SecretSource,
): { readonly hash: SecretHash; readonly text: string } | undefined {
	const whole = resolved(value, source);
	if (whole === undefined || !isHash(stored)) return undefined;
	return { hash: stored as unknown as SecretHash, text: canonicalJson(whole) };
}

/**
 * Compares a stored hash with a value; undefined where one of the two is not at hand. What a pending migration sets is
 * no hash yet, but its text, with the names of its secrets.
 */
export function secretMatcher(source: SecretSource): SecretMatch {
	return (stored, value) => {
		if (stored !== undefined && stored !== null && !isHash(stored))
			return canonicalJson(stored) === canonicalJson(value);
		const pair = comparable(stored, value, source);
		return pair && isHashOf(pair.hash, pair.text);
	};
}

/** The declared objects whose secrets could not be compared, with the properties concerned. */
export function uncompared(
	desired: Catalog,
	live: Catalog,
	source: SecretSource,
): readonly { readonly object: string; readonly properties: readonly string[] }[] {
	return [...desired.objects.values()].flatMap((object) => {
		const key = objectKey(object);
		const before = live.objects.get(key);
		const names = before
			? hashed(object).flatMap(([name, value]) =>
					comparable(before.properties[name], value, source) ? [] : [name],
				)
			: [];
		return names.length > 0 ? [{ object: key, properties: names }] : [];
	});
}
