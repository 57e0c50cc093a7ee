import { KINDS } from "../ddl/index.ts";
import type { Account } from "../types.ts";

/** The account's clock, and how many objects of each kind there are; kinds of which there are none are left out. */
export function overview(account: Account): {
	readonly clock: string;
	readonly objects: { readonly [kind: string]: number };
} {
	const counted = KINDS.map((kind) => [kind.kind, account.catalog.list(kind.kind).length] as const);
	return {
		clock: new Date(account.clock.now()).toISOString(),
		objects: Object.fromEntries(counted.filter(([, count]) => count > 0)),
	};
}
