import { readFileSync } from "node:fs";

/** `snowline 0.1.0`, as plans and records carry it. */
export const TOOL = `snowline ${(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version}`;
