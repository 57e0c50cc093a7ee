import {
	BOOLEAN,
	DOUBLE,
	type DuckDBConnection,
	DuckDBScalarFunction,
	type DuckDBType,
	INTEGER,
	VARCHAR,
} from "@duckdb/node-api";
import { SnowflakeError } from "../../error.ts";
import { encodeError } from "../engine-error.ts";
import type { EngineFunction } from "./engine-function.ts";
import { ENGINE_FUNCTIONS } from "./functions.ts";

const TYPES: Readonly<Record<EngineFunction["parameters"][number], DuckDBType>> = {
	text: VARCHAR,
	integer: INTEGER,
	boolean: BOOLEAN,
	real: DOUBLE,
};

function create(definition: EngineFunction): DuckDBScalarFunction {
	const { name, parameters, rest, nulls = false, run } = definition;
	return DuckDBScalarFunction.create({
		name,
		returnType: TYPES[definition.returns ?? "text"],
		parameterTypes: parameters.map((type) => TYPES[type]),
		...(rest && { varArgsType: TYPES[rest] }),
		specialHandling: true,
		mainFunction: (info, input, output) => {
			const vectors = Array.from({ length: input.columnCount }, (_, i) => input.getColumnVector(i));
			try {
				for (let row = 0; row < input.rowCount; row++) {
					const values = vectors.map((vector) => vector.getItem(row));
					output.setItem(row, !nulls && values[0] === null ? null : run(values));
				}
				output.flush();
			} catch (error) {
				if (!(error instanceof SnowflakeError)) throw error;
				info.setError(encodeError(error));
			}
		},
	});
}

/**
 * Adds to the engine the functions that compiled statements call, all named `sf_…`.
 * They belong to the database instance, so one connection of an account does it for all, once.
 */
export function installRuntime(connection: DuckDBConnection): void {
	for (const definition of ENGINE_FUNCTIONS) connection.registerScalarFunction(create(definition));
}
