import type { Value } from "../../model/value.ts";

/**
 * The values a property may take, as data: validation, documentation and the generators of the laws
 * all read it. `samples` are for values with an inner structure of their own; every sample is valid.
 */
export type Domain =
	| { readonly type: "boolean" }
	| {
			readonly type: "integer";
			readonly min: number;
			readonly max: number;
			readonly none?: boolean;
	  }
	| { readonly type: "text" }
	| { readonly type: "enum"; readonly values: readonly string[] }
	/** A name of one of these kinds; `withKind`: the value begins with the kind, as in `TABLE DB.S.T`. */
	| { readonly type: "reference"; readonly kinds: readonly string[]; readonly withKind?: boolean }
	| { readonly type: "list"; readonly of: Domain; readonly minimum: number }
	| { readonly type: "samples"; readonly samples: readonly Value[] };

/** A domain of exactly these values. */
export function samples(...values: readonly Value[]): Domain {
	return { type: "samples", samples: values };
}
