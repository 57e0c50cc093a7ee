import type { Span } from "../diagnostics/source.ts";
import type { ObjectRef } from "./catalog.ts";
import type { Value } from "./value.ts";

/** How an edge is called in the ledger and in messages: all of it but its value. */
export type EdgeKey = string;

/**
 * What relates an object to something else and is part of neither: a grant. It has no CREATE of its own;
 * it is there or it is not, and at most a value of it changes.
 */
export interface Edge {
	readonly key: EdgeKey;
	/** The object it is on. */
	readonly on: ObjectRef;
	/** What can change without it becoming another edge. */
	readonly value: Value;
	/** Where files declare it. */
	readonly declared?: Span;
}
