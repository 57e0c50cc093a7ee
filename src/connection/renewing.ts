import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Connection } from "../model/port.ts";
import { SESSION_EXPIRED } from "./failure.ts";

/** What a session holds that a new one would not have. */
interface SessionState {
	/** USE and ALTER SESSION statements, to be said again. */
	readonly settings: readonly string[];
	/** What cannot be had again. */
	readonly kept: ReadonlySet<string>;
}

const TRANSACTION = "an open transaction";
const BEGIN =
	/^(?:BEGIN|START\s+TRANSACTION)(?:\s+(?:WORK|TRANSACTION))?(?:\s+NAME\s+\S+)?\s*;?\s*$/i;
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;

function withKept(state: SessionState, what: string): SessionState {
	return { ...state, kept: new Set([...state.kept, what]) };
}

/** The state of a session after a statement. */
function after(state: SessionState, statement: string): SessionState {
	const sql = statement.replace(LEADING, "");
	if (/^(?:USE|ALTER\s+SESSION)\b/i.test(sql))
		return { ...state, settings: [...state.settings.filter((s) => s !== sql), sql] };
	if (BEGIN.test(sql)) return withKept(state, TRANSACTION);
	if (/^(?:COMMIT|ROLLBACK)\b/i.test(sql))
		return { ...state, kept: new Set([...state.kept].filter((what) => what !== TRANSACTION)) };
	if (/^SET\b/i.test(sql)) return withKept(state, "session variables");
	if (
		/^CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:LOCAL|GLOBAL)\s+)?(?:TEMP|TEMPORARY|VOLATILE)\b/i.test(sql)
	)
		return withKept(state, "temporary objects");
	return state;
}

function isExpired(error: unknown): error is DeployError {
	return error instanceof DeployError && error.diagnostics[0]?.code === SESSION_EXPIRED;
}

function lost(what: string, cause: DeployError): DeployError {
	return new DeployError(
		EXIT.unavailable,
		{
			severity: "error",
			code: SESSION_EXPIRED,
			summary: `the session expired, and with it ${what}`,
			hint: "run the command again: what was done is recorded",
		},
		{ cause },
	);
}

/**
 * A connection that outlives its login. The driver renews a session's token by itself for as long as its master token
 * lives; when that has expired too, a new session is opened, set up like the old one, and the statement is sent again
 * once. Only statements that surely did not run come here, and a session that holds what a new one could not
 * have (a transaction, variables, temporary objects, the result of its last query) fails in words instead.
 */
export async function openRenewing(open: () => Promise<Connection>): Promise<Connection> {
	let current = await open();
	let state: SessionState = { settings: [], kept: new Set() };
	let renewal: Promise<void> | undefined;

	const renew = async (old: Connection): Promise<void> => {
		if (old !== current) return;
		const next = await open();
		for (const sql of state.settings) await next.execute(sql);
		current = next;
		await old.close();
	};
	/** Several statements may run at once; they all find the session gone, and one of them opens the new one. */
	const renewOnce = (old: Connection): Promise<void> => {
		renewal ??= renew(old).finally(() => {
			renewal = undefined;
		});
		return renewal;
	};

	return {
		async execute(sql, binds, options) {
			await renewal;
			const used = current;
			const run = async (connection: Connection) => {
				const result = await connection.execute(sql, binds, options);
				state = after(state, sql);
				return result;
			};
			try {
				return await run(used);
			} catch (error) {
				if (!isExpired(error)) throw error;
				const kept = [...state.kept];
				if (/\b(?:RESULT_SCAN|LAST_QUERY_ID)\b/i.test(sql)) kept.push("the result it asks for");
				if (kept.length > 0) throw lost(kept.join(" and "), error);
				await renewOnce(used);
				return run(current);
			}
		},
		cancel: async () => current.cancel?.(),
		close: () => current.close(),
	};
}
