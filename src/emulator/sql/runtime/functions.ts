import { CONVERSION_FUNCTIONS } from "./conversion-functions.ts";
import type { EngineFunction } from "./engine-function.ts";
import { JSON_FUNCTIONS } from "./json-functions.ts";
import { VALUE_FUNCTIONS } from "./value-functions.ts";

/** Everything compiled SQL calls by the name `sf_…`. */
export const ENGINE_FUNCTIONS: readonly EngineFunction[] = [
	...CONVERSION_FUNCTIONS,
	...VALUE_FUNCTIONS,
	...JSON_FUNCTIONS,
];
