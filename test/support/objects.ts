import { DeployError, EXIT } from "../../src/diagnostics/diagnostic.ts";
import { textSource } from "../../src/diagnostics/source.ts";
import { NO_DIRECTIVES, type ObjectModel } from "../../src/model/catalog.ts";
import type { Row } from "../../src/model/port.ts";
import { compareObject } from "../../src/objects/define/compare.ts";
import { printAlter, printCreate, sqlOf } from "../../src/objects/define/print.ts";
import type { PropertyChange } from "../../src/objects/define/property.ts";
import { readCreate } from "../../src/objects/define/read-create.ts";
import type { ReadContext } from "../../src/objects/define/value-syntax.ts";
import { KINDS, objectType } from "../../src/objects/index.ts";
import { parse } from "../../src/parse/statement.ts";
import { validateObject } from "../../src/resolve/validate.ts";

/** Names as if USE SCHEMA MYDB.PUBLIC stood before the statement. */
export const IN_MYDB: ReadContext = {
	qualify({ parts }, level) {
		const length = { account: 1, database: 2, schema: 3 }[level];
		return [...["MYDB", "PUBLIC"].slice(0, Math.max(0, length - parts.length)), ...parts];
	},
};

/** The object that a CREATE statement declares, taken alone; throws a DeployError with every mistake in it. */
export function declared(sql: string): ObjectModel {
	const statement = parse(textSource("test.sql", sql), KINDS)[0];
	if (statement?.verb !== "CREATE" || !statement.kind || !statement.name)
		throw new Error(`not a CREATE statement of a known kind: ${sql}`);
	const type = objectType(statement.kind);
	const { properties, diagnostics } = readCreate(type, statement, IN_MYDB);
	const object: ObjectModel = {
		kind: statement.kind,
		name: IN_MYDB.qualify(statement.name, type.level),
		properties,
		directives: NO_DIRECTIVES,
	};
	const errors = diagnostics.length > 0 ? diagnostics : validateObject(object);
	if (errors.length > 0) throw new DeployError(EXIT.input, errors);
	return object;
}

/** What is wrong with a CREATE statement: each mistake with its hint, if it has one. */
export function mistakes(sql: string): readonly string[] {
	try {
		declared(sql);
		return [];
	} catch (error) {
		if (!(error instanceof DeployError)) throw error;
		return error.diagnostics.map((d) => (d.hint ? `${d.summary} (${d.hint})` : d.summary));
	}
}

/** The object that the account reports: a row of SHOW, and the rows of each further query. */
export function reported(
	kind: string,
	row: Row,
	...details: readonly (readonly Row[])[]
): ObjectModel {
	const { read } = objectType(kind);
	const shown = read.row(row);
	if (!shown) throw new Error(`the row is not read as ${kind}`);
	let { properties, runtime } = shown;
	for (const [i, detail] of (read.details ?? []).entries()) {
		const more = detail.read(details[i] ?? [], { ...shown, properties });
		properties = { ...properties, ...more.properties };
		runtime = { ...runtime, ...more.runtime };
	}
	return {
		kind,
		name: shown.name,
		properties,
		runtime: runtime ?? {},
		directives: NO_DIRECTIVES,
		...(shown.owner !== undefined && { owner: shown.owner }),
	};
}

/** The differences of two objects, where every hashed value is taken for changed. */
export function differences(from: ObjectModel, to: ObjectModel): readonly PropertyChange[] {
	return compareObject(objectType(to.kind), from, to, () => false);
}

/** The statements that lead from one object to another in place. */
export function alterations(from: ObjectModel, to: ObjectModel): readonly string[] {
	const type = objectType(to.kind);
	return printAlter(type, { from, to }, differences(from, to)).map(({ fragments }) =>
		sqlOf(fragments),
	);
}

/** The canonical CREATE statement of an object. */
export function canonical(object: ObjectModel): string {
	return sqlOf(printCreate(objectType(object.kind), object));
}
