type Kind = "text" | "integer" | "boolean" | "real";

/** A function the engine calls back: arguments as the engine gives them, a result of the type `returns`. */
export interface EngineFunction {
	readonly name: string;
	readonly parameters: readonly Kind[];
	/** The type of any further arguments. */
	readonly rest?: Kind;
	readonly returns?: Kind;
	/** Called for a NULL in the first argument too; otherwise NULL gives NULL. */
	readonly nulls?: boolean;
	readonly run: (values: readonly unknown[]) => string | number | boolean | null;
}

/** Whether any of the values is NULL: most functions of several arguments are NULL then. */
export function anyNull(values: readonly unknown[]): boolean {
	return values.some((value) => value === null);
}

/** A function that is NULL when any argument is. */
export function strict(
	name: string,
	parameters: readonly Kind[],
	run: EngineFunction["run"],
	returns: Kind = "text",
): EngineFunction {
	return { name, parameters, returns, run: (values) => (anyNull(values) ? null : run(values)) };
}
