import type { Json, Session } from "../types.ts";

/** What a statement of a running task can ask about its run. Mutable: SYSTEM$SET_RETURN_VALUE writes to it. */
export interface CurrentRun {
	readonly name: string;
	readonly rootName: string;
	readonly rootUuid: string;
	readonly groupId: string;
	readonly scheduledTime: number;
	/** Whether Snowflake provides what the run computes with: the task has no warehouse. */
	readonly serverless: boolean;
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

/** Whether a session runs a serverless task, and so needs no warehouse of its own. */
export function runsServerless(session: Session): boolean {
	return runs.get(session)?.serverless === true;
}
