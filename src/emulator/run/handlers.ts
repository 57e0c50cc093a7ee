import { unsupported } from "../error.ts";
import type { Handler } from "../types.ts";
import { executeTask } from "./execute-task.ts";

/** Statements of the running side, by first word. */
export const RUN_HANDLERS: Readonly<Record<string, Handler>> = {
	/** CALL of a system function, as tasks use it for SYSTEM$SET_RETURN_VALUE, is a SELECT of it. */
	async CALL(context, statement) {
		const rest = statement.rest();
		const word = rest.peek();
		if (!word?.value.startsWith("SYSTEM$")) throw unsupported(`CALL ${word?.text ?? ""}`.trim());
		return context.execute(`SELECT ${rest.takeRest().text}`, context.binds);
	},
	async EXECUTE(context, statement) {
		const rest = statement.rest();
		if (rest.looksAt("TASK")) return executeTask(context, statement);
		throw unsupported(`EXECUTE ${rest.peek()?.text ?? ""}`.trim());
	},
};
