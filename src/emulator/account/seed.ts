import type { Context } from "../types.ts";
import { SYSTEM_ROLES } from "./privileges.ts";

/** What a new account has: itself, the system roles, and a warehouse as trial accounts do. */
export async function seedAccount(context: Context): Promise<void> {
	const { catalog } = context;
	if (catalog.list("ACCOUNT").length > 0) return;
	const plain = { owner: "", comment: null, properties: {} };
	await catalog.add({ kind: "ACCOUNT", name: "LOCAL", ...plain });
	for (const name of Object.keys(SYSTEM_ROLES)) await catalog.add({ kind: "ROLE", name, ...plain });
	await context.execute(
		"CREATE WAREHOUSE COMPUTE_WH WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 600 INITIALLY_SUSPENDED = TRUE",
	);
}
