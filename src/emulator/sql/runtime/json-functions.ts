import { SnowflakeError } from "../../error.ts";
import { type EngineFunction, strict } from "./engine-function.ts";
import { parseJson } from "./json.ts";
import * as arrays from "./json-values.ts";

/** Functions of arrays and objects. */
export const JSON_FUNCTIONS: readonly EngineFunction[] = [
	{
		name: "sf_check_json",
		parameters: ["text"],
		run: ([text]) => {
			try {
				parseJson(String(text), false);
				return null;
			} catch (error) {
				if (error instanceof SnowflakeError)
					return error.message.replace("Error parsing JSON: ", "");
				throw error;
			}
		},
	},
	strict(
		"sf_array_contains",
		["text", "text"],
		([array, item]) => arrays.arrayContains(String(array), String(item)),
		"boolean",
	),
	{
		name: "sf_array_append",
		parameters: ["text", "text"],
		run: ([array, item]) => arrays.arrayAppend(String(array), item === null ? null : String(item)),
	},
	strict("sf_array_cat", ["text", "text"], ([a, b]) => arrays.arrayCat(String(a), String(b))),
	strict("sf_array_slice", ["text", "integer", "integer"], ([array, from, to]) =>
		arrays.arraySlice(String(array), Number(from), Number(to)),
	),
	strict("sf_array_distinct", ["text"], ([array]) => arrays.arrayDistinct(String(array))),
	strict("sf_array_to_string", ["text", "text"], ([array, separator]) =>
		arrays.arrayToString(String(array), String(separator)),
	),
	{
		name: "sf_object_insert",
		parameters: ["text", "text", "text", "boolean"],
		run: ([object, key, value, update]) =>
			key === null
				? null
				: arrays.objectInsert(
						String(object),
						String(key),
						value === null ? null : String(value),
						update === true,
					),
	},
	{
		name: "sf_object_delete",
		parameters: ["text"],
		rest: "text",
		run: ([object, ...keys]) => arrays.objectDelete(String(object), keys.map(String)),
	},
];
