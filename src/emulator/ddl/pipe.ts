import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { Statement } from "../../parse/statement.ts";
import { compilationError } from "../account/errors.ts";
import { contextIn } from "../account/scope/scope.ts";
import { unsupported } from "../error.ts";
import { forgetPipe, markAnnounced, pipeFiles, refreshPipe } from "../load/pipe-queue.ts";
import { pipeProperties, pipeSettings } from "../load/pipe-settings.ts";
import { executionState, setPaused } from "../load/pipe-status.ts";
import {
	booleanValue,
	invalidProperty,
	invalidValue,
	type Property,
	positionOf,
	readProperties,
	refuseDuplicates,
	stringValue,
	takeProperties,
} from "../load/property-list.ts";
import type { CatalogObject, Context, Kind, Result } from "../types.ts";
import { commentOf, createObject, DONE, SCHEMA_OBJECT, shown } from "./lifecycle.ts";
import { changePipe, errorIntegration, readPipe } from "./pipe-create.ts";
import { textResult } from "./result.ts";
import { describeAsShown } from "./shown.ts";

const OWNER = "PIPE";

async function refresh(
	context: Context,
	pipe: CatalogObject,
	properties: readonly Property[],
): Promise<Result> {
	let prefix: string | undefined;
	let modifiedAfter: number | undefined;
	for (const property of properties) {
		if (property.name === "PREFIX") prefix = stringValue(property);
		else if (property.name === "MODIFIED_AFTER") {
			modifiedAfter = Date.parse(stringValue(property));
			if (Number.isNaN(modifiedAfter)) throw invalidValue(property);
		} else throw invalidProperty(property, OWNER);
	}
	const state = executionState(context, pipe);
	if (state.startsWith("STOPPED") || state === "STALLED_STAGE_PERMISSION_ERROR")
		throw compilationError(
			"002126",
			"0A000",
			`Pipe ${pipe.name} cannot be refreshed: it is ${state}.`,
		);
	const files = await refreshPipe(context, pipe, {
		...(prefix !== undefined && { prefix }),
		...(modifiedAfter !== undefined && { modifiedAfter }),
	});
	return textResult(
		["File", "Status"],
		files.map((file) => [file, "SENT"]),
	);
}

async function alter(
	context: Context,
	statement: Statement & { verb: "ALTER" },
	pipe: CatalogObject,
): Promise<Result> {
	const rest = statement.rest();
	const token = rest.peek();
	if (rest.take("REFRESH")) return refresh(contextIn(context, pipe), pipe, readProperties(rest));
	if (rest.looksAt("SET", "TAG") || rest.looksAt("UNSET", "TAG"))
		throw unsupported("tags on PIPE", token && positionOf(rest, token));
	await context.lock(pipe.id, "define");
	let object = pipe;
	if (rest.take("UNSET")) {
		do {
			const at = rest.peek();
			const name = rest.expectIdentifier("a property");
			if (name === "COMMENT") object = { ...object, comment: null };
			else if (name === "ERROR_INTEGRATION")
				object = { ...object, properties: { ...object.properties, errorIntegration: null } };
			else if (name === "PIPE_EXECUTION_PAUSED") object = await setPaused(context, object, false);
			else
				throw invalidProperty(
					{
						name,
						value: { type: "string", text: "" },
						at: at ? positionOf(rest, at) : { line: 1, pos: 0 },
					},
					OWNER,
				);
		} while (rest.take(","));
		if (!rest.done) throw rest.error(", or the end of the statement");
	} else {
		rest.expect("SET");
		const properties = readProperties(rest);
		refuseDuplicates(properties, OWNER);
		for (const property of properties) {
			if (property.name === "COMMENT")
				object = { ...object, comment: commentOf(stringValue(property)) };
			else if (property.name === "ERROR_INTEGRATION") {
				const name = errorIntegration(context, property);
				object = { ...object, properties: { ...object.properties, errorIntegration: name } };
			} else if (property.name === "PIPE_EXECUTION_PAUSED")
				object = await setPaused(context, object, booleanValue(property));
			else throw invalidProperty(property, OWNER);
		}
	}
	await context.catalog.update(object);
	return DONE;
}

/** A pipe. https://docs.snowflake.com/en/sql-reference/sql/create-pipe */
export const pipe: Kind = {
	kind: "PIPE",
	plural: "PIPES",
	level: "schema",
	async create(context, statement) {
		const rest = statement.rest();
		const properties = takeProperties(rest);
		rest.expect("AS");
		const orAlter = statement.mode === "or alter";
		// Names in the COPY mean what they mean in the pipe's schema, where it will run.
		const inside = (name: readonly string[]): Context =>
			contextIn(context, {
				database: name[0],
				schema: name[1],
			} as CatalogObject);
		return createObject(context, pipe, statement, {
			label: "Pipe",
			async define(name) {
				const { settings, comment } = await readPipe(inside(name), properties, rest, orAlter);
				return { comment: commentOf(comment), properties: pipeProperties(settings) };
			},
			async change(existing) {
				const name = [existing.database, existing.schema].map(String);
				await changePipe(context, existing, await readPipe(inside(name), properties, rest, true));
			},
			async created(object) {
				if (!pipeSettings(object).autoIngest) return;
				// Files that are there already were announced before anybody listened.
				const within = contextIn(context, object);
				const { location, files } = await pipeFiles(within, object);
				await markAnnounced(within, object, location, files);
			},
		});
	},
	alter,
	/** https://docs.snowflake.com/en/sql-reference/sql/grant-ownership#usage-notes */
	async transfer(_context, object) {
		if (!pipeSettings(object).paused)
			throw compilationError(
				"002126",
				"0A000",
				`Pipe ${object.name} must be paused before its ownership is transferred.`,
			);
	},
	async dropped(context, object) {
		await forgetPipe(context, object);
	},
	show: [
		...SCHEMA_OBJECT,
		shown("definition", (object) => pipeSettings(object).definition),
		shown("owner", (object) => object.owner),
		shown("notification_channel", (object) => pipeSettings(object).channel),
		shown("comment", (object) => object.comment),
		shown("integration", (object) => pipeSettings(object).integration?.name ?? null),
		shown("pattern", (object) => pipeSettings(object).pattern),
		shown("error_integration", (object) => pipeSettings(object).errorIntegration),
		shown("owner_role_type", () => "ROLE"),
		shown("invalid_reason", (object, context) => {
			const state = executionState(context, object);
			return /^(?:STOPPED|STALLED)/.test(state) ? state : null;
		}),
		shown("kind", () => "STAGE"),
	],
	describe: (context, object) => describeAsShown(pipe, context, object),
	async ddl(_context, object) {
		const settings = pipeSettings(object);
		const parts = [`create or replace pipe ${formatIdentifier(object.name)}`];
		parts.push(`auto_ingest=${settings.autoIngest}`);
		if (settings.errorIntegration !== null)
			parts.push(`error_integration=${formatIdentifier(settings.errorIntegration)}`);
		if (settings.snsTopic !== null) parts.push(`aws_sns_topic=${formatString(settings.snsTopic)}`);
		if (settings.integration !== null)
			parts.push(`integration=${formatString(settings.integration.name)}`);
		if (object.comment !== null) parts.push(`comment=${formatString(object.comment)}`);
		return `${parts.join(" ")} as ${settings.definition};`;
	},
};
