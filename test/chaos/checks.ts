import type { Ran } from "../support/project.ts";

/** The answer to a query, by column name. */
export type Ask = (sql: string) => Promise<readonly Readonly<Record<string, string | null>>[]>;

/** How an account must be after a deployment, whatever happened on the way. */
export interface Expected {
	/** Every statement of a migration leaves a line in AUDIT, and does so once. */
	readonly audit: readonly string[];
	readonly customers: readonly string[];
	/** What the view over the customers shows. */
	readonly list: readonly string[];
	/** The files that were delivered: the order of each is in bronze once, and in silver once. */
	readonly bronze: readonly string[];
	readonly silver: readonly string[];
	/** What nobody has read, after the task has run. */
	readonly unread: readonly string[];
	readonly pipe: readonly string[];
	/** Tasks and their states. */
	readonly tasks: readonly string[];
	/** Everything that is there. */
	readonly objects: readonly string[];
	/** Besides what owners have. */
	readonly grants: readonly string[];
	/** Columns and the policies that mask them. */
	readonly masked: readonly string[];
	readonly report: readonly string[];
}

/** The file that is delivered last, after everything. */
export const LAST_FILE = "landing/orders/last.json";

/** After the first apply to an empty account, and one file. */
export const EXPECTED_FIRST: Expected = {
	audit: ["1.1", "1.3", "1.4", "R.1"],
	customers: [],
	list: [],
	bronze: [LAST_FILE],
	silver: [LAST_FILE],
	unread: [],
	pipe: ["RUNNING"],
	tasks: ["TO_SILVER started"],
	objects: [
		"PIPE ORDERS_PIPE",
		"STAGE LANDING",
		"STREAM ORDERS_NEW",
		"TABLE AUDIT",
		"TABLE ORDERS",
		"TABLE SILVER",
	],
	grants: ["SILVER SELECT PUBLIC"],
	masked: [],
	report: [],
};

const FILES = ["1", "2", "3"].map((n) => `landing/orders/${n}.json`);

/** After the change, on an account that had got three files, and one file more. */
export const EXPECTED_AFTER: Expected = {
	audit: ["1.1", "2.2", "3.1", "3.3", "3.6", "R.1", "R.2"],
	customers: ["1 Ada!", "2 Grace!"],
	list: ["1 Ada!", "2 Grace!"],
	bronze: [...FILES, LAST_FILE],
	silver: [...FILES, LAST_FILE],
	unread: [],
	pipe: ["RUNNING"],
	tasks: ["FIRST_CHILD started", "JOINING_CHILD started", "TO_SILVER started"],
	objects: [
		"FILE FORMAT LINES",
		"PIPE ORDERS_PIPE",
		"POLICY HIDDEN",
		"STAGE KEYED",
		"STAGE LANDING",
		"STREAM ORDERS_NEW",
		"TABLE AUDIT",
		"TABLE CUSTOMERS",
		"TABLE ORDERS",
		"TABLE REPORT",
		"TABLE SILVER",
		"VIEW CUSTOMER_LIST",
	],
	grants: [
		"CUSTOMER_LIST SELECT PUBLIC",
		"ORDERS_NEW SELECT SYSADMIN",
		"ORDERS_PIPE MONITOR SYSADMIN",
		"SILVER SELECT PUBLIC",
	],
	masked: ["FULL_NAME HIDDEN"],
	report: ["2"],
};

async function objectsIn(ask: Ask): Promise<readonly string[]> {
	const kinds = {
		"FILE FORMAT": "FILE FORMATS",
		PIPE: "PIPES",
		POLICY: "MASKING POLICIES",
		STAGE: "STAGES",
		STREAM: "STREAMS",
		TABLE: "TABLES",
		VIEW: "VIEWS",
	};
	const found: string[] = [];
	for (const [kind, plural] of Object.entries(kinds))
		for (const row of await ask(`SHOW ${plural} IN SCHEMA LAKE.RAW`))
			found.push(`${kind} ${row.name}`);
	return found.sort();
}

