import type { CreateStatement } from "../../../parse/statement.ts";
import { objectName } from "../../account/catalog.ts";
import { compilationError } from "../../account/errors.ts";
import { columns, columnsJson, physicalColumn, physicalTable } from "../../account/storage.ts";
import { unsupported } from "../../error.ts";
import { enableLog } from "../../run/change-log.ts";
import type { CatalogObject, Column, Context, Json, Kind, Result } from "../../types.ts";
import { checkMasking } from "../masking.ts";
import {
	addObject,
	beginCreate,
	created,
	findObject,
	requireEnd,
	unexpectedAt,
} from "../shared.ts";
import { alterToDefinition } from "./alter-to.ts";
import { compileColumns, readColumn, type WrittenColumn } from "./column.ts";
import {
	type Constraint,
	constraints,
	constraintsJson,
	readConstraint,
	resolveConstraint,
	startsConstraint,
	type WrittenConstraint,
} from "./constraint.ts";
import { readTableOptions, type TableOptions } from "./options.ts";
import { createPhysicalTable } from "./physical.ts";

/** What a CREATE TABLE says. */
export interface TableDefinition {
	readonly columns: readonly Column[];
	readonly constraints: readonly WrittenConstraint[];
	readonly options: TableOptions;
	readonly transient: boolean;
}

async function readElements(
	context: Context,
	statement: CreateStatement,
	rest: ReturnType<CreateStatement["rest"]>,
): Promise<Pick<TableDefinition, "columns" | "constraints">> {
	const list: Column[] = [];
	const written: WrittenColumn[] = [];
	const keys: WrittenConstraint[] = [];
	const parts = rest.expectGroup("( or AS").splitAt();
	for (const part of parts) {
		if (part.done) throw unexpectedAt(part);
		if (startsConstraint(part)) {
			keys.push(readConstraint(part));
			requireEnd(part);
			continue;
		}
		const one = readColumn(context, part);
		const { column, constraints: inline } = one;
		if (list.some((other) => other.name === column.name))
			throw compilationError("002025", "42S21", `duplicate column name '${column.name}'`);
		list.push(column);
		written.push(one);
		keys.push(...inline);
	}
	if (list.length === 0) throw unexpectedAt(statement.rest());
	await compileColumns(context, written, list);
	checkMasking(context, list);
	const primary = keys.find((key) => key.type === "PRIMARY KEY" && key.kept)?.columns ?? [];
	return {
		// "Inline and out-of-line primary keys make their columns NOT NULL" holds for CREATE, not for ALTER … ADD.
		columns: list.map((column) =>
			primary.includes(column.name) ? { ...column, nullable: false } : column,
		),
		constraints: keys,
	};
}

/** The properties a table object keeps. */
export function tableProperties(
	definition: Omit<TableDefinition, "constraints">,
	keys: readonly Constraint[],
): { readonly [key: string]: Json } {
	const { options } = definition;
	return {
		transient: definition.transient,
		columns: columnsJson(definition.columns),
		constraints: constraintsJson(keys),
		clusterBy: options.clusterBy ?? null,
		reclustering: true,
		schemaEvolution: options.schemaEvolution ?? false,
		changeTracking: options.changeTracking ?? false,
		errorLogging: options.errorLogging ?? false,
		rowTimestamp: options.rowTimestamp ?? false,
		parameters: options.parameters,
	};
}

/** Names the constraints of a new table; foreign keys may refer to the table itself. */
export function resolveConstraints(
	context: Context,
	table: CatalogObject,
	written: readonly WrittenConstraint[],
	list: readonly Column[],
): readonly Constraint[] {
	const self = {
		name: objectName(table),
		id: table.id,
		columns: list.map((column) => column.name),
	};
	const keys = written.filter((key) => key.kept);
	const ordered = [
		...keys.filter((key) => key.type !== "FOREIGN KEY"),
		...keys.filter((key) => key.type === "FOREIGN KEY"),
	];
	const done: Constraint[] = [];
	for (const key of ordered) done.push(resolveConstraint(context, key, self, done));
	return done;
}

