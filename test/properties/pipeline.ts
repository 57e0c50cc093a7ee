import fc from "fast-check";

/** A column of a table beside its ID. */
export interface ColumnSpec {
	readonly type: (typeof COLUMN_TYPES)[number];
	readonly extra: "none" | "default" | "comment" | "masked" | "numbered" | "unique" | "never null";
}

/** How a stream is read: by a task of its own, by one in a graph, by one that waits for rows, or by nobody. */
export interface ConsumerSpec {
	readonly form: "nobody" | "alone" | "in a graph" | "when it has rows";
	/** Started by the files, by hand (files say nothing), or not at all. */
	readonly state: "declared" | "by hand" | "suspended";
}

/** A grant to one of the roles; what is granted is taken from the kind's own list. */
export interface GrantSpec {
	readonly on: number;
	readonly privilege: number;
	readonly role: number;
	/** Given by a person, which files know nothing of. */
	readonly byHand: boolean;
	readonly option: boolean;
}

/** A project with a pipeline from files to the tables that tasks fill, in numbers that shrink. */
export interface Pipeline {
	readonly tables: readonly {
		readonly columns: readonly ColumnSpec[];
		readonly key: "none" | "primary" | "clustered";
		readonly transient: boolean;
	}[];
	readonly views: readonly {
		readonly table: number;
		readonly star: boolean;
		readonly secure: boolean;
	}[];
	readonly streams: readonly {
		readonly source: number;
		readonly appendOnly: boolean;
		readonly consumer: ConsumerSpec;
	}[];
	readonly stage: { readonly integration: boolean; readonly format: "own" | "named" };
	readonly pipe: { readonly copy: number; readonly paused: "no" | "by hand" | "declared" };
	readonly grants: readonly GrantSpec[];
}

/** A change of the project that no single property can say. */
export type Structural =
	| { readonly do: "rename"; readonly object: number }
	| { readonly do: "drop"; readonly object: number }
	| { readonly do: "rename column"; readonly table: number; readonly column: number }
	| { readonly do: "change the COPY"; readonly copy: number }
	| { readonly do: "move the stage" }
	| { readonly do: "read a stream otherwise"; readonly stream: number }
	| { readonly do: "link a task elsewhere"; readonly task: number; readonly after: number }
	| { readonly do: "grant"; readonly grant: GrantSpec }
	| { readonly do: "take a grant back"; readonly grant: number };

export const COLUMN_TYPES = [
	"VARCHAR(20)",
	"NUMBER(10,2)",
	"NUMBER(38,0)",
	"VARCHAR",
	"FLOAT",
	"BOOLEAN",
	"DATE",
	"TIMESTAMP_NTZ(9)",
	"VARIANT",
] as const;

export const ROLES = ["READER", "WRITER", "AUDITOR"] as const;

const small = fc.nat({ max: 30 });

const columnSpec: fc.Arbitrary<ColumnSpec> = fc.record({
	type: fc.constantFrom(...COLUMN_TYPES),
	extra: fc.constantFrom(
		"none",
		"default",
		"comment",
		"masked",
		"numbered",
		"unique",
		"never null",
	),
});

const grantSpec: fc.Arbitrary<GrantSpec> = fc.record({
	on: small,
	privilege: small,
	role: fc.nat({ max: ROLES.length - 1 }),
	byHand: fc.boolean(),
	option: fc.boolean(),
});

/** Any pipeline. */
export const pipeline: fc.Arbitrary<Pipeline> = fc.record({
	tables: fc.array(
		fc.record({
			columns: fc.array(columnSpec, { minLength: 1, maxLength: 4 }),
			key: fc.constantFrom("none", "primary", "clustered"),
			transient: fc.boolean(),
		}),
		{ minLength: 1, maxLength: 2 },
	),
	views: fc.array(
		fc.record({ table: fc.nat({ max: 1 }), star: fc.boolean(), secure: fc.boolean() }),
		{ maxLength: 2 },
	),
	streams: fc.array(
		fc.record({
			source: fc.nat({ max: 3 }),
			appendOnly: fc.boolean(),
			consumer: fc.record({
				form: fc.constantFrom("alone", "in a graph", "when it has rows", "nobody"),
				state: fc.constantFrom("declared", "by hand", "by hand", "suspended"),
			}),
		}),
		{ minLength: 1, maxLength: 2 },
	),
	stage: fc.record({ integration: fc.boolean(), format: fc.constantFrom("own", "named") }),
	pipe: fc.record({
		copy: fc.nat({ max: 2 }),
		paused: fc.constantFrom("no", "no", "by hand", "declared"),
	}),
	grants: fc.array(grantSpec, { maxLength: 5 }),
});

/** Any structural change. */
export const structural: fc.Arbitrary<Structural> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant("read a stream otherwise" as const),
			stream: small,
		}),
	},
	fc.record({ do: fc.constant("rename column" as const), table: small, column: small }),
	fc.record({ do: fc.constant("change the COPY" as const), copy: fc.nat({ max: 2 }) }),
	fc.record({ do: fc.constant("link a task elsewhere" as const), task: small, after: small }),
	fc.record({ do: fc.constant("rename" as const), object: small }),
	fc.record({ do: fc.constant("drop" as const), object: small }),
	fc.record({ do: fc.constant("grant" as const), grant: grantSpec }),
	fc.record({ do: fc.constant("take a grant back" as const), grant: small }),
	fc.record({ do: fc.constant("move the stage" as const) }),
);
