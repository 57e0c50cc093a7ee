import { database } from "./database.ts";
import type { ObjectType } from "./define/object-type.ts";
import { externalTable } from "./external-table.ts";
import { fileFormat } from "./file-format.ts";
import { maskingPolicy } from "./masking-policy.ts";
import { pipe } from "./pipe/pipe.ts";
import { schema } from "./schema.ts";
import { sequence } from "./sequence.ts";
import { stage } from "./stage/stage.ts";
import { storageIntegration } from "./storage-integration.ts";
import { stream } from "./stream/stream.ts";
import { table } from "./table/table.ts";
import { task } from "./task/task.ts";
import { view } from "./view/view.ts";
import { warehouse } from "./warehouse.ts";

/** Every kind of object, in alphabetical order. Adding a kind adds a file and a line here. */
const REGISTRY: readonly ObjectType[] = [
	database,
	fileFormat,
	maskingPolicy,
	pipe,
	schema,
	sequence,
	stage,
	storageIntegration,
	stream,
	table,
	task,
	view,
	warehouse,
];

export const OBJECT_TYPES: ReadonlyMap<string, ObjectType> = new Map(
	REGISTRY.map((type) => [type.kind, type]),
);

/** The kind words the parser needs to know. */
export const KINDS: readonly string[] = [...OBJECT_TYPES.keys()];

/** Kinds that no file declares yet: they are read, so that a change says what it does to them. */
export const SEEN_TYPES: ReadonlyMap<string, ObjectType> = new Map(
	[externalTable].map((type) => [type.kind, type]),
);

/** The type of a kind that is known to be in the registry. */
export function objectType(kind: string): ObjectType {
	const type = OBJECT_TYPES.get(kind) ?? SEEN_TYPES.get(kind);
	if (!type) throw new Error(`${kind} is not in the registry`);
	return type;
}
