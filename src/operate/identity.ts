import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Connection } from "../model/port.ts";
import type { Environment } from "../project/environment.ts";

/** Who we are in the account, and where. */
export interface Identity {
	readonly account: string;
	readonly role: string;
	readonly roles: ReadonlySet<string>;
}

/** Asks the account for its name, our role and the roles we can take. */
export async function readIdentity(connection: Connection): Promise<Identity> {
	const sql = `SELECT CURRENT_ORGANIZATION_NAME() AS ORGANIZATION, CURRENT_ACCOUNT_NAME() AS ACCOUNT, CURRENT_ROLE() AS ROLE, CURRENT_AVAILABLE_ROLES() AS ROLES`;
	const row = (await connection.execute(sql)).rows[0] ?? {};
	return {
		account: [row.ORGANIZATION, row.ACCOUNT].filter((part) => part).join("-"),
		role: row.ROLE ?? "",
		roles: new Set(JSON.parse(row.ROLES ?? "[]") as string[]),
	};
}

/** Refuses to go on in any other account than the environment names. */
export function guardAccount(environment: Environment, identity: Identity): void {
	const { account } = environment;
	if (account === undefined || account.toUpperCase() === identity.account.toUpperCase()) return;
	const at = environment.locate("account");
	throw new DeployError(EXIT.environment, {
		severity: "error",
		code: "WRONG_ACCOUNT",
		summary: `this is account ${identity.account}, and ${environment.name} is for ${account}`,
		hint: "check the connection, or the account in the environment file",
		...(at && { at }),
	});
}
