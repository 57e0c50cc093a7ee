import type { ScopeSession } from "../../sql/scope.ts";
import type { Context } from "../../types.ts";
import { sessionParameter } from "../parameters.ts";

/** What the local account calls itself. */
export const ACCOUNT = {
	account: "LOCAL",
	organization: "SNOWLINE",
	region: "LOCAL",
	version: "9.0.0",
} as const;

/** What a statement can ask about the session it runs in. */
export function scopeSession(context: Context): ScopeSession {
	const { session } = context;
	return {
		now: context.clock.now(),
		timezone: sessionParameter(context, "TIMEZONE"),
		id: session.id,
		user: session.user,
		role: session.role,
		// Every user of the local account may take every role.
		roles: context.catalog.list("ROLE").map((role) => role.name),
		database: session.database,
		schema: session.schema,
		warehouse: session.warehouse,
		...ACCOUNT,
		parameter: (name) => sessionParameter(context, name) || undefined,
	};
}
