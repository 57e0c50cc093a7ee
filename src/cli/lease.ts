import { LEASE_SECONDS, type LeaseRequest } from "../apply/lease.ts";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { CommandContext } from "./command.ts";
import type { Access } from "./connect.ts";

const NAME = "SNOWLINE_LEASE_SECONDS";
const A_DAY = 86_400;

/** How this process holds a lease: for how long without a sign of life, and whether anybody else can be there. */
export function leaseOf(
	{ streams }: Pick<CommandContext, "streams">,
	{ account }: Pick<Access, "account">,
): Pick<LeaseRequest, "seconds" | "alone"> {
	const given = streams.env[NAME];
	const seconds = given ? Number(given) : LEASE_SECONDS;
	if (!(seconds >= 1 && seconds <= A_DAY))
		throw new DeployError(EXIT.environment, {
			severity: "error",
			code: "LEASE_SECONDS",
			summary: `${NAME} is ${JSON.stringify(given)}, and has to be a number of seconds from 1 to ${A_DAY}`,
			hint: `a lease lasts ${LEASE_SECONDS} seconds where it is not set; longer ones keep others out for longer after a kill`,
		});
	return { seconds, alone: account !== undefined };
}
