import { HAZARDS, type HazardCode } from "../model/hazard.ts";

/** What a hazard means, in the four questions a person has. */
export interface HazardHelp {
	/** What change raises it. */
	readonly cause: string;
	/** What Snowflake then does. */
	readonly effect: string;
	/** What the plan does so that it need not come to that. */
	readonly avoided: string;
	/** What to do before accepting it. */
	readonly advice: string;
}

/** One page for each hazard; a code without one does not compile. */
export const HAZARD_HELP: Readonly<Record<HazardCode, HazardHelp>> = {
	DATA_LOSS: {
		cause:
			"A table, a column, an internal stage or a container with data in it is dropped or made anew.",
		effect:
			"Rows go; Time Travel keeps them for the retention time, under a name that is then taken. Files of an internal stage cannot be brought back.",
		avoided:
			"Whatever ALTER can do is altered; a column that it cannot change is substituted, a table made anew with its rows; a rename is a rename when `-- renamed from:` says so. A table under a masking or row access policy is neither substituted nor copied: what the policy hides from the role that does it would be gone, and no permit accepts that.",
		advice:
			"Copy what you need first (CREATE TABLE … CLONE, COPY INTO @stage), or write a migration that moves it.",
	},
	DATA_REWRITE: {
		cause:
			"A change that neither ALTER nor another column can bring about makes the table anew: TRANSIENT, AUTOINCREMENT.",
		effect:
			"Every row is copied to a new table, which is compared with the old one and swapped with it. That takes warehouse time, and the table's history before it is not reachable under the new table.",
		avoided:
			"In-place forms of ALTER are always preferred, then another column that takes the old one's place. Rows that somebody writes meanwhile are found, and the change is given up; the old table goes only when nothing is missing.",
		advice: "Run it when the table is quiet, on a warehouse of the right size.",
	},
	NARROWING: {
		cause: "A column's type gets smaller, values are rounded or cut, or it may no longer be NULL.",
		effect:
			"Snowflake refuses when a row does not fit; Time Travel cannot restore rows that did not fit (alter-table-column).",
		avoided:
			"Values that do not become the new type are counted before anything is touched; only what the message says is rounded or cut.",
		advice: "Count the rows that would not fit before you accept it.",
	},
	OBJECT_DROPPED: {
		cause: "Its CREATE is no longer in the files, and this project's ledger has it.",
		effect: "The object is dropped; what depends on it by name fails when it next runs.",
		avoided:
			"Objects the project never made or adopted are not touched. `-- protect` refuses the drop outright.",
		advice: "`snowline forget NAME` stops managing an object without dropping it.",
	},
	STREAM_OFFSET_LOST: {
		cause:
			"A stream is made anew, gets another name, or is dropped, while it may hold changes that nobody has read.",
		effect: "Unread changes are lost, or come out differently; streams have no Time Travel.",
		avoided:
			"A stream that a running task reads is drained first and made anew at its own position, which is proven to be the same; one with a new name begins where the old one stands. On another source, on a stage, and where the stream is stale no position can be taken over.",
		advice: "Let its consumer run until SELECT COUNT(*) FROM the stream is 0, then apply.",
	},
	STREAM_STALE: {
		cause: "What a stream reads from is made anew or dropped.",
		effect: "The stream cannot be read any more; changes not read until then are lost.",
		avoided: "Streams of this project on it are drained and made anew in the same plan.",
		advice: "Read the stream before, and make anew those that other projects own.",
	},
	PIPE_HISTORY_LOST: {
		cause:
			"A pipe is dropped, or made anew where its files cannot be told apart: it reads from another path, stage or PATTERN afterwards, has no AUTO_INGEST, or has stopped; or files wait in it that are older than seven days.",
		effect:
			"The load history is the pipe's: the new one does not know what the old one loaded, so a REFRESH or a repeated event loads files twice; what waited in the old one is not loaded.",
		avoided:
			"Otherwise the pipe is paused, its load history is kept in the journal, the stage is listed, and what was not loaded is refreshed by prefixes that match no loaded file. Every file is then shown to be loaded once.",
		advice:
			"Let the pipe load what waits (SYSTEM$PIPE_STATUS), or load it with COPY INTO, and apply then.",
	},
	PIPE_BROKEN: {
		cause:
			"The stage, table or file format under a pipe of somebody else is made anew, moved, renamed or dropped; or a column goes that a pipe, whoever it belongs to, loads by its name or its place.",
		effect:
			"The pipe stops (STOPPED_STAGE_DROPPED, STOPPED_STAGE_ALTERED, STOPPED_FILE_FORMAT_DROPPED); or its COPY fails, or puts values into other columns.",
		avoided:
			"Pipes of this project are made anew in the same plan; a COPY that follows the column is no hazard.",
		advice:
			"Write the COPY anew in the same plan; a pipe of somebody else has to be created again.",
	},
	EXTERNAL_TABLE_BROKEN: {
		cause: "The stage or file format of an external table is made anew.",
		effect: "The external table is bound to the old one by a hidden id and cannot be queried.",
		avoided: "What can be altered is altered.",
		advice: "Create the external table again afterwards.",
	},
	STAGE_UNLINKED: {
		cause: "A storage integration is made anew.",
		effect: "Stages are bound to it by a hidden id and lose access until they are linked again.",
		avoided: "Every stage of this project is linked again in the same plan.",
		advice: "Stages in other databases need ALTER STAGE … SET STORAGE_INTEGRATION.",
	},
	TRUST_BROKEN: {
		cause: "A storage integration gets another external id.",
		effect: "The cloud role's trust policy no longer matches, and no file can be read.",
		avoided: "The external id of the old integration is kept in the new one where it is known.",
		advice: "Change the trust policy to the new external id (DESC INTEGRATION) at the same time.",
	},
	DIRECTORY_RESET: {
		cause: "A stage with a directory table is made anew, or its directory is turned off.",
		effect: "The directory table is empty until it is refreshed; streams on it break.",
		avoided: "ENABLE is altered in place.",
		advice: "Run ALTER STAGE … REFRESH afterwards.",
	},
	TASK_LINKS_LOST: {
		cause: "A task that others come after is dropped, or given to another owner.",
		effect: "Its children lose their link and become suspended roots.",
		avoided: "Children of this project are re-parented before the drop.",
		advice: "Link the children of others again with ALTER TASK … ADD AFTER.",
	},
	GRANTS_LOST: {
		cause:
			"An object is made anew where its grants cannot be carried over: those to applications, and of a schema or database those on everything in it and its future grants.",
		effect: "Roles and shares lose their access to it.",
		avoided:
			"COPY GRANTS where the kind has it; otherwise grants are read before and given again after.",
		advice: "Grant again afterwards, or declare the grants.",
	},
	ACCESS_REVOKED: {
		cause: "A GRANT is no longer declared, and the ledger has it.",
		effect: "The role loses the privilege.",
		avoided: "Grants the project never made are not touched, unless their role is in manage.roles.",
		advice: "Make sure that nobody works with it.",
	},
	OWNERSHIP_CHANGED: {
		cause: "An object gets another owner.",
		effect:
			"Tasks are suspended, pipes need a forced resume, and the new owner's privileges are what its code runs with.",
		avoided: "An owner is compared only where it is declared.",
		advice: "Check that the new owner can read and write what the object needs.",
	},
	PROTECTION_LOST: {
		cause: "A masking or row access policy is taken off, or an object is made anew without it.",
		effect: "Data becomes visible that was not.",
		avoided:
			"Policies are stated again in every replacement. Only a dated permit for the object accepts this, never a flag.",
		advice: "Have it approved by whoever owns the data.",
	},
	SEQUENCE_RESET: {
		cause: "A sequence is made anew.",
		effect: "It counts from its start again, and hands out numbers a second time.",
		avoided:
			"INCREMENT, ORDER and the comment are altered in place; START means something at creation only.",
		advice: "Start the new one above the highest number in use.",
	},
	LOAD_HISTORY_LOST: {
		cause: "A table is made anew.",
		effect: "COPY INTO no longer knows which files it loaded into it, and loads them again.",
		avoided: "What ALTER can do is altered.",
		advice: "Do not run COPY over old files afterwards.",
	},
	TIME_TRAVEL_LOST: {
		cause: "A table is made anew.",
		effect: "Earlier states can be reached only by renaming the new one and UNDROP.",
		avoided: "What ALTER can do is altered.",
		advice: "Clone the table first if its past matters.",
	},
	LOCKOUT: {
		cause:
			"The change takes from the deploying user what it needs itself: a network rule, a role, its warehouse.",
		effect: "The next deployment cannot log in or run.",
		avoided: "Only a dated permit for the object accepts this, never a flag.",
		advice: "Keep a second way in.",
	},
	TASK_GRAPH_PAUSE: {
		cause: "A task of a running graph changes.",
		effect:
			"Its root is suspended meanwhile; runs that fall into that time are missed, and an interval counts anew.",
		avoided: "The root is suspended once, last of all given back its state, also after a failure.",
		advice: "Nothing; apply outside the busy minutes if a missed run matters.",
	},
	PIPE_RELOAD_WINDOW: {
		cause: "A pipe is made anew.",
		effect:
			"It is paused meanwhile; files that arrive wait, and files of the last seven days that came after the pipe was made and were not loaded are refreshed.",
		avoided: "It is paused for that time only, and a paused pipe stays paused.",
		advice: "Nothing.",
	},
	STREAM_FLOOD: {
		cause: "A change writes rows of a table again.",
		effect: "Every rewritten row appears as a change in the streams on it.",
		avoided: "In-place changes write nothing.",
		advice: "Make sure consumers stand the volume.",
	},
	FUTURE_GRANTS_SKIPPED: {
		cause: "An object is made anew with COPY GRANTS.",
		effect: "Future grants of its schema do not apply to it; it has the grants it had.",
		avoided: "The grants it had are what counts.",
		advice: "Nothing, unless a future grant was made after the object was.",
	},
	COST: {
		cause:
			"The change makes Snowflake do work that is paid for: a bigger warehouse, a full recomputation.",
		effect: "Credits are used.",
		avoided: "It is only done when declared.",
		advice: "Look at the size and the schedule.",
	},
	LOCKS_TABLE: {
		cause: "Change tracking is turned on, or the first stream on a view is created.",
		effect: "The table is locked while that runs.",
		avoided: "It happens once.",
		advice: "Apply when nobody writes for long.",
	},
	SECRET_UNCOMPARED: {
		cause: "A secret's value is not in this environment, or was never applied by this project.",
		effect: "Whether it differs from the account cannot be told, and no change is planned for it.",
		avoided: "The ledger holds a salted hash of every secret that was applied.",
		advice: "Set the environment variable that the template names, and plan again.",
	},
};

function page(code: HazardCode): readonly string[] {
	const help = HAZARD_HELP[code];
	return [
		`## ${code}`,
		"",
		HAZARDS[code] === "refuse"
			? "Refused until it is accepted."
			: "A notice: shown, never in the way.",
		"",
		`- **Cause.** ${help.cause}`,
		`- **What happens.** ${help.effect}`,
		`- **How the plan avoids it.** ${help.avoided}`,
		`- **What to do.** ${help.advice}`,
		"",
	];
}

/** The page of one hazard. */
export function hazardPage(code: HazardCode): string {
	return page(code).join("\n");
}

/** docs/hazards.md: every hazard, in the order of the list. */
export function hazardsPage(): string {
	const codes = Object.keys(HAZARDS) as HazardCode[];
	const head = [
		"# Hazards",
		"",
		"What a change can lose or cost. `apply` refuses a plan with hazards of level *refuse* (exit 3) until a flag, `--allow-hazards CODE`,",
		"or a permit in the environment accepts them; notices are shown and never in the way. `snowline explain CODE` shows one page.",
		"",
	];
	return [...head, ...codes.flatMap(page)].join("\n");
}
