import type { Ran } from "../support/project.ts";

/** The answer to a query, by column name. */
export type Ask = (sql: string) => Promise<readonly Readonly<Record<string, string | null>>[]>;

/** How an account must be after a deployment, whatever happened on the way. */
export interface Expected {
	/** Every statement of a migration leaves a line in AUDIT, and does so once. */
	readonly audit: readonly string[];
	readonly customers: readonly string[];
	/** Files whose orders are in the table, each once. */
	readonly orders: readonly string[];
	/** What was in the stream's source since it was made and nobody has read. */
	readonly unread: number;
	/** Tasks and their states. */
	readonly tasks: readonly string[];
	/** Tables, streams, pipes, stages and file formats, everything that is there. */
	readonly objects: readonly string[];
	readonly report: readonly string[];
}

const BEFORE_OBJECTS = [
	"FILE FORMAT LINES",
	"PIPE ORDERS_PIPE",
	"STAGE KEYED",
	"STAGE LANDING",
	"STREAM ORDERS_NEW",
	"TABLE AUDIT",
	"TABLE CUSTOMERS",
	"TABLE OLD",
	"TABLE ORDERS",
];

/** After the first version was applied to an empty account. */
export const EXPECTED_BEFORE: Expected = {
	audit: ["1.1"],
	customers: ["1 Ada", "2 Grace"],
	orders: [],
	unread: 0,
	tasks: ["FIRST_CHILD started", "LEAVING_CHILD started", "NIGHTLY started"],
	objects: BEFORE_OBJECTS,
	report: [],
};

/** After the change, on an account that had loaded two files. */
export const EXPECTED_AFTER: Expected = {
	audit: ["1.1", "2.2", "3.1", "3.3", "3.6"],
	customers: ["1 Ada!", "2 Grace!"],
	orders: ["landing/orders/1.json", "landing/orders/2.json"],
	unread: 2,
	tasks: ["FIRST_CHILD started", "JOINING_CHILD started", "NIGHTLY started"],
	objects: [...BEFORE_OBJECTS.filter((o) => o !== "TABLE OLD"), "TABLE REPORT"].sort(),
	report: ["2"],
};

async function objectsIn(ask: Ask): Promise<readonly string[]> {
	const kinds = ["FILE FORMAT", "PIPE", "STAGE", "STREAM", "TABLE"];
	const found: string[] = [];
	for (const kind of kinds)
		for (const row of await ask(`SHOW ${kind}S IN SCHEMA LAKE.RAW`))
			found.push(`${kind} ${row.name}`);
	return found.sort();
}

/** What the account holds, in the words of `Expected`. */
export async function stateOf(ask: Ask): Promise<Expected> {
	const column = async (sql: string) =>
		(await ask(sql)).map((row) => Object.values(row).join(" ")).sort();
	const customers = await ask("SELECT * FROM LAKE.RAW.CUSTOMERS");
	const objects = await objectsIn(ask);
	return {
		audit: await column("SELECT STEP FROM LAKE.RAW.AUDIT"),
		customers: customers.map((row) => Object.values(row).join(" ")).sort(),
		orders: await column("SELECT FILE FROM LAKE.RAW.ORDERS"),
		unread: Number((await column("SELECT COUNT(*) FROM LAKE.RAW.ORDERS_NEW"))[0]),
		tasks: (await ask("SHOW TASKS IN SCHEMA LAKE.RAW"))
			.map((row) => `${row.name} ${row.state}`)
			.sort(),
		objects,
		report: objects.includes("TABLE REPORT") ? await column("SELECT * FROM LAKE.RAW.REPORT") : [],
	};
}

/** What is wrong with the records of an account where nothing is being deployed: empty when nothing is. */
export async function leftOpen(ask: Ask, schema = "LAKE.SNOWLINE"): Promise<readonly string[]> {
	const leases = await ask(`SELECT HOLDER FROM ${schema}.LEASES WHERE HOLDER IS NOT NULL`);
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
