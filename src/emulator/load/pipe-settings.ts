import type { Cursor } from "../../parse/cursor.ts";
import type { CatalogObject, Json } from "../types.ts";
import { type CopyIntoTable, readCopy } from "./copy-statement.ts";

/** What went wrong when a pipe last ran its COPY. */
export interface PipeFailure {
	readonly message: string;
	readonly at: number;
	/** A failed compilation stalls a pipe until it compiles again. */
	readonly compilation: boolean;
}

/** What a pipe did last, for SYSTEM$PIPE_STATUS. */
interface PipeActivity {
	readonly receivedAt: number | null;
	readonly forwardedPath: string | null;
	readonly ingestedAt: number | null;
	readonly ingestedPath: string | null;
}

/** What the catalog keeps about a pipe. */
export interface PipeSettings {
	/** The COPY statement as it was written. */
	readonly definition: string;
	readonly autoIngest: boolean;
	readonly errorIntegration: string | null;
	readonly snsTopic: string | null;
	/** The notification integration of the events, by its hidden id. */
	readonly integration: { readonly id: number; readonly name: string } | null;
	/** The table by its full name: a pipe does not follow a renamed one, and goes on with a replaced one. */
	readonly table: readonly string[];
	/** The stage by hidden id and name, and how often its location had changed. */
	readonly stage: {
		readonly id: number;
		readonly name: readonly string[];
		readonly location: number;
	} | null;
	/** The full name of the file format that the COPY names. */
	readonly fileFormat: readonly string[] | null;
	readonly channel: string | null;
	readonly pattern: string | null;
	readonly paused: boolean;
	/** Since when, and by whose pipe it was then: a new owner has to force it to resume. */
	readonly pausedAt: number | null;
	readonly pausedOwner: string | null;
	readonly failure: PipeFailure | null;
	readonly activity: PipeActivity;
}

/** The settings of a pipe in the catalog. */
export function pipeSettings(pipe: CatalogObject): PipeSettings {
	return pipe.properties as unknown as PipeSettings;
}

/** Settings as the catalog keeps them. */
export function pipeProperties(settings: PipeSettings): { readonly [key: string]: Json } {
	return JSON.parse(JSON.stringify(settings)) as { readonly [key: string]: Json };
}

/** The COPY of a pipe, which is all of a cursor, and a cursor at its start; it may stand in parentheses. */
export function readDefinition(whole: Cursor): {
	readonly copy: CopyIntoTable | undefined;
	readonly cursor: Cursor;
} {
	const cursor = whole.takeGroup() ?? whole;
	const start = cursor.clone();
	cursor.expect("COPY");
	const read = readCopy(cursor);
	return { copy: read.kind === "table" ? read : undefined, cursor: start };
}
