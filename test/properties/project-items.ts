import type { ColumnSpec, Pipeline } from "./pipeline.ts";

/** One object of a project: what it is called, what it needs, and the SQL that declares it. */
export interface Item {
	/** What it is called in the project it began as. */
	readonly id: string;
	readonly kind: string;
	readonly name: string;
	readonly needs: readonly string[];
	readonly sql: string;
}

const DEFAULTS: Readonly<Record<string, string>> = {
	"VARCHAR(20)": "'none'",
	VARCHAR: "'none'",
	"NUMBER(10,2)": "1.5",
	"NUMBER(38,0)": "7",
	FLOAT: "0.5",
	BOOLEAN: "TRUE",
};

function columnSql(
	name: string,
	{ type, extra }: ColumnSpec,
	names: (id: string) => string,
): string {
	const literal = DEFAULTS[type];
	switch (extra) {
		case "none":
			return `${name} ${type}`;
		case "comment":
			return `${name} ${type} COMMENT 'what it''s for'`;
		case "default":
			return literal ? `${name} ${type} DEFAULT ${literal}` : `${name} ${type}`;
		case "never null":
			return literal ? `${name} ${type} NOT NULL DEFAULT ${literal}` : `${name} ${type}`;
		case "unique":
			return type === "VARIANT" ? `${name} ${type}` : `${name} ${type} UNIQUE`;
		case "masked":
			return type.startsWith("VARCHAR")
				? `${name} ${type} MASKING POLICY ${names("MASK")}`
				: `${name} ${type}`;
		case "numbered":
			return type === "NUMBER(38,0)"
				? `${name} ${type} DEFAULT ${names("NUMBERS")}.NEXTVAL`
				: `${name} ${type}`;
	}
}

const COPIES = [
	"SELECT $1, METADATA$FILENAME FROM",
	"SELECT $1::NUMBER, METADATA$FILENAME FROM",
	"SELECT t.$1, METADATA$FILENAME FROM",
];

/** What structural changes ask for, with everything that a project can be asked about it. */
export interface Asked {
	readonly renamed: ReadonlySet<string>;
	readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
	readonly copy: number;
	readonly moved: boolean;
	/** Streams that are append-only where they were not, and the other way round. */
	readonly turned: ReadonlySet<string>;
	/** Tasks that come after another than the usual one; null: after none. */
	readonly links: ReadonlyMap<string, string | null>;
}

/** One of some things, by a number of any size. */
export function pick<T>(items: readonly T[], n: number): T | undefined {
	return items[n % Math.max(1, items.length)];
}

/** A stream's source: a table or a view. */
function sourceId(spec: Pipeline, source: number): string {
	const ids = [...spec.tables.map((_, i) => `T${i}`), ...spec.views.map((_, i) => `V${i}`)];
	return pick(ids, source) ?? "T0";
}

function taskItems(spec: Pipeline, asked: Asked, names: (id: string) => string): readonly Item[] {
	return spec.streams.flatMap(({ consumer: { form, state } }, i): readonly Item[] => {
		if (form === "nobody") return [];
		const read = `INSERT INTO ${names(`OUT${i}`)} SELECT ID::VARCHAR, METADATA$ACTION, METADATA$ISUPDATE::VARCHAR FROM ${names(`S${i}`)}`;
		const needs = [`OUT${i}`, `S${i}`];
		const task = (
			id: string,
			after: string | null,
			more: readonly string[],
			clauses: string,
			body: string,
		): Item => {
			const link = asked.links.has(id) ? (asked.links.get(id) ?? null) : after;
			const starts = link === null ? clauses || "SCHEDULE = '60 MINUTES'" : `AFTER ${names(link)}`;
			return {
				id,
				kind: "TASK",
				name: names(id),
				needs: [...more, ...(link === null ? [] : [link])],
				sql: `CREATE TASK ${names(id)} WAREHOUSE = COMPUTE_WH ${starts} AS ${body};\n${state === "declared" ? `ALTER TASK ${names(id)} RESUME;\n` : ""}`,
			};
		};
		if (form === "in a graph")
			return [
				task(`ROOT${i}`, null, [], "", "SELECT 1"),
				task(`READ${i}`, `ROOT${i}`, needs, "", read),
				task(`LAST${i}`, `READ${i}`, [], "", "SELECT 2"),
			];
		const when = `WHEN SYSTEM$STREAM_HAS_DATA('${names(`S${i}`)}')`;
		return [
			task(
				`READ${i}`,
				null,
				needs,
				form === "alone" ? "" : `SCHEDULE = '60 MINUTES' ${when}`,
				read,
			),
		];
	});
}

