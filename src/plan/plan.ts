import * as z from "zod";

/** Where a piece of a statement was written, so that an error in it is shown at the user's own line. */
const originSchema = z.strictObject({
	/** Offsets into the operation's `sql`. */
	start: z.int().nonnegative(),
	end: z.int().nonnegative(),
	file: z.string(),
	line: z.int().positive(),
	column: z.int().positive(),
});

/** Some cells of a row, by column. */
const cellsSchema = z.record(z.string(), z.string());

const placeSchema = { root: z.string(), pattern: z.string().optional() };

/** What an operation does with file names; names of captured values tie operations together. */
const filesSchema = z.discriminatedUnion("as", [
	/** capture of a listing: what was loaded, and what was not, before a replacement. */
	z.strictObject({
		as: z.literal("window"),
		made: z.string(),
		loads: z.string(),
		status: z.string(),
		history: z.string(),
		leaves: z.literal(true).optional(),
		refuses: z.string(),
		...placeSchema,
	}),
	/** capture of a listing: what the window holds after it. */
	z.strictObject({
		as: z.literal("listed"),
		window: z.string(),
		leaves: z.literal(true).optional(),
		...placeSchema,
	}),
	/** execute: once for each prefix of what is missing, in place of `{prefix}`. */
	z.strictObject({ as: z.literal("each"), window: z.string(), listed: z.string() }),
	/** capture: what the next replacement has to know. */
	z.strictObject({ as: z.literal("history"), window: z.string() }),
	/** check of a load history: every file once. */
	z.strictObject({
		as: z.literal("proof"),
		window: z.string(),
		listed: z.string(),
		status: z.string(),
		root: z.string(),
	}),
]);

const operationSchema = z.strictObject({
	do: z.enum(["execute", "wait", "check", "capture"]),
	/** The role it runs as; the environment's role where absent. */
	role: z.string().optional(),
	/** The schema that unqualified names in it mean, as SQL. */
	schema: z.string().optional(),
	sql: z.string(),
	/** wait and check: the answer's first cell that is waited for, or needed. */
	until: z.string().optional(),
	timeoutSeconds: z.int().positive().optional(),
	/** wait: goes on when the time is over. */
	optional: z.literal(true).optional(),
	/** check: the name of a captured value that the answer must equal. */
	sameAs: z.string().optional(),
	/** check: what a passed check shows, for the proof that is printed. */
	proves: z.string().optional(),
	/** capture: the name under which the answer's first cell is kept in the journal. */
	saveAs: z.string().optional(),
	/** capture: the whole answer is kept, as JSON. */
	all: z.literal(true).optional(),
	files: filesSchema.optional(),
	/** capture: the column kept instead of the first one. */
	column: z.string().optional(),
	/** Marks in the statement, and the captured values that stand in their places when it is sent. */
	takes: z.record(z.string(), z.string()).optional(),
	/** Runs only if the captured value is this one. */
	uses: z.strictObject({ name: z.string(), equals: z.string() }).optional(),
	/** check: rows that the answer has, or has not, by the cells that matter; `only` where it may have no others. */
	rows: z
		.strictObject({
			present: z.array(cellsSchema).optional(),
			absent: z.array(cellsSchema).optional(),
			only: z.literal(true).optional(),
		})
		.optional(),
	origin: z.array(originSchema).optional(),
});

const hazardSchema = z.strictObject({
	code: z.string(),
	level: z.enum(["refuse", "notice"]),
	object: z.string(),
	message: z.string(),
	/** The environment's permit that accepts it, on the day of the plan; apply looks again. */
	permitted: z.strictObject({ until: z.string().optional(), reason: z.string() }).optional(),
});

const changeSchema = z.strictObject({ property: z.string(), from: z.json(), to: z.json() });

