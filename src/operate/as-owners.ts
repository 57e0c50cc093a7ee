import type { Connection } from "../model/port.ts";
import type { Environment } from "../project/environment.ts";
import type { Identity } from "./identity.ts";

/** The way into an account: our session, and how to open one of another role. */
export interface Sessions {
	readonly environment: Pick<Environment, "owners">;
	readonly connection: Connection;
	/** Opens a session of another role: an owner of kinds, who alone may see them. */
	readonly connectAs: (role: string) => Promise<Connection>;
}

/** Runs something with sessions for each kind: of the role that owns its objects where the environment names one. */
export async function asOwners<T>(
	sessions: Sessions,
	identity: Identity,
	run: (connectionFor: (kind: string) => Connection) => Promise<T>,
): Promise<T> {
	const { owners } = sessions.environment;
	const roles = [...new Set(Object.values(owners))].filter(
		(role) => role !== identity.role && identity.roles.has(role),
	);
	const opened = await Promise.all(
		roles.map(async (role) => [role, await sessions.connectAs(role)] as const),
	);
	const byRole = new Map(opened);
	try {
		return await run((kind) => byRole.get(owners[kind] ?? "") ?? sessions.connection);
	} finally {
		await Promise.all(opened.map(([, connection]) => connection.close()));
	}
}
