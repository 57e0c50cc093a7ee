import { randomUUID } from "node:crypto";
import type { Cursor } from "../../../parse/cursor.ts";
import { objectName } from "../../account/catalog.ts";
import { compilationError, doesNotExist } from "../../account/errors.ts";
import { columns } from "../../account/storage.ts";
import { unsupported } from "../../error.ts";
import type { CatalogObject, Context, Json } from "../../types.ts";
import { unexpectedAt } from "../shared.ts";

/** A key of a table. Snowflake keeps keys as information and enforces none of them on standard tables. */
export interface Constraint {
	readonly name: string;
	readonly type: "PRIMARY KEY" | "UNIQUE" | "FOREIGN KEY";
	readonly columns: readonly string[];
	/** The table a foreign key refers to, by id, so that a rename does not matter. */
	readonly references?: { readonly tableId: number; readonly columns: readonly string[] };
	readonly update: string;
	readonly delete: string;
	readonly match: string;
	readonly enforced: boolean;
	readonly deferrable: boolean;
	readonly initially: string;
	readonly rely: boolean;
	readonly comment: string | null;
}

/** A constraint as written, before the tables it names are looked up. */
export interface WrittenConstraint extends Omit<Constraint, "references" | "name"> {
	readonly name: string | undefined;
	readonly references?: { readonly table: readonly string[]; readonly columns: readonly string[] };
	/** False where ENABLE or VALIDATE say that Snowflake does not create it. */
	readonly kept: boolean;
}

/** The keys of a table. */
export function constraints(table: CatalogObject): readonly Constraint[] {
	return (table.properties.constraints ?? []) as unknown as readonly Constraint[];
}

/** Keys as the catalog keeps them. */
export function constraintsJson(list: readonly Constraint[]): Json {
	return list as unknown as Json;
}

/** Names in parentheses. */
export function readNames(cursor: Cursor): readonly string[] {
	return cursor
		.expectGroup()
		.splitAt()
		.map((part) => {
			const name = part.expectIdentifier();
			if (!part.done) throw unexpectedAt(part);
			return name;
		});
}

const ACTIONS = [["CASCADE"], ["SET", "NULL"], ["SET", "DEFAULT"], ["RESTRICT"], ["NO", "ACTION"]];

function readAction(cursor: Cursor): string {
	const action = ACTIONS.find((words) => cursor.take(...words));
	if (!action) throw unexpectedAt(cursor);
	return action.join(" ");
}

interface Properties {
	enforced: boolean;
	deferrable: boolean;
	initially: string;
	rely: boolean;
	update: string;
	delete: string;
	match: string;
	kept: boolean;
}

/** The properties behind a constraint; ENABLE and VALIDATE mean that Snowflake does not create the key at all. */
function readProperties(cursor: Cursor, foreign: boolean): Properties {
	const found: Properties = {
		enforced: false,
		deferrable: false,
		initially: "DEFERRED",
		rely: false,
		update: "NO ACTION",
		delete: "NO ACTION",
		match: "FULL",
		kept: true,
	};
	for (;;) {
		if (cursor.looksAt("NOT", "NULL")) return found;
		if (cursor.take("NOT", "ENFORCED")) found.enforced = false;
		else if (cursor.take("ENFORCED")) found.enforced = true;
		else if (cursor.take("NOT", "DEFERRABLE")) found.deferrable = false;
		else if (cursor.take("DEFERRABLE")) found.deferrable = true;
		else if (cursor.take("INITIALLY")) {
			if (!cursor.looksAt("DEFERRED") && !cursor.looksAt("IMMEDIATE")) throw unexpectedAt(cursor);
			found.initially = cursor.next().value;
		} else if (cursor.take("ENABLE") || cursor.take("VALIDATE")) found.kept = false;
		else if (cursor.take("DISABLE") || cursor.take("NOVALIDATE")) found.kept = true;
		else if (cursor.take("RELY")) found.rely = true;
		else if (cursor.take("NORELY")) found.rely = false;
		else if (foreign && cursor.take("MATCH")) {
			const word = ["FULL", "SIMPLE", "PARTIAL"].find((match) => cursor.take(match));
			if (!word) throw unexpectedAt(cursor);
			found.match = word;
		} else if (foreign && cursor.take("ON", "UPDATE")) found.update = readAction(cursor);
		else if (foreign && cursor.take("ON", "DELETE")) found.delete = readAction(cursor);
		else return found;
	}
}

/** Whether a constraint begins here. */
export function startsConstraint(cursor: Cursor): boolean {
	return (
		cursor.looksAt("CONSTRAINT") ||
		cursor.looksAt("UNIQUE") ||
		cursor.looksAt("PRIMARY", "KEY") ||
		cursor.looksAt("FOREIGN", "KEY") ||
		cursor.looksAt("REFERENCES") ||
		cursor.looksAt("CHECK", "(")
	);
}