const stepSchema = z.strictObject({
	id: z.string(),
	action: z.enum([
		"create",
		"alter",
		"replace",
		"drop",
		"relink",
		"drain",
		"hold",
		"check",
		"capture",
		"release",
		"prove",
		"grant",
		"migrate",
		"recover",
	]),
	kind: z.string(),
	object: z.string(),
	reason: z.string(),
	dependsOn: z.array(z.string()),
	changes: z.array(changeSchema),
	diff: z.string(),
	hazards: z.array(hazardSchema),
	operations: z.array(operationSchema),
	/** Run when the step fails or is interrupted; for `hold`, when anything fails before its release. */
	restore: z.array(operationSchema),
	/**
	 * How the step is taken back when the run ends before one of the steps of `until` has begun; without any, before
	 * the step itself is finished. After that `restore` finishes what is left, unless the step `over` is finished.
	 */
	undo: z
		.strictObject({
			until: z.array(z.string()),
			over: z.string().optional(),
			/** Each is for one operation of the step, by its index: it runs only if that one has. */
			operations: z.array(z.strictObject({ ...operationSchema.shape, undoes: z.int() })),
			/** Properties of the object as they were; null: there was no such object. */
			before: z.json(),
			/** What `restore` does: what is gone, and properties as they are afterwards. */
			final: z.strictObject({ gone: z.string(), properties: z.json() }).optional(),
		})
		.optional(),
	/** What the ledger holds, and no longer holds, when the step is done, besides the object itself. */
	edges: z.strictObject({ remember: z.array(z.string()), forget: z.array(z.string()) }).optional(),
	/** migrate: the file, and what its header and checksum say. */
	migration: z
		.strictObject({
			file: z.string(),
			version: z.string(),
			checksum: z.string(),
			phase: z.enum(["before", "after"]),
			/** The index of the first statement that runs; operations before it prepare the session. */
			resumeAt: z.int().nonnegative(),
			/** A hash for each statement of the file, run or not. */
			hashes: z.array(z.string()),
			/** Whether the account has a record of it already. */
			recorded: z.boolean(),
		})
		.optional(),
	/** migrate: files that are recorded as applied without being run, all at once. */
	baselines: z
		.array(
			z.strictObject({
				file: z.string(),
				version: z.string(),
				checksum: z.string(),
				phase: z.enum(["before", "after"]),
				hashes: z.array(z.string()),
			}),
		)
		.optional(),
});

const summarySchema = z.strictObject({
	create: z.int(),
	alter: z.int(),
	replace: z.int(),
	drop: z.int(),
	migrate: z.int(),
	adopt: z.int(),
	unchanged: z.int(),
	unmanaged: z.int(),
});

/** What the plan was made against: each object it touches as a hash of its canonical model (null: absent). */
const fingerprintSchema = z.strictObject({
	objects: z.record(z.string(), z.string().nullable()),
	/** Grants that are changed, and those on what is made anew, as they were. */
	grants: z.record(z.string(), z.string()).optional(),
	migrations: z.string(),
});

/** A note of a plan: what is worth knowing and blocks nothing. */
const noteSchema = z.strictObject({
	code: z.string(),
	message: z.string(),
	object: z.string().optional(),
});

/** What somebody has to see to outside Snowflake because of an object, in sentences. */
const handoffSchema = z.strictObject({ object: z.string(), lines: z.array(z.string()) });

/** The version of the format: a plan of another one is refused. */
export const PLAN_VERSION = 1;

/** The plan, as `--out` writes it and apply runs it. */
export const planSchema = z.strictObject({
	version: z.literal(PLAN_VERSION),
	tool: z.string(),
	project: z.string(),
	environment: z.string(),
	account: z.string(),
	createdAt: z.string(),
	fingerprint: fingerprintSchema,
	summary: summarySchema,
	steps: z.array(stepSchema),
	/** Objects this apply takes into the ledger, with their canonical models; what is no change needs no step. */
	adopts: z.array(z.string()),
	/** Declared models by key, for the ledger; secrets are markers. */
	models: z.record(z.string(), z.json()),
	unmanaged: z.array(z.string()),
	handoffs: z.array(handoffSchema),
	notes: z.array(noteSchema),
	/** SHA-256 over the rest, so that a saved plan that was edited is seen. */
	checksum: z.string().optional(),
});

export type Plan = z.infer<typeof planSchema>;
export type Step = Plan["steps"][number];
export type Operation = Step["operations"][number];
export type Undo = NonNullable<Step["undo"]>;
export type Origin = z.infer<typeof originSchema>;
export type PlanNote = z.infer<typeof noteSchema>;