const MODIFIERS = ["TRANSIENT"];

async function createLike(
	context: Context,
	kind: Kind,
	statement: CreateStatement,
	rest: ReturnType<CreateStatement["rest"]>,
	withRows: boolean,
): Promise<Result> {
	const source = findObject(context, kind, rest.expectName().parts);
	if (rest.looksAt("AT") || rest.looksAt("BEFORE")) throw unsupported("CLONE … AT or BEFORE");
	const options = readTableOptions(rest);
	requireEnd(rest);
	const creation = beginCreate(context, kind, statement, { orAlter: false, modifiers: MODIFIERS });
	if (creation.step !== "create")
		return creation.step === "nothing" ? creation.result : created(kind, source);
	const list = columns(source);
	const object = await addObject(context, kind, creation, {
		comment: options.comment ?? source.comment,
		properties: {
			...source.properties,
			transient: statement.modifiers.length > 0 || source.properties.transient === true,
			...(options.clusterBy && { clusterBy: options.clusterBy }),
			changeTracking: false,
			constraints: constraintsJson(constraints(source).filter((key) => key.type !== "FOREIGN KEY")),
		},
		copyGrants: options.copyGrants,
		source,
	});
	await createPhysicalTable(context, object, list);
	if (withRows) {
		const names = list
			.filter((column) => column.expression === null)
			.map((column) => physicalColumn(column.name))
			.join(", ");
		await context.engine(
			`INSERT INTO ${physicalTable(object)} (${names}) SELECT ${names} FROM ${physicalTable(source)}`,
		);
	}
	return created(kind, object);
}

/** CREATE TABLE in all its forms. */
export async function createTable(
	context: Context,
	kind: Kind,
	statement: CreateStatement,
	asSelect: (
		context: Context,
		statement: CreateStatement,
		definition: Pick<TableDefinition, "options" | "transient">,
		columnList: ReturnType<CreateStatement["rest"]> | undefined,
		query: ReturnType<CreateStatement["rest"]>,
	) => Promise<Result>,
): Promise<Result> {
	const rest = statement.rest();
	const transient = statement.modifiers.some((modifier) => modifier.value === "TRANSIENT");
	if (rest.take("LIKE")) return createLike(context, kind, statement, rest, false);
	if (rest.take("CLONE")) return createLike(context, kind, statement, rest, true);
	for (const words of [["USING", "TEMPLATE"], ["FROM"]])
		if (rest.looksAt(...words)) throw unsupported(`CREATE TABLE … ${words.join(" ")}`);
	const elements = rest.clone();
	if (rest.looksAt("(")) rest.expectGroup();
	const options = readTableOptions(rest);
	if (rest.take("AS")) {
		const list = elements.looksAt("(") ? elements.expectGroup() : undefined;
		return asSelect(context, statement, { options, transient }, list, rest);
	}
	requireEnd(rest);
	const definition: TableDefinition = {
		...(await readElements(context, statement, elements)),
		options,
		transient,
	};
	const creation = beginCreate(context, kind, statement, { orAlter: true, modifiers: MODIFIERS });
	if (creation.step === "nothing") return creation.result;
	if (creation.step === "alter") return alterToDefinition(context, creation.object, definition);
	const object = await addObject(context, kind, creation, {
		comment: options.comment ?? null,
		properties: tableProperties(definition, []),
		copyGrants: options.copyGrants,
	});
	const keys = resolveConstraints(context, object, definition.constraints, definition.columns);
	const finished = {
		...object,
		properties: { ...object.properties, constraints: constraintsJson(keys) },
	};
	if (keys.length > 0) await context.catalog.update(finished);
	await createPhysicalTable(context, object, definition.columns);
	if (options.changeTracking) await enableLog(context, finished);
	return created(kind, object);
}
