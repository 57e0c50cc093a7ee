import { formatIdentifier, formatName, formatString } from "../../model/identifier.ts";
import { oneOf, requires } from "../define/constraint.ts";
import { defineObjectType } from "../define/object-type.ts";
import { privileges } from "../define/privilege.ts";
import { comment, flag, reference, setting, text } from "../define/properties.ts";
import type { EventName } from "../define/property.ts";
import { readDdl } from "../define/read-create.ts";
import { given, shown } from "../define/rows.ts";
import { namesByPosition } from "../shared/positions.ts";
import { copyStatement } from "./copy-statement.ts";
import { hasStopped, pausedOrNot, pauseWaits, pipeRecipe } from "./recipe.ts";

/** What a pipe does not survive: it holds its stage by a hidden id, and does not follow what is renamed. */
const BREAKING: Readonly<Record<string, readonly EventName[]>> = {
	STAGE: ["identityLost", "relocated", "renamed", "dropped"],
	TABLE: ["identityLost", "renamed", "dropped"],
	"FILE FORMAT": ["identityLost", "renamed", "dropped"],
	"NOTIFICATION INTEGRATION": ["identityLost", "dropped"],
};

/** The files' own names of columns decide where values go. */
const MATCHES_BY_NAME = /\bMATCH_BY_COLUMN_NAME\s*=\s*'?CASE_/i;

function breaks(kind: string, event: EventName): boolean {
	return BREAKING[kind]?.includes(event) ?? false;
}

/**
 * A pipe loads files with one COPY statement.
 *
 * SHOW PIPES tells everything but AUTO_INGEST and AWS_SNS_TOPIC, which GET_DDL has. Recreating a pipe
 * loses its load history, and only its comment, error integration and pause can be altered.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-pipe
 * https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
 */
