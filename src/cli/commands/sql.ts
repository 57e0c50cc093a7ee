import { DeployError, EXIT } from "../../diagnostics/diagnostic.ts";
import { textSource } from "../../diagnostics/source.ts";
import type { QueryResult } from "../../model/port.ts";
import { parse, type Statement } from "../../parse/statement.ts";
import type { Command } from "../command.ts";
import { environmentOf } from "../load.ts";
import { withAccess } from "../planning.ts";
import { answer } from "../table.ts";

const READING = new Set([
	"SELECT",
	"WITH",
	"SHOW",
	"DESCRIBE",
	"DESC",
	"LIST",
	"LS",
	"EXPLAIN",
	"USE",
	"(",
]);

function reads(statement: Statement): boolean {
	return (
		statement.verb === "DESCRIBE" || (statement.verb === "OTHER" && READING.has(statement.first))
	);
}

/** Runs SQL and prints its rows. Outside the local account it only reads. */
export const sqlCommand: Command = {
	name: "sql",
	args: "<statement>",
	summary: "run a query and print a table (reading only, except on the local account)",
	async run(context, [text = ""]) {
		const environment = environmentOf(context.globals);
		const source = textSource("the statement", text);
		const statements = parse(source, []);
		const writing = statements.find((s) => !reads(s));
		if (writing && environment.connection.kind !== "emulator")
			throw new DeployError(EXIT.usage, {
				severity: "error",
				code: "READ_ONLY",
				summary: `${environment.name} is only read by this command`,
				hint: "changes go through plan and apply, or a migration",
			});
		return withAccess(context, { environment }, async (access) => {
			const connection = await access.connector.connect({});
			try {
				const { database, schema } = environment.context;
				if (database !== undefined)
					await connection
						.execute(`USE SCHEMA "${database}"."${schema ?? "PUBLIC"}"`)
						.catch(() => undefined);
				let result: QueryResult | undefined;
				for (const s of statements)
					result = await connection.execute(source.text.slice(s.span.start, s.span.end));
				if (result)
					context.terminal.out(
						context.globals.json
							? JSON.stringify(result.rows, null, 2)
							: answer(result.columns, result.rows, context.terminal.width),
					);
			} finally {
				await connection.close();
			}
			return EXIT.ok;
		});
	},
};
