import type { Connection, Connector } from "../model/port.ts";

/** Sessions by role, opened when first needed and used by one step at a time. */
export interface Sessions {
	/** Runs something with a session of a role; the session is free again afterwards. */
	use<T>(role: string | undefined, run: (connection: Connection) => Promise<T>): Promise<T>;
	closeAll(): Promise<void>;
}

/** A pool over a connector. Sessions are kept apart by role, since USE ROLE in one would reach the next step. */
export function openSessions(connector: Connector): Sessions {
	const free = new Map<string, Connection[]>();
	const all: Connection[] = [];
	return {
		async use(role, run) {
			const key = role ?? "";
			let connection = free.get(key)?.pop();
			if (!connection) {
				connection = await connector.connect(role === undefined ? {} : { role });
				all.push(connection);
			}
			try {
				return await run(connection);
			} finally {
				free.set(key, [...(free.get(key) ?? []), connection]);
			}
		},
		async closeAll() {
			await Promise.all(all.map((connection) => connection.close()));
		},
	};
}
