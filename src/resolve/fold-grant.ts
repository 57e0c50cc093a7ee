import { objectKey } from "../model/catalog.ts";
import type { Cursor } from "../parse/cursor.ts";
import type { OtherStatement } from "../parse/statement.ts";
import { collect, type Folding } from "./fold.ts";
import { readGrantEffects, readTarget } from "./grant-statement.ts";

/** `OWNERSHIP ON KIND name TO ROLE r …` declares the object's owner. */
function foldOwnership(state: Folding, cursor: Cursor): void {
	cursor.expect("ON");
	const object = readTarget(state, cursor);
	const key = objectKey(object);
	cursor.expect("TO", "ROLE");
	state.objects.set(key, { ...object, owner: cursor.expectIdentifier("a role") });
	if (!cursor.take("REVOKE", "CURRENT", "GRANTS")) cursor.take("COPY", "CURRENT", "GRANTS");
	if (!cursor.done) throw cursor.error("the end of the statement");
}

/**
 * GRANT … ON a declared object: each privilege is an edge between it and who holds it. Granting one twice
 * says it once; with grant option wins. GRANT OWNERSHIP declares the owner.
 */
export function foldGrant(state: Folding, statement: OtherStatement): void {
	const cursor = statement.rest();
	collect(state, () => {
		if (cursor.take("OWNERSHIP")) return foldOwnership(state, cursor);
		for (const { grant } of readGrantEffects(state, statement)) {
			const earlier = state.grants?.get(grant.key);
			if (!earlier || (grant.value && !earlier.value)) state.grants?.set(grant.key, grant);
		}
	});
}
