import { compilationError } from "../account/errors.ts";
import type { Context } from "../types.ts";
import { findPipe, forceResume, pipeStatus } from "./pipe-status.ts";

/** Answers a system function of pipes; undefined where the name is none of them. The arguments are constants. */
export async function callLoadFunction(
	context: Context,
	name: string,
	given: readonly (string | null)[],
): Promise<string | undefined> {
	if (name !== "SYSTEM$PIPE_STATUS" && name !== "SYSTEM$PIPE_FORCE_RESUME") return undefined;
	const [pipe, overrides] = given;
	if (pipe === null || pipe === undefined)
		throw compilationError("000938", "22023", `not enough arguments for function [${name}]`);
	const found = findPipe(context, pipe);
	return name === "SYSTEM$PIPE_STATUS"
		? pipeStatus(context, found)
		: forceResume(context, found, overrides ?? undefined);
}
