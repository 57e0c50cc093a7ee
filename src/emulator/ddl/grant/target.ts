import type { Cursor } from "../../../parse/cursor.ts";
import { doesNotExist } from "../../account/errors.ts";
import type { Grant } from "../../account/grants.ts";
import { accountObject } from "../../account/parameters.ts";
import { unsupported } from "../../error.ts";
import type { CatalogObject, Context, Kind } from "../../types.ts";
import { findObject, findScope } from "../shared.ts";

/** What privileges are granted on. */
export type Target =
	| { readonly kind: "ACCOUNT"; readonly objects: readonly CatalogObject[]; readonly bulk: false }
	| { readonly kind: string; readonly objects: readonly CatalogObject[]; readonly bulk: boolean }
	| { readonly kind: string; readonly future: CatalogObject };

/** The kinds that a word of GRANT may mean: INTEGRATION stands for several. */
function kindsBy(
	context: Context,
	cursor: Cursor,
	words: (kind: Kind) => readonly string[],
): readonly Kind[] {
	const all = [...context.kinds.values()].flatMap((kind) =>
		words(kind).map((word) => ({ kind, word })),
	);
	const sorted = all.sort((a, b) => b.word.length - a.word.length);
	const first = sorted.find(({ word }) => cursor.take(...word.split(" ")));
	if (!first) throw unsupported(`privileges on ${cursor.peek()?.value ?? ""}`);
	return sorted.filter(({ word }) => word === first.word).map(({ kind }) => kind);
}

function container(context: Context, cursor: Cursor): CatalogObject {
	cursor.expect("IN");
	const level = cursor.take("DATABASE") ? "DATABASE" : "SCHEMA";
	if (level === "SCHEMA") cursor.expect("SCHEMA");
	return findScope(context, level, cursor.expectName().parts);
}

/** Reads what stands behind ON. */
export function readTarget(context: Context, cursor: Cursor): Target {
	if (cursor.take("ACCOUNT")) {
		const account = accountObject(context);
		return { kind: "ACCOUNT", objects: account ? [account] : [], bulk: false };
	}
	const future = cursor.take("FUTURE");
	if (future || cursor.take("ALL")) {
		const [kind] = kindsBy(context, cursor, (candidate) => [candidate.plural]);
		if (!kind) throw unsupported("privileges on this kind");
		const inside = container(context, cursor);
		if (future) return { kind: kind.kind, future: inside };
		if (kind.kind === "PIPE") throw unsupported("bulk grants on pipes");
		const within =
			inside.kind === "DATABASE"
				? { database: inside.name }
				: {
						...(inside.database !== undefined && { database: inside.database }),
						schema: inside.name,
					};
		return { kind: kind.kind, objects: context.catalog.list(kind.kind, within), bulk: true };
	}
	const kinds = kindsBy(context, cursor, (kind) => [kind.kind, ...(kind.aliases ?? [])]);
	const [first] = kinds;
	if (!first) throw unsupported("privileges on this kind");
	const { parts } = cursor.expectName();
	const name = context.qualify(parts, first.level);
	for (const kind of kinds) {
		const object = context.catalog.find(kind.kind, name);
		if (object) return { kind: kind.kind, objects: [object], bulk: false };
	}
	return { kind: first.kind, objects: [findObject(context, first, parts)], bulk: false };
}

/** Who gets or loses privileges. */
export interface Grantee {
	readonly granteeKind: Grant["granteeKind"];
	readonly grantee: string;
}

/** Reads `[ROLE] r`, `USER u`; a role must exist, users are whoever logs in. */
export function readGrantee(context: Context, cursor: Cursor): Grantee {
	if (cursor.looksAt("DATABASE", "ROLE")) throw unsupported("DATABASE ROLE");
	if (cursor.looksAt("SHARE") || cursor.looksAt("APPLICATION"))
		throw unsupported(`GRANT … TO ${cursor.peek()?.value}`);
	if (cursor.take("USER")) return { granteeKind: "USER", grantee: cursor.expectIdentifier() };
	cursor.take("ROLE");
	const grantee = cursor.expectIdentifier();
	if (!context.catalog.find("ROLE", [grantee])) throw doesNotExist("ROLE", [grantee]);
	return { granteeKind: "ROLE", grantee };
}