/** Reads an inline constraint (of `column`) or an out-of-line one. */
export function readConstraint(cursor: Cursor, column?: string): WrittenConstraint {
	const name = cursor.take("CONSTRAINT") ? cursor.expectIdentifier() : undefined;
	if (cursor.looksAt("CHECK")) throw unsupported("CHECK constraints");
	const own = (): readonly string[] => {
		if (column === undefined || cursor.looksAt("(")) return readNames(cursor);
		return [column];
	};
	const finish = (
		type: Constraint["type"],
		names: readonly string[],
		references?: WrittenConstraint["references"],
	): WrittenConstraint => {
		const properties = readProperties(cursor, type === "FOREIGN KEY");
		const comment = column === undefined && cursor.take("COMMENT") ? cursor.expectString() : null;
		return {
			name,
			type,
			columns: names,
			...(references && { references }),
			...properties,
			comment,
		};
	};
	if (cursor.take("PRIMARY", "KEY")) return finish("PRIMARY KEY", own());
	if (cursor.take("UNIQUE")) return finish("UNIQUE", own());
	const foreign = cursor.take("FOREIGN", "KEY");
	const names = foreign || column === undefined ? own() : [column];
	if (!cursor.take("REFERENCES")) throw unexpectedAt(cursor);
	const table = cursor.expectName().parts;
	const referred = cursor.looksAt("(") ? readNames(cursor) : [];
	return finish("FOREIGN KEY", names, { table, columns: referred });
}

function primaryKey(table: CatalogObject): readonly string[] {
	return constraints(table).find((key) => key.type === "PRIMARY KEY")?.columns ?? [];
}

/** The invalid identifier error for a column that a table does not have. */
export function noColumn(name: string): Error {
	return compilationError(
		"000904",
		"42000",
		`error line 1 at position 0\ninvalid identifier '${name}'`,
	);
}

/**
 * Gives a written constraint its name and the id of the table it refers to.
 * The table itself may be named too, before it exists: `self` is its full name and id.
 */
export function resolveConstraint(
	context: Context,
	written: WrittenConstraint,
	self: {
		readonly name: readonly string[];
		readonly id: number;
		readonly columns: readonly string[];
	},
	others: readonly Constraint[],
): Constraint {
	for (const column of written.columns) if (!self.columns.includes(column)) throw noColumn(column);
	if (written.type === "PRIMARY KEY" && others.some((key) => key.type === "PRIMARY KEY"))
		throw compilationError(
			"002267",
			"42P16",
			`primary key already exists for table '${self.name.at(-1)}'`,
		);
	const { references, kept: _, name = `SYS_CONSTRAINT_${randomUUID()}`, ...rest } = written;
	if (others.some((key) => key.name === name))
		throw compilationError("002270", "42710", `constraint ${name} already exists.`);
	if (!references) return { ...rest, name };
	const wanted = context.qualify(references.table, "schema");
	const isSelf = wanted.join("\0") === self.name.join("\0");
	const parent = isSelf ? undefined : context.catalog.find("TABLE", wanted);
	if (!isSelf && !parent) throw doesNotExist("TABLE", wanted);
	const key = parent
		? primaryKey(parent)
		: (others.find((k) => k.type === "PRIMARY KEY")?.columns ?? []);
	const names = references.columns.length > 0 ? references.columns : key;
	const known = parent ? columns(parent).map((column) => column.name) : self.columns;
	for (const column of names) if (!known.includes(column)) throw noColumn(column);
	if (names.length !== written.columns.length)
		throw compilationError(
			"002291",
			"42601",
			`Number of columns in foreign key does not match the referenced key of table '${wanted.at(-1)}'.`,
		);
	const keys = parent ? constraints(parent) : others;
	const matches = keys.some(
		(candidate) =>
			candidate.type !== "FOREIGN KEY" && candidate.columns.join("\0") === names.join("\0"),
	);
	if (!matches)
		throw compilationError(
			"002290",
			"42601",
			`Primary key or unique key not found for foreign key reference to table '${wanted.at(-1)}'.`,
		);
	return { ...rest, name, references: { tableId: parent?.id ?? self.id, columns: names } };
}

/** Drops the foreign keys of other tables that refer to a table which is gone: DROP TABLE cascades to them. */
export async function dropReferences(context: Context, tableId: number): Promise<void> {
	for (const table of context.catalog.list("TABLE")) {
		const kept = constraints(table).filter((key) => key.references?.tableId !== tableId);
		if (kept.length < constraints(table).length)
			await context.catalog.update({
				...table,
				properties: { ...table.properties, constraints: constraintsJson(kept) },
			});
	}
}

/** The name of the table a foreign key refers to. */
export function referencedName(context: Context, key: Constraint): readonly string[] {
	const parent = key.references && context.catalog.byId(key.references.tableId);
	return parent ? objectName(parent) : [];
}
