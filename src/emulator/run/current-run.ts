import type { Json, Session } from "../types.ts";

/** What a statement of a running task can ask about its run. Mutable: SYSTEM$SET_RETURN_VALUE writes to it. */
export interface CurrentRun {
	readonly name: string;
	readonly rootName: string;
	readonly rootUuid: string;
	readonly groupId: string;
	readonly scheduledTime: number;
	readonly config: { readonly [key: string]: Json } | null;
	/** Return values of the tasks this one runs after, by upper-case name. */
	readonly returned: ReadonlyMap<string, string | null>;
	returnValue: string | null;
}

const runs = new WeakMap<Session, CurrentRun>();

/** Says that a session runs a task. */
export function enterRun(session: Session, run: CurrentRun): void {
	runs.set(session, run);
}

/** The run a session is for; undefined for a session of a user. */
export function currentRun(session: Session): CurrentRun | undefined {
	return runs.get(session);
}
