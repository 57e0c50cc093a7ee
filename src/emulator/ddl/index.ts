import type { Kind } from "../types.ts";
import { database } from "./database.ts";
import { externalTable } from "./external-table.ts";
import { fileFormat } from "./file-format.ts";
import { maskingPolicy } from "./masking-policy.ts";
import { notificationIntegration } from "./notification-integration.ts";
import { pipe } from "./pipe.ts";
import { role } from "./role.ts";
import { schema } from "./schema.ts";
import { sequence } from "./sequence.ts";
import { stage } from "./stage.ts";
import { storageIntegration } from "./storage-integration.ts";
import { stream } from "./stream.ts";
import { table } from "./table/table.ts";
import { task } from "./task/task.ts";
import { view } from "./view.ts";
import { warehouse } from "./warehouse.ts";

/** Every kind of object the local account knows, by name. One line per kind, in alphabetical order. */
export const KINDS: readonly Kind[] = [
	database,
	externalTable,
	fileFormat,
	maskingPolicy,
	notificationIntegration,
	pipe,
	role,
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
