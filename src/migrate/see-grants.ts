import type { EdgeKey } from "../model/edge.ts";
import type { GrantEffect } from "../model/grant.ts";
import type { CreateStatement, OtherStatement, Statement } from "../parse/statement.ts";
import { collect } from "../resolve/fold.ts";
import { foldGrant } from "../resolve/fold-grant.ts";
import { readGrantEffects } from "../resolve/grant-statement.ts";
import { type Seeing, subject, tryFold } from "./seeing.ts";

/** Whether the statement itself carries the grants over to the object it makes anew. */
function copiesGrants({ tokens }: Statement): boolean {
	return tokens.some(({ value }, i) => value === "GRANTS" && tokens[i - 1]?.value === "COPY");
}

/** Nobody holds anything on what a CREATE OR REPLACE has made. */
export function clearGrants(state: Seeing, statement: CreateStatement): void {
	const name = subject(statement, state.context);
	if (!name || statement.kind === undefined || statement.mode !== "or replace") return;
	if (!copiesGrants(statement))
		state.effects.push({ does: "clear", on: { kind: statement.kind, name } });
}

/** GRANT and REVOKE. On what the account does not have yet it may mean more than can be told: then it is planned too. */
export function seeGrant(state: Seeing, statement: OtherStatement): void {
	tryFold(state, (s) => {
		if (statement.tokens[1]?.value === "OWNERSHIP") foldGrant(s, statement);
		else collect(s, () => state.effects.push(...readGrantEffects(s, statement)));
	});
}

/** The grants that are gone after these effects. */
export function revokedBy(effects: readonly GrantEffect[]): ReadonlySet<EdgeKey> {
	const revoked = new Set<EdgeKey>();
	for (const effect of effects) {
		if (effect.does === "revoke") revoked.add(effect.grant.key);
		if (effect.does === "grant") revoked.delete(effect.grant.key);
	}
	return revoked;
}
