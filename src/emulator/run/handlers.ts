import { unsupported } from "../error.ts";
import type { Handler } from "../types.ts";
import { executeTask } from "./execute-task.ts";

/** Statements of the running side, by first word. */
export const RUN_HANDLERS: Readonly<Record<string, Handler>> = {
	async EXECUTE(context, statement) {
		const rest = statement.rest();
		if (rest.looksAt("TASK")) return executeTask(context, statement);
		throw unsupported(`EXECUTE ${rest.peek()?.text ?? ""}`.trim());
	},
};
