import { LEASE_SECONDS, type LeaseRequest } from "../apply/lease.ts";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { CommandContext } from "./command.ts";
import type { Access } from "./connect.ts";

const A_DAY = 86_400;

/** For how long a lease lasts without a sign of life. Throws a DeployError (exit 78) for a value that is no such time. */
export function leaseSeconds({
	SNOWLINE_LEASE_SECONDS: given,
}: Readonly<Record<string, string | undefined>>): number {
	const seconds = given ? Number(given) : LEASE_SECONDS;
	if (seconds >= 1 && seconds <= A_DAY) return seconds;
	throw new DeployError(EXIT.environment, {
		severity: "error",
		code: "LEASE_SECONDS",
		summary: `SNOWLINE_LEASE_SECONDS is ${JSON.stringify(given)}, and has to be a number of seconds from 1 to ${A_DAY}`,
		hint: `a lease lasts ${LEASE_SECONDS} seconds where it is not set; a longer one keeps others out for longer after a kill`,
	});
}

/** How this process holds a lease: for how long without a sign of life, and whether anybody else can be there. */
export function leaseOf(
	{ streams }: Pick<CommandContext, "streams">,
	{ account }: { readonly account?: Access["account"] | undefined },
): Pick<LeaseRequest, "seconds" | "alone"> {
	return { seconds: leaseSeconds(streams.env), alone: account !== undefined };
}
