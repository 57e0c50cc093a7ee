import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { textSource } from "../../src/diagnostics/source.ts";
import { parseDataType } from "../../src/emulator/account/data-type.ts";
import { duckdbType, physicalColumn, ROW_ID } from "../../src/emulator/account/storage.ts";
import { SnowflakeError } from "../../src/emulator/error.ts";
import { compileExpression, compileQuery } from "../../src/emulator/sql/compile.ts";
import { compileDml } from "../../src/emulator/sql/compile-dml.ts";
import { ANSWER_NAMES, type Answer } from "../../src/emulator/sql/dml.ts";
import { engineError } from "../../src/emulator/sql/engine-error.ts";
import { readDml, readExpression, readQuery } from "../../src/emulator/sql/parse.ts";
import { installRuntime } from "../../src/emulator/sql/runtime/install.ts";
import type { Scope, TargetTable } from "../../src/emulator/sql/scope.ts";
import type { Bind, ResultColumn, SqlType } from "../../src/emulator/types.ts";
import { Cursor } from "../../src/parse/cursor.ts";
import { lex } from "../../src/parse/lexer.ts";

/** 2024-05-01 20:30:15.250 UTC, the time of every test. */
export const NOW = Date.UTC(2024, 4, 1, 20, 30, 15, 250);

/** What a query answered: names, types and cells as text. */
export interface Answered {
	readonly names: readonly string[];
	readonly types: readonly string[];
	readonly rows: readonly (readonly (string | null)[])[];
	readonly columns: readonly ResultColumn[];
}

/** An engine with tables, and a scope over them: the compiler's only surroundings in these tests. */
export interface SqlAccount {
	readonly scope: Scope;
	readonly connection: DuckDBConnection;
	/** `table("t", "id number(38,0) not null, name varchar")`, with `default <expression>` for a default. */
	table(name: string, definition: string): Promise<void>;
	query(sql: string, binds?: readonly Bind[]): Promise<Answered>;
	/** The single cell of a query. */
	value(sql: string): Promise<string | null>;
	/** The answer of a DML statement, by column name. */
	run(sql: string): Promise<Readonly<Record<string, number>>>;
	close(): void;
}

/** A cursor over one statement. */
export function cursorOf(sql: string): Cursor {
	const source = textSource("statement", sql);
	return new Cursor(source, lex(source).tokens);
}

interface Definition {
	readonly column: TargetTable["columns"][number];
}

async function define(name: string, text: string, scope: Scope): Promise<readonly Definition[]> {
	const defined: Definition[] = [];
	for (const part of cursorOf(text).splitAt()) {
		const column = part.expectIdentifier();
		const type = parseDataType(part);
		const nullable = !part.take("NOT", "NULL");
		const expression = part.take("DEFAULT") ? readExpression(part) : undefined;
		const value = expression && (await compileExpression(expression, scope, [], type));
		if (!part.done) throw new Error(`table ${name}: cannot read ${part.takeRest().text}`);
		defined.push({
			column: {
				name: column,
				type,
				sql: physicalColumn(column),
				nullable,
				default: value?.sql,
			},
		});
	}
	return defined;
}

function cell(value: unknown): string | null {
	return value === null || value === undefined ? null : String(value);
}

/** The n-th column as text: what a driver would be given, less the wire form. */
function textColumn(index: number, type: SqlType): string {
	const name = `c${index + 1}`;
	return type.base === "TIMESTAMP_TZ"
		? `CAST(${name}.utc AS VARCHAR) || ' ' || CAST(${name}.minutes AS VARCHAR)`
		: type.base === "TIMESTAMP_LTZ"
			? `CAST(timezone('UTC', ${name}) AS VARCHAR) || 'Z'`
			: type.base === "BINARY"
				? `hex(${name})`
				: `CAST(${name} AS VARCHAR)`;
}

/** Opens an engine with nothing in it. */
export async function openSqlAccount(parameters: Record<string, string> = {}): Promise<SqlAccount> {
	const instance = await DuckDBInstance.create(":memory:");
	const connection = await instance.connect();
	installRuntime(connection);
	await connection.run("CREATE SEQUENCE row_ids");
	const tables = new Map<string, TargetTable>();
	let binds: readonly Bind[] = [];
	const missing = (name: readonly string[]): SnowflakeError =>
		new SnowflakeError(
			"002003",
			"42S02",
			`SQL compilation error:\nObject '${name.join(".")}' does not exist or not authorized.`,
		);
	const target = (name: readonly string[]): TargetTable => {
		const found = tables.get(name.at(-1) ?? "");
		if (!found) throw missing(name);
		return found;
	};
	const scope: Scope = {
		session: {
			now: NOW,
			timezone: "America/Los_Angeles",
			id: 7,
			user: "ANNA",
			role: "LOADER",
			roles: ["LOADER"],
			database: "DB",
			schema: "S",
			warehouse: undefined,
			account: "ACME",
			organization: "ORG",
			region: "AWS_EU_WEST_1",
			version: "9.1.0",
			parameter: (name) => parameters[name],
		},
		relation: (name) => target(name).relation,
		target,
		sequence: (name) =>
			name.at(-1) === "SEQ1"
				? { sql: "nextval('row_ids')", type: parseDataType(cursorOf("number")) }
				: undefined,
		bind: (name) => (typeof name === "number" ? binds[name - 1] : undefined),
	};
	let next = 0;
	const query = async (sql: string, values: readonly Bind[] = []): Promise<Answered> => {
		binds = values;
		const { sql: compiled, columns } = await compileQuery(readQuery(cursorOf(sql)), scope);
		const list = columns.map((column, i) => textColumn(i, column.type)).join(", ");
		try {
			const reader = await connection.runAndReadAll(`SELECT ${list} FROM (${compiled})`);
			return {
				names: columns.map((column) => column.name),
				types: columns.map((column) => column.type.text),
				rows: reader.getRows().map((row) => row.map(cell)),
				columns,
			};
		} catch (error) {
			throw engineError(error);
		}
	};
	return {
		scope,
		connection,
		query,
		async table(name, definition) {
			next++;
			const id = next;
			const columns = (await define(name, definition, scope)).map(({ column }) => column);
			const list = columns.map((column) => `${column.sql} ${duckdbType(column.type)}`);
			const hidden = `"${ROW_ID}" BIGINT DEFAULT nextval('row_ids')`;
			await connection.run(`CREATE TABLE t${id} (${[hidden, ...list].join(", ")})`);
			tables.set(name.toUpperCase(), {
				id,
				table: `t${id}`,
				rowId: `"${ROW_ID}"`,
				columns,
				relation: { columns, from: `t${id}`, reads: [id] },
			});
		},
		async value(sql) {
			return (await query(sql)).rows[0]?.[0] ?? null;
		},
		async run(sql) {
			const { steps, answers } = await compileDml(readDml(cursorOf(sql)), scope);
			const counts = new Map<Answer, number>();
			await connection.run("BEGIN");
			try {
				for (const step of steps) {
					const reader = await connection.runAndReadAll(step.sql);
					const count = Number(reader.getRows()[0]?.[0] ?? 0);
					if (step.counts) counts.set(step.counts, (counts.get(step.counts) ?? 0) + count);
				}
				await connection.run("COMMIT");
			} catch (error) {
				await connection.run("ROLLBACK");
				throw engineError(error);
			}
			return Object.fromEntries(answers.map((name) => [ANSWER_NAMES[name], counts.get(name) ?? 0]));
		},
		close() {
			connection.closeSync();
			instance.closeSync();
		},
	};
}