export const pipe = defineObjectType({
	kind: "PIPE",
	level: "schema",
	page: "sql-reference/sql/create-pipe",
	properties: [
		flag("AUTO_INGEST", { change: "replace", default: false }),
		reference("ERROR_INTEGRATION", "NOTIFICATION INTEGRATION", "account", {
			change: "alter",
			default: null,
		}),
		text("AWS_SNS_TOPIC", { change: "replace", unset: "replace", default: null }),
		reference("INTEGRATION", "NOTIFICATION INTEGRATION", "account", {
			change: "replace",
			unset: "replace",
			default: null,
			print: "string",
		}),
		setting(
			flag("PIPE_EXECUTION_PAUSED", {
				change: "alter",
				compare: "declared",
				default: false,
				late: true,
			}),
		),
		comment(),
		copyStatement(),
	],
	constraints: [
		oneOf("AWS_SNS_TOPIC", "INTEGRATION"),
		requires("AWS_SNS_TOPIC", { AUTO_INGEST: true }),
		requires("INTEGRATION", { AUTO_INGEST: true }),
	],
	rename: "refused",
	grants: { privileges: privileges("APPLYBUDGET", "MONITOR", "OPERATE") },
	read: {
		show: "PIPES",
		row(row) {
			// Snowflake makes pipes of its own for streaming ingestion; only stage pipes are ours.
			if (given(row.kind) !== null && row.kind !== "STAGE") return undefined;
			return {
				...shown(row),
				properties: {
					COMMENT: given(row.comment),
					ERROR_INTEGRATION: given(row.error_integration),
					INTEGRATION: given(row.integration),
					COPY: row.definition ?? "",
				},
			};
		},
		details: [
			{
				per: "object",
				sql: (name) =>
					`SELECT GET_DDL('PIPE', ${formatString(name)}) AS "ddl", SYSTEM$PIPE_STATUS(${formatString(name)}) AS "status"`,
				read(rows) {
					const ddl = readDdl(pipe, rows[0]?.ddl ?? "");
					const status = JSON.parse(rows[0]?.status ?? "{}") as { executionState?: string };
					return {
						properties: {
							AUTO_INGEST: ddl.AUTO_INGEST ?? false,
							AWS_SNS_TOPIC: ddl.AWS_SNS_TOPIC ?? null,
							PIPE_EXECUTION_PAUSED: status.executionState === "PAUSED",
						},
						runtime: { executionState: status.executionState ?? null },
					};
				},
			},
		],
	},
	replaceHazards: () => [
		{
			code: "PIPE_HISTORY_LOST",
			message:
				"the new pipe does not know which files the old one loaded: files announced again are loaded twice",
		},
	],
	// What has stopped, as after a deployment that was refused behind its stage, does not run again by itself.
	outdated: (live) =>
		hasStopped(live)
			? `it has stopped for good (${String(live.runtime?.executionState)})`
			: undefined,
	recipe: pipeRecipe,
	positional: (object) => namesByPosition(String(object.properties.COPY ?? ""), object),
	dropHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message: "the pipe is dropped: files that arrive are no longer loaded",
		},
		{ code: "PIPE_HISTORY_LOST", message: "the pipe's record of loaded files goes with it" },
	],
	lost: (_object, of, event) =>
		breaks(of.kind, event)
			? [
					{
						code: "PIPE_BROKEN",
						message: `without its ${of.kind.toLowerCase()} as it was the pipe stops until it is created again, and nothing in this plan does that`,
					},
				]
			: [],
	columnsLost(object, of, gone, named) {
		const copy = String(object.properties.COPY);
		const byPlace = namesByPosition(copy, object).some(
			(n) => formatName(n) === formatName(of.name),
		);
		const lost = gone.filter(({ name, renamed }) => {
			if (named.has(name)) return true;
			return renamed === undefined ? byPlace : MATCHES_BY_NAME.test(copy);
		});
		if (lost.length === 0) return [];
		const columns = lost.map(({ name }) => formatIdentifier(name)).join(", ");
		const message = `its COPY loads ${formatName(of.name)} ${named.size > 0 ? `by a list with ${columns}` : byPlace ? `by the places of its columns, and ${columns} leaves` : `by the names in its files, and ${columns} has another one`}: write it anew in the same plan`;
		return [{ code: "PIPE_BROKEN", message }];
	},
	on: {
		STAGE: { identityLost: "replace", relocated: "replace" },
		TABLE: { identityLost: "replace" },
		"FILE FORMAT": { identityLost: "replace" },
	},
	health: {
		what: "state",
		value: ({ runtime }) =>
			typeof runtime?.executionState === "string" ? runtime.executionState : undefined,
		works: ["RUNNING"],
		rests: ["PAUSED", "READ_ONLY", "FAILING_OVER"],
		declared: ({ properties }) =>
			properties.PIPE_EXECUTION_PAUSED === true ? "PAUSED" : undefined,
		advice: (target) =>
			`SELECT SYSTEM$PIPE_STATUS(${formatString(target)}) says why; a pipe that has STOPPED is made anew, one that has STALLED goes on when what it needs is there again (ALTER PIPE ${target} REFRESH for what it missed)`,
	},
	hold: {
		targets: (object) => [object],
		capture: pausedOrNot,
		captured: "RUNNING",
		running: (target) => target.runtime?.executionState === "RUNNING",
		resumed: (target) => ({
			...target,
			properties: { ...target.properties, PIPE_EXECUTION_PAUSED: false },
			runtime: {
				...target.runtime,
				executionState: hasStopped(target) ? (target.runtime?.executionState ?? null) : "RUNNING",
			},
		}),
		hold: (target) => [`ALTER PIPE ${target} SET PIPE_EXECUTION_PAUSED = TRUE`],
		waits: pauseWaits,
		release: (target) => [`ALTER PIPE ${target} SET PIPE_EXECUTION_PAUSED = FALSE`],
		needs: (change) => change.action === "replace",
		hazard: {
			code: "PIPE_RELOAD_WINDOW",
			message: "files that arrive meanwhile wait until the pipe runs again",
		},
	},
});
