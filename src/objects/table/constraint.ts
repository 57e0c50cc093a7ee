import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { Properties } from "../../model/value.ts";
import { canonicalExpression } from "./expression.ts";

/** The constraints a table can have besides NOT NULL, which belongs to its column. */
export type ConstraintKind = "PRIMARY KEY" | "UNIQUE" | "FOREIGN KEY" | "CHECK";

/** A constraint in its out-of-line form, whichever way it was written. */
export type TableConstraint = {
	/** As declared, or as the account has it; see `givenName`. */
	readonly name: string | null;
	readonly kind: ConstraintKind;
	/** Its columns in order; none for CHECK. */
	readonly columns: readonly string[];
	/** FOREIGN KEY: the table it points to, as SQL. */
	readonly table: string | null;
	/** FOREIGN KEY: the columns there; none where they are left to the table's primary key. */
	readonly parentColumns: readonly string[];
	/** FOREIGN KEY: MATCH, which no SHOW tells. */
	readonly match: string | null;
	readonly onUpdate: string | null;
	readonly onDelete: string | null;
	/** CHECK: its condition. */
	readonly expression: string | null;
	/** CHECK: whether existing rows are checked too, which nothing tells afterwards. */
	readonly validate: boolean;
	readonly rely: boolean;
	readonly comment: string | null;
};

/** A key over columns, with everything else as Snowflake has it by default. */
export function keyOf(kind: ConstraintKind, columns: readonly string[]): TableConstraint {
	return {
		name: null,
		kind,
		columns,
		table: null,
		parentColumns: [],
		match: null,
		onUpdate: kind === "FOREIGN KEY" ? "NO ACTION" : null,
		onDelete: kind === "FOREIGN KEY" ? "NO ACTION" : null,
		expression: null,
		validate: kind === "CHECK",
		rely: false,
		comment: null,
	};
}

/** The constraints of a table's properties. */
export function constraintsOf(properties: Properties): readonly TableConstraint[] {
	return (properties.CONSTRAINT ?? []) as readonly TableConstraint[];
}

/** The name a person gave; Snowflake calls a constraint without one SYS_CONSTRAINT_<uuid>. */
export function givenName(constraint: TableConstraint): string | null {
	return constraint.name?.startsWith("SYS_CONSTRAINT_") ? null : constraint.name;
}

function list(columns: readonly string[]): string {
	return `(${columns.map(formatIdentifier).join(", ")})`;
}

/** What makes two constraints the same one, apart from names and properties. */
export function signature(constraint: TableConstraint): string {
	const { kind, columns, table, expression } = constraint;
	if (kind === "CHECK") return `CHECK (${canonicalExpression(expression ?? "")})`;
	return `${kind} ${list(columns)}${table === null ? "" : ` REFERENCES ${table}`}`;
}

/** `CONSTRAINT PK_ORDERS`, or by its columns: how a constraint is called in plans. */
export function constraintPart(constraint: TableConstraint): string {
	const name = givenName(constraint);
	return `CONSTRAINT ${name === null ? signature(constraint) : formatIdentifier(name)}`;
}

/** A constraint as SQL, out of line. */
export function printConstraint(constraint: TableConstraint): string {
	const name = givenName(constraint);
	const { kind, columns, table, parentColumns, match, onUpdate, onDelete } = constraint;
	const body =
		kind === "CHECK" ? `CHECK (${constraint.expression ?? ""})` : `${kind} ${list(columns)}`;
	const parent = parentColumns.length > 0 ? ` ${list(parentColumns)}` : "";
	return [
		...(name === null ? [] : [`CONSTRAINT ${formatIdentifier(name)}`]),
		body,
		...(table === null ? [] : [`REFERENCES ${table}${parent}`]),
		...(match === null ? [] : [`MATCH ${match}`]),
		...(onUpdate === null || onUpdate === "NO ACTION" ? [] : [`ON UPDATE ${onUpdate}`]),
		...(onDelete === null || onDelete === "NO ACTION" ? [] : [`ON DELETE ${onDelete}`]),
		...(kind === "CHECK" && !constraint.validate ? ["ENABLE NOVALIDATE"] : []),
		...(constraint.rely ? ["RELY"] : []),
		...(constraint.comment === null ? [] : [`COMMENT ${formatString(constraint.comment)}`]),
	].join(" ");
}
