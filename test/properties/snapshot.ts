import type { Client, Row } from "../support/account.ts";

/** Everything about one object that somebody could miss, asked with plain SQL. */
export interface Seen {
	readonly kind: string;
	readonly name: string;
	/** When it was made: something made anew has another time. */
	readonly createdOn: string;
	readonly comment: string;
	/** Of tables: column names, types and policies. Of views: policies. */
	readonly columns: ReadonlyMap<
		string,
		{ readonly type: string; readonly policy: string; readonly comment: string }
	>;
	/** Who may do what: `SELECT to ROLE READER with option`. */
	readonly grants: readonly string[];
	/** Of tables: rows by column, as text. */
	readonly rows?: readonly ReadonlyMap<string, string>[];
	/** Of streams: what is unread, as `ID ACTION ISUPDATE`; undefined where it cannot be read. */
	readonly unread?: readonly string[];
	readonly stale?: boolean;
	/** Of tasks and pipes: whether it runs. */
	readonly state?: string;
	/** Of tasks: what it comes after. */
	readonly after?: string;
	/** Of views: whether they can be read. */
	readonly readable?: boolean;
	/** Of tables: files in the load history. */
	readonly loads?: readonly string[];
	/** Of internal stages: files. */
	readonly files?: readonly string[];
	/** Of sequences: the next number. */
	readonly next?: number;
	/** Of streams: where it stands. */
	readonly position?: string;
	/** All that SHOW tells. */
	readonly shown: Row;
}

export type Snapshot = ReadonlyMap<string, Seen>;

const KINDS: Readonly<Record<string, string>> = {
	TABLES: "TABLE",
	VIEWS: "VIEW",
	STREAMS: "STREAM",
	TASKS: "TASK",
	PIPES: "PIPE",
	STAGES: "STAGE",
	"FILE FORMATS": "FILE FORMAT",
	SEQUENCES: "SEQUENCE",
	"MASKING POLICIES": "MASKING POLICY",
};

/** A value as text; numbers, times and truth in one form, whatever the column's type. */
function text(value: unknown): string {
	if (value === null || value === undefined) return "NULL";
	const plain = String(value).replace(/^"(.*)"$/s, "$1");
	if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(plain)) return String(Number(plain));
	const moment = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?/.exec(plain);
	if (moment) return `${moment[1]} ${moment[2] ?? "00:00:00"}`;
	return /^(true|false)$/i.test(plain) ? plain.toLowerCase() : plain;
}

function quoted(name: unknown): string {
	return `"${String(name).replaceAll('"', '""')}"`;
}

async function rowsOf(
	client: Client,
	table: string,
	columns: readonly string[],
): Promise<readonly ReadonlyMap<string, string>[]> {
	const list = columns.map((c) => `${quoted(c)}::VARCHAR AS ${quoted(c)}`).join(", ");
	const rows = await client.query(`SELECT ${list} FROM ${table}`);
	return rows.map((row) => new Map(columns.map((c) => [c, text(row[c])])));
}

async function unreadOf(client: Client, stream: string): Promise<readonly string[] | undefined> {
	try {
		const rows = await client.query(
			`SELECT ID::VARCHAR AS ID, METADATA$ACTION AS ACTION, METADATA$ISUPDATE::VARCHAR AS ISUPDATE FROM ${stream}`,
		);
		return rows.map((r) => `${text(r.ID)} ${r.ACTION} ${text(r.ISUPDATE)}`).sort();
	} catch {
		return undefined;
	}
}

async function grantsOn(client: Client, kind: string, name: string): Promise<readonly string[]> {
	const rows = await client.query(`SHOW GRANTS ON ${kind} ${name}`);
	return rows
		.map(
			(r) =>
				`${r.privilege} to ${r.granted_to} ${r.grantee_name}${String(r.grant_option) === "true" ? " with option" : ""}`,
		)
		.sort();
}

async function detailsOf(
	client: Client,
	kind: string,
	name: string,
	shown: Row,
	database: string,
): Promise<Partial<Seen>> {
	const literal = `'${name.replaceAll("'", "''")}'`;
	switch (kind) {
		case "TABLE": {
			const described = await client.query(`DESC TABLE ${name}`);
			const columns = new Map(
				described.map((c) => [
					String(c.name),
					{
						type: String(c.type),
						policy: String(c["policy name"] ?? ""),
						comment: String(c.comment ?? ""),
					},
				]),
			);
			const loads = await client.query(
				`SELECT FILE_NAME, STATUS, PIPE_NAME FROM TABLE(${database}.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => ${literal}, START_TIME => DATEADD(DAY, -10, CURRENT_TIMESTAMP())))`,
			);
			return {
				columns,
				rows: await rowsOf(client, name, [...columns.keys()]),
				loads: loads.map((l) => `${l.FILE_NAME} ${l.STATUS} ${l.PIPE_NAME}`).sort(),
			};
		}
		case "VIEW": {
			const described = await client.query(`DESC VIEW ${name}`);
			const readable = await client.query(`SELECT * FROM ${name}`).then(
				() => true,
				() => false,
			);
			return {
				readable,
				columns: new Map(
					described.map((c) => [
						String(c.name),
						{
							type: String(c.type),
							policy: String(c["policy name"] ?? ""),
							comment: String(c.comment ?? ""),
						},
					]),
				),
			};
		}
		case "STREAM": {
			const unread = await unreadOf(client, name);
			return {
				...(unread && { unread }),
				stale: String(shown.stale) === "true",
			};
		}
		case "TASK":
			return {
				state: String(shown.state),
				after: String(shown.predecessors ?? ""),
			};
		case "PIPE": {
			const [row] = await client.query(`SELECT SYSTEM$PIPE_STATUS(${literal}) AS STATUS`);
			const status = JSON.parse(String(row?.STATUS)) as { executionState: string };
			return { state: status.executionState };
		}
		case "STAGE":
			return shown.url
				? {}
				: {
						files: (await client.query(`LIST @${name}`))
							.map((f) => String(f.name).replace(/^[^/]*\//, ""))
							.sort(),
					};
		case "SEQUENCE":
			return { next: Number(shown.next_value) };
		default:
			return {};
	}
}

/** Everything in a schema, by `KIND NAME`. */
export async function snapshotOf(client: Client, database: string): Promise<Snapshot> {
	const found = new Map<string, Seen>();
	for (const [words, kind] of Object.entries(KINDS))
		for (const shown of await client.query(`SHOW ${words} IN SCHEMA ${database}.BRONZE`)) {
			const name = `${database}.BRONZE.${quoted(shown.name)}`;
			found.set(`${kind} ${shown.name}`, {
				kind,
				name: String(shown.name),
				createdOn: String(shown.created_on),
				comment: String(shown.comment ?? ""),
				columns: new Map(),
				grants: await grantsOn(client, kind, name),
				shown,
				...(await detailsOf(client, kind, name, shown, database)),
			});
		}
	return found;
}
