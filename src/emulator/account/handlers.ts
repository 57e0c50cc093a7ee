import { GRANT_HANDLERS } from "../ddl/grant/grant.ts";
import { SESSION_HANDLERS } from "../ddl/session-statements.ts";
import { showHandler } from "../ddl/show-statement.ts";
import { LOAD_HANDLERS } from "../load/handlers.ts";
import { RUN_HANDLERS } from "../run/handlers.ts";
import type { Handler } from "../types.ts";
import { QUERY_HANDLERS } from "./query.ts";
import { set } from "./set.ts";

/** Who runs the statements that are not CREATE, ALTER, DROP or DESCRIBE, by first word. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
	...SESSION_HANDLERS,
	...GRANT_HANDLERS,
	...LOAD_HANDLERS,
	...QUERY_HANDLERS,
	...RUN_HANDLERS,
	SET: set,
	SHOW: showHandler,
};
