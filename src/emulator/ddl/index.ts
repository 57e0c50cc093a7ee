import type { Kind } from "../types.ts";
import { database } from "./database.ts";
import { fileFormat } from "./file-format.ts";
import { notificationIntegration } from "./notification-integration.ts";
import { schema } from "./schema.ts";
import { stage } from "./stage.ts";
import { storageIntegration } from "./storage-integration.ts";

/** Every kind of object the local account knows, by name. One line per kind, in alphabetical order. */
export const KINDS: readonly Kind[] = [
	database,
	fileFormat,
	notificationIntegration,
	schema,
	stage,
	storageIntegration,
];
