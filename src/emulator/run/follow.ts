import type { Account } from "../types.ts";
import { type FileEvents, type Happening, runOverdue } from "./tick.ts";

/** A live account: what falls due by the wall clock happens until it is stopped. */
export interface Following {
	/** Resolves when the event under way is over. */
	stop(): Promise<void>;
}

/** How often the wall clock is looked at. Schedules have a resolution of ten seconds at best. */
const PERIOD = 1000;

/**
 * Makes due tasks and new files happen as the wall clock goes. What was missed while the account was not open
 * happens once, as Snowflake skips the runs it missed. `report` gets everything that happens; an unexpected error goes
 * to `failed`, and the account goes on.
 */
export function follow(
	account: Account,
	hooks: {
		readonly files?: FileEvents;
		report?(happening: Happening): void;
		failed?(error: unknown): void;
	} = {},
): Following {
	let stopped = false;
	let timer: NodeJS.Timeout | undefined;
	let turn = Promise.resolve();
	const beat = async (): Promise<void> => {
		account.clock.advanceTo(Date.now());
		for (const happening of await runOverdue(account, hooks.files)) hooks.report?.(happening);
	};
	const schedule = (): void => {
		if (stopped) return;
		timer = setTimeout(() => {
			turn = beat()
				.catch((error: unknown) => hooks.failed?.(error))
				.then(schedule);
		}, PERIOD);
	};
	schedule();
	return {
		async stop() {
			stopped = true;
			clearTimeout(timer);
			await turn;
		},
	};
}
