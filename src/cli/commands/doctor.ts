import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { prepareLogin } from "../../connection/credentials.ts";
import { reach } from "../../connection/reach.ts";
import { describeSource } from "../../connection/resolve-connection.ts";
import { EXIT } from "../../diagnostics/diagnostic.ts";
import { examine, type Finding, type Patient } from "../../operate/doctor.ts";
import type { Environment } from "../../project/environment.ts";
import type { Command, CommandContext } from "../command.ts";
import { type Access, openAccess, resolveAccess, servingPort } from "../connect.ts";
import { environmentOf, loadDesired } from "../load.ts";
import { makePlanOn } from "../planning.ts";

type Local = Extract<Environment["connection"], { kind: "emulator" }>;

function localStatus(dir: string, { path }: Local): string {
	const directory = resolve(dir, path);
	const serving = servingPort(directory);
	if (serving) return `${path} is served on port ${serving.port} by process ${serving.pid}`;
	return existsSync(directory)
		? `${path} is served by nobody; each command opens it for itself`
		: `${path} does not exist yet; the first command makes it`;
}

/** What the doctor looks at, and how to put it away again. */
function patientOf(context: CommandContext): Patient & { close(): Promise<void> } {
	const dir = resolve(context.globals.dir);
	const { env } = context.streams;
	let access: Access | undefined;
	return {
		environment: () => environmentOf(context.globals),
		source(environment) {
			const { connection, file } = environment;
			if (connection.kind === "emulator")
				return { summary: `the local account, named in ${file}`, lines: [], warnings: [] };
			const resolved = resolveAccess(dir, environment, env);
			const summary =
				connection.kind === "named"
					? `connection ${connection.name}, named in ${file}`
					: `options in ${file}`;
			return { summary, lines: describeSource(resolved), warnings: resolved.warnings };
		},
		credentials(environment) {
			if (environment.connection.kind === "emulator") return "none needed";
			const { authenticator, username } = prepareLogin(
				resolveAccess(dir, environment, env).options,
				env,
			);
			return `authenticator ${authenticator}${username === undefined ? "" : `, user ${username}`}`;
		},
		async reach(environment) {
			const { connection } = environment;
			if (connection.kind === "emulator") return localStatus(dir, connection);
			return reach(resolveAccess(dir, environment, env).options, env);
		},
		async connect(environment) {
			access = await openAccess(dir, environment, env);
			return access.connector.connect({});
		},
		plan(connection) {
			const loaded = loadDesired(context.globals);
			if (!access) throw new Error("the plan is made on an open connection");
			return makePlanOn(context, loaded, access, connection, []);
		},
		close: async () => access?.close(),
	};
}

const MARKS = { ok: "✓", failed: "✗", warning: "!", skipped: "-" } as const;

function show(context: CommandContext, findings: readonly Finding[]): void {
	const { chalk } = context.terminal;
	const tones = { ok: chalk.green, failed: chalk.red, warning: chalk.yellow, skipped: chalk.dim };
	const width = Math.max(...findings.map(({ check }) => check.length));
	for (const { check, status, summary, detail = [], hint } of findings) {
		context.terminal.out(`${tones[status](MARKS[status])} ${check.padEnd(width)}  ${summary}`);
		const indent = " ".repeat(width + 4);
		if (status !== "ok" || check === "connection" || context.globals.verbose)
			for (const line of detail) context.terminal.out(`${indent}${chalk.dim(line)}`);
		if (hint !== undefined) context.terminal.out(`${indent}${chalk.bold("to do")}: ${hint}`);
	}
}

/** Checks everything a deployment needs, and says in words what is wrong and what to do. */
export const doctorCommand: Command = {
	name: "doctor",
	summary: "check connection, account, roles and the privileges the plan needs",
	async run(context) {
		const patient = patientOf(context);
		try {
			const { findings, exitCode } = await examine(patient);
			if (context.globals.json)
				context.terminal.out(
					JSON.stringify({ healthy: exitCode === EXIT.ok, exitCode, findings }, null, 2),
				);
			else show(context, findings);
			return exitCode;
		} finally {
			await patient.close();
		}
	},
};