/** The objects of a pipeline in a database, as they are asked for. */
export function itemsOf(spec: Pipeline, asked: Asked, database: string): readonly Item[] {
	const names = (id: string): string => (asked.renamed.has(id) ? `${id}_NEW` : id);
	const hint = (id: string): string => (asked.renamed.has(id) ? `-- renamed from: ${id}\n` : "");
	const item = (kind: string, id: string, needs: readonly string[], sql: string): Item => ({
		id,
		kind,
		name: names(id),
		needs,
		sql: `${hint(id)}${sql};\n`,
	});
	const tables = spec.tables.map(({ columns, key, transient }, i) => {
		const id = `T${i}`;
		const renamed = asked.columns.get(id);
		const list = columns.map((column, c) => {
			const name = renamed?.get(`C${c}`) ?? `C${c}`;
			const line = `  ${columnSql(name, column, names)}`;
			return name === `C${c}` ? line : `  -- renamed from: C${c}\n${line}`;
		});
		const all = [
			`  ID NUMBER(38,0)${key === "primary" ? " PRIMARY KEY" : ""}`,
			...(i === 0 ? ["  FILE VARCHAR"] : []),
			...list,
		].join(",\n");
		const needs = columns.flatMap(({ extra }) =>
			extra === "masked" ? ["MASK"] : extra === "numbered" ? ["NUMBERS"] : [],
		);
		const words = transient ? "CREATE TRANSIENT TABLE" : "CREATE TABLE";
		return item(
			"TABLE",
			id,
			needs,
			`${words} ${names(id)} (\n${all}\n)${key === "clustered" ? " CLUSTER BY (ID)" : ""}`,
		);
	});
	const views = spec.views.map(({ table, star, secure }, i) => {
		const id = `V${i}`;
		const from = `T${table % spec.tables.length}`;
		return item(
			"VIEW",
			id,
			[from],
			`CREATE ${secure ? "SECURE " : ""}VIEW ${names(id)} AS SELECT ${star ? "*" : "ID"} FROM ${names(from)}`,
		);
	});
	const streams = spec.streams.flatMap(({ source, appendOnly }, i) => {
		const on = sourceId(spec, source);
		return [
			item(
				"TABLE",
				`OUT${i}`,
				[],
				`CREATE TABLE ${names(`OUT${i}`)} (ID VARCHAR, ACTION VARCHAR, ISUPDATE VARCHAR)`,
			),
			item(
				"STREAM",
				`S${i}`,
				[on],
				`CREATE STREAM ${names(`S${i}`)} ON ${on.startsWith("T") ? "TABLE" : "VIEW"} ${names(on)}${appendOnly === asked.turned.has(`S${i}`) ? "" : " APPEND_ONLY = TRUE"}`,
			),
		];
	});
	const { integration, format } = spec.stage;
	const folder = asked.moved ? "arrival" : "landing";
	const link = integration ? ` STORAGE_INTEGRATION = ${names("S3")}_${database}` : "";
	return [
		item("FILE FORMAT", "LINES", [], `CREATE FILE FORMAT ${names("LINES")} TYPE = CSV`),
		item("SEQUENCE", "NUMBERS", [], `CREATE SEQUENCE ${names("NUMBERS")}`),
		item(
			"MASKING POLICY",
			"MASK",
			[],
			`CREATE MASKING POLICY ${names("MASK")} AS (VAL VARCHAR) RETURNS VARCHAR -> CASE WHEN CURRENT_ROLE() = 'ACCOUNTADMIN' THEN VAL ELSE '***' END`,
		),
		...(integration
			? [
					{
						id: "S3",
						kind: "STORAGE INTEGRATION",
						name: `${names("S3")}_${database}`,
						needs: [],
						sql: `${asked.renamed.has("S3") ? `-- renamed from: S3_${database}\n` : ""}CREATE STORAGE INTEGRATION ${names("S3")}_${database} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/lake' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/', 's3://acme-lake/');\n`,
					},
				]
			: []),
		item("STAGE", "FILES", [], `CREATE STAGE ${names("FILES")}`),
		item(
			"STAGE",
			"LANDING",
			[...(integration ? ["S3"] : []), ...(format === "named" ? ["LINES"] : [])],
			`CREATE STAGE ${names("LANDING")} URL = 's3://lake/${database}/${folder}/'${link} FILE_FORMAT = ${format === "named" ? `(FORMAT_NAME = '${names("LINES")}')` : "(TYPE = CSV)"}`,
		),
		...tables,
		...views,
		...streams,
		...taskItems(spec, asked, names).map((task) => ({
			...task,
			sql: `${hint(task.id)}${task.sql}`,
		})),
		item(
			"PIPE",
			"LOAD",
			["LANDING", "T0"],
			`CREATE PIPE ${names("LOAD")} AUTO_INGEST = TRUE AS\nCOPY INTO ${names("T0")} (ID, FILE) FROM (${pick(COPIES, asked.copy)} @${names("LANDING")}/orders/ t)`,
		),
		...(spec.pipe.paused === "declared"
			? [
					{
						id: "LOAD paused",
						kind: "",
						name: "",
						needs: ["LOAD"],
						sql: `ALTER PIPE ${names("LOAD")} SET PIPE_EXECUTION_PAUSED = TRUE;\n`,
					},
				]
			: []),
	];
}
