import { compilationError } from "../account/errors.ts";
import type { CatalogObject, Context } from "../types.ts";
import { findPipe, forceResume, pipeStatus } from "./pipe-status.ts";

type PipeFunction = (
	context: Context,
	pipe: CatalogObject,
	given: readonly (string | null)[],
) => Promise<string>;

/** The functions that tell of pipes, by name; the first argument names the pipe. */
const FUNCTIONS: Readonly<Record<string, PipeFunction>> = {
	SYSTEM$PIPE_FORCE_RESUME: (context, pipe, [overrides]) =>
		forceResume(context, pipe, overrides ?? undefined),
	SYSTEM$PIPE_STATUS: pipeStatus,
};

/** Their names. */
export const LOAD_FUNCTIONS: readonly string[] = Object.keys(FUNCTIONS);

/** Answers a system function of pipes; undefined where the name is none of them. The arguments are constants. */
export async function callLoadFunction(
	context: Context,
	name: string,
	given: readonly (string | null)[],
): Promise<string | undefined> {
	const found = FUNCTIONS[name];
	if (!found) return undefined;
	const [pipe, ...others] = given;
	if (pipe === null || pipe === undefined)
		throw compilationError("000938", "22023", `not enough arguments for function [${name}]`);
	return found(context, findPipe(context, pipe), others);
}
