import type { Account } from "../types.ts";
import { type FileEvents, runOverdue, type TickEvent } from "./tick.ts";

/** How often the wall clock is looked at. Schedules have a resolution of ten seconds at best. */
const PERIOD = 1000;

/**
 * Makes due tasks and new files happen as the wall clock goes. What was missed while the account was not open
 * happens once, as Snowflake skips the runs it missed. `report` gets everything that happens; an unexpected error goes
 * to `failed`, and the account goes on. Gives the function that stops it, which waits for what is under way.
 */
export function follow(
	account: Account,
	hooks: {
		readonly files?: FileEvents;
		report?(event: TickEvent): void;
		failed?(error: unknown): void;
	} = {},
): () => Promise<void> {
	let stopped = false;
	let timer: NodeJS.Timeout | undefined;
	let turn = Promise.resolve();
	const beat = async (): Promise<void> => {
		account.clock.advanceTo(Date.now());
		for (const event of await runOverdue(account, hooks.files)) hooks.report?.(event);
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
	return async () => {
		stopped = true;
		clearTimeout(timer);
		await turn;
	};
}
