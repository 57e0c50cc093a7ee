import type { Handler } from "../types.ts";
import { copy } from "./copy.ts";
import { list, remove } from "./list.ts";
import { get, put } from "./transfer.ts";

/** The statements of the loading side, by first word. */
export const LOAD_HANDLERS: Readonly<Record<string, Handler>> = {
	COPY: copy,
	GET: get,
	LIST: list,
	LS: list,
	PUT: put,
	REMOVE: remove,
	RM: remove,
};
