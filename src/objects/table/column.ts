import type { DataType } from "../../model/data-type.ts";
import type { Properties } from "../../model/value.ts";
import type { Masking } from "../shared/masking.ts";

/** Values that a column counts up by itself. `order` is null where nothing says ORDER or NOORDER. */
export type Identity = {
	readonly start: number;
	/** What stands in the place of `start` where only the run knows where to go on. */
	readonly mark?: string;
	readonly increment: number;
	readonly order: boolean | null;
};

/** One column of a table. A type alias, not an interface, so that it is a property's value. */
export type Column = {
	readonly name: string;
	readonly type: DataType;
	readonly nullable: boolean;
	/** SQL of the default, sequences fully qualified; null when there is none. */
	readonly default: string | null;
	readonly identity: Identity | null;
	/** Null where nothing is written: the collation then comes from DEFAULT_DDL_COLLATION. */
	readonly collation: string | null;
	/** SQL of a virtual column; null for a column that stores its values. */
	readonly expression: string | null;
	readonly comment: string | null;
	readonly masking: Masking | null;
	/** The name it had, from `-- renamed from: OLD`; never compared. */
	readonly renamedFrom: string | null;
};

/** A nullable column with nothing but a name and a type. */
export function plainColumn(name: string, type: DataType): Column {
	return {
		name,
		type,
		nullable: true,
		default: null,
		identity: null,
		collation: null,
		expression: null,
		comment: null,
		masking: null,
		renamedFrom: null,
	};
}

/** The columns of a table's properties. */
export function columnsOf(properties: Properties): readonly Column[] {
	return (properties.COLUMN ?? []) as readonly Column[];
}