/** What is granted on what can be read, loaded or watched, besides what its owner has. */
async function grantsIn(ask: Ask, objects: readonly string[]): Promise<readonly string[]> {
	const found: string[] = [];
	for (const object of objects) {
		if (!/^(?:PIPE|STREAM|TABLE|VIEW) /.test(object)) continue;
		const [kind, name] = object.split(" ");
		for (const row of await ask(`SHOW GRANTS ON ${kind} LAKE.RAW.${name}`))
			if (row.privilege !== "OWNERSHIP") found.push(`${name} ${row.privilege} ${row.grantee_name}`);
	}
	return found.sort();
}

/** What the account holds, in the words of `Expected`. */
export async function stateOf(ask: Ask): Promise<Expected> {
	const column = async (sql: string) =>
		(await ask(sql)).map((row) => Object.values(row).join(" ")).sort();
	const objects = await objectsIn(ask);
	const rowsOf = async (object: string) =>
		objects.includes(object) ? column(`SELECT * FROM LAKE.RAW.${object.split(" ")[1]}`) : [];
	const columns = objects.includes("TABLE CUSTOMERS")
		? await ask("DESC TABLE LAKE.RAW.CUSTOMERS")
		: [];
	const status = await column("SELECT SYSTEM$PIPE_STATUS('LAKE.RAW.ORDERS_PIPE')");
	return {
		audit: await column("SELECT STEP FROM LAKE.RAW.AUDIT"),
		customers: await rowsOf("TABLE CUSTOMERS"),
		list: await rowsOf("VIEW CUSTOMER_LIST"),
		bronze: await column("SELECT FILE FROM LAKE.RAW.ORDERS"),
		silver: await column("SELECT FILE FROM LAKE.RAW.SILVER"),
		unread: await column("SELECT FILE FROM LAKE.RAW.ORDERS_NEW"),
		pipe: status.map((s) => String((JSON.parse(s) as { executionState: string }).executionState)),
		tasks: (await ask("SHOW TASKS IN SCHEMA LAKE.RAW"))
			.map((row) => `${row.name} ${row.state}`)
			.sort(),
		objects,
		grants: await grantsIn(ask, objects),
		masked: columns.flatMap((row) =>
			row["policy name"] ? [`${row.name} ${row["policy name"].split(".").at(-1)}`] : [],
		),
		report: await rowsOf("TABLE REPORT"),
	};
}

/** What is wrong with the records of an account where nothing is being deployed: empty when nothing is. */
export async function leftOpen(ask: Ask, schema = "LAKE.SNOWLINE"): Promise<readonly string[]> {
	// One that has expired nobody holds: who died behind its last statement leaves it, and nothing to do.
	const leases = await ask(
		`SELECT HOLDER FROM ${schema}.LEASES WHERE HOLDER IS NOT NULL AND EXPIRES_AT > SYSDATE()`,
	);
	const open = await ask(
		`SELECT ID, OUTCOME FROM ${schema}.DEPLOYMENTS WHERE FINISHED_AT IS NULL OR OUTCOME = 'running'`,
	);
	return [
		...leases.map((row) => `lease held by ${row.HOLDER}`),
		...open.map((row) => `deployment ${row.ID} is ${row.OUTCOME}`),
	];
}

/** A command that has to succeed. */
export function succeeded(what: string, { code, out, err }: Ran): void {
	if (code !== 0)
		throw new Error(`${what} ended with ${code}\n${out.slice(-2000)}\n${err.slice(-3000)}`);
}

/** How two states differ, in words; empty when they do not. */
export function differences<T extends object>(found: T, expected: T): readonly string[] {
	return Object.keys(expected).flatMap((key) => {
		const [a, b] = [found, expected].map((s) => JSON.stringify(s[key as keyof T]));
		return a === b ? [] : [`${key}: ${a}\n  expected ${b}`];
	});
}
