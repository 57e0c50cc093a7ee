import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Connection, Connector } from "../model/port.ts";

/** Whether the account could not be asked, or its answer was lost: nobody knows whether the statement ran. */
export function isCutOff(error: unknown): boolean {
	return error instanceof DeployError && error.exitCode === EXIT.unavailable;
}

/**
 * A connection that opens a new session and sends the statement again when it is cut off. Only for
 * statements that may run twice, outside of transactions.
 */
export function reopening(first: Connection, connect: () => Promise<Connection>): Connection {
	let current = first;
	return {
		async execute(sql, binds, options) {
			const used = current;
			try {
				return await used.execute(sql, binds, options);
			} catch (error) {
				if (!isCutOff(error)) throw error;
				if (current === used) {
					current = await connect();
					void used.close();
				}
				return current.execute(sql, binds, options);
			}
		},
		close: () => current.close(),
	};
}

/** Sessions by role, opened when first needed and used by one step at a time. */
export interface Sessions {
	/** Runs something with a session of a role; the session is free again afterwards, unless it was cut off. */
	use<T>(role: string | undefined, run: (connection: Connection) => Promise<T>): Promise<T>;
	/** Opens sessions that are cancelled and closed along with the others. */
	readonly connector: Connector;
	/** Cancels what runs. */
	cancelAll(): Promise<void>;
	closeAll(): Promise<void>;
}

/** A pool over a connector. Sessions are kept apart by role, since USE ROLE in one would reach the next step. */
export function openSessions(connector: Connector): Sessions {
	const free = new Map<string, Connection[]>();
	const all = new Set<Connection>();
	const connect: Connector["connect"] = async (options) => {
		const connection = await connector.connect(options);
		const close = async (): Promise<void> => {
			if (all.delete(kept)) await connection.close();
		};
		const kept: Connection = { ...connection, close };
		all.add(kept);
		return kept;
	};
	return {
		connector: { description: connector.description, connect },
		async use(role, run) {
			const key = role ?? "";
			const connection =
				free.get(key)?.pop() ?? (await connect(role === undefined ? {} : { role }));
			try {
				const result = await run(connection);
				free.set(key, [...(free.get(key) ?? []), connection]);
				return result;
			} catch (error) {
				if (isCutOff(error)) await connection.close();
				else free.set(key, [...(free.get(key) ?? []), connection]);
				throw error;
			}
		},
		async cancelAll() {
			await Promise.all([...all].map((connection) => connection.cancel?.()));
		},
		async closeAll() {
			await Promise.all([...all].map((connection) => connection.close()));
		},
	};
}
