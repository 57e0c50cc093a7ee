import { formatIdentifier } from "../../../model/identifier.ts";
import type { Cursor } from "../../../parse/cursor.ts";
import { objectName } from "../../account/catalog.ts";
import { parseDataType } from "../../account/data-type.ts";
import { compilationError } from "../../account/errors.ts";
import { ownParameters, sessionParameter } from "../../account/parameters.ts";
import { columns } from "../../account/storage.ts";
import { unsupported } from "../../error.ts";
import { takeProperties } from "../../load/property-list.ts";
import type { CatalogObject, Context, Json, Kind, Result } from "../../types.ts";
import { alterMasking, checkMasking } from "../masking.ts";
import { statusResult } from "../result.ts";
import { findObject, renameObject, requireEnd, unexpectedAt } from "../shared.ts";
import { swapNames } from "../swap.ts";
import {
	addColumn,
	changeType,
	current,
	dropColumn,
	dropDefault,
	dropNotNull,
	renameColumn,
	setChangeTracking,
	setColumnComment,
	setDefault,
	setNotNull,
	setProperties,
} from "./change.ts";
import { compileColumns, readColumn } from "./column.ts";
import {
	type Constraint,
	constraints,
	constraintsJson,
	readConstraint,
	readNames,
	resolveConstraint,
	startsConstraint,
} from "./constraint.ts";
import { literalDefault } from "./literal.ts";
import { readClusterBy, tableSettings } from "./options.ts";

type Alteration = (context: Context, table: CatalogObject, rest: Cursor) => Promise<void>;

const addColumns: Alteration = async (context, table, rest) => {
	rest.take("COLUMN");
	const whole = rest.looksAt("(") ? rest.expectGroup() : rest;
	for (const part of whole.splitAt()) {
		part.take("COLUMN");
		const ifNotExists = part.take("IF", "NOT", "EXISTS");
		const written = readColumn(context, part);
		const { column, constraints: inline } = written;
		const list = columns(current(context, table));
		const exists = list.some((other) => other.name === column.name);
		if (ifNotExists) {
			if (column.default !== null || column.identity || inline.length > 0)
				throw compilationError(
					"002268",
					"42601",
					"IF NOT EXISTS cannot be combined with DEFAULT, AUTOINCREMENT or a constraint.",
				);
			if (exists) continue;
		}
		const fill = literalDefault(column);
		await compileColumns(context, [written], list);
		await addColumn(context, table, column, fill);
		checkMasking(context, columns(current(context, table)));
		for (const key of inline) if (key.kept) await addKey(context, table, key);
	}
	requireEnd(rest);
};

async function addKey(
	context: Context,
	table: CatalogObject,
	written: ReturnType<typeof readConstraint>,
): Promise<void> {
	const now = current(context, table);
	const self = {
		name: objectName(now),
		id: now.id,
		columns: columns(now).map((column) => column.name),
	};
	const key = resolveConstraint(context, written, self, constraints(now));
	await setProperties(context, table, { constraints: constraintsJson([...constraints(now), key]) });
}

const add: Alteration = async (context, table, rest) => {
	for (const words of [
		["ROW", "ACCESS", "POLICY"],
		["SEARCH", "OPTIMIZATION"],
		["DATA", "METRIC", "FUNCTION"],
		["STORAGE", "LIFECYCLE", "POLICY"],
	])
		if (rest.looksAt(...words)) throw unsupported(`ALTER TABLE … ADD ${words.join(" ")}`);
	if (!startsConstraint(rest)) return addColumns(context, table, rest);
	const written = readConstraint(rest);
	requireEnd(rest);
	if (written.kept) await addKey(context, table, written);
};

/** Picks the key that `CONSTRAINT n`, `PRIMARY KEY`, `UNIQUE (c)` or `FOREIGN KEY (c)` names. */
function readKey(rest: Cursor, table: CatalogObject): Constraint {
	let matches: (key: Constraint) => boolean;
	let what: string;
	if (rest.take("CONSTRAINT")) {
		const name = rest.expectIdentifier();
		what = name;
		matches = (key) => key.name === name;
	} else {
		const type = (["PRIMARY KEY", "FOREIGN KEY", "UNIQUE"] as const).find((words) =>
			rest.take(...words.split(" ")),
		);
		if (!type) throw unexpectedAt(rest);
		what = type;
		const names = rest.looksAt("(") ? readNames(rest) : undefined;
		matches = (key) =>
			key.type === type && (names === undefined || names.join("\0") === key.columns.join("\0"));
	}
	const found = constraints(table).find(matches);
	if (!found)
		throw compilationError(
			"002269",
			"42704",
			`Constraint '${what}' does not exist in table '${table.name}'.`,
		);
	return found;
}

async function dropKey(context: Context, table: CatalogObject, rest: Cursor): Promise<void> {
	const key = readKey(rest, table);
	const restrict = rest.take("RESTRICT");
	if (!restrict) rest.take("CASCADE");
	requireEnd(rest);
	const refers = (other: Constraint): boolean =>
		other.references?.tableId === table.id &&
		other.references.columns.join("\0") === key.columns.join("\0");
	if (key.type !== "FOREIGN KEY")
		for (const other of context.catalog.list("TABLE")) {
			const kept = constraints(other).filter((candidate) => !refers(candidate));
			if (kept.length === constraints(other).length) continue;
			if (restrict)
				throw compilationError(
					"002271",
					"2BP01",
					`Constraint '${key.name}' is referenced by a foreign key of table '${other.name}'.`,
				);
			await setProperties(context, other, { constraints: constraintsJson(kept) });
		}
	const left = constraints(current(context, table)).filter((other) => other.name !== key.name);
	await setProperties(context, table, { constraints: constraintsJson(left) });
}

const drop: Alteration = async (context, table, rest) => {
	if (rest.take("CLUSTERING", "KEY")) {
		requireEnd(rest);
		return setProperties(context, table, { clusterBy: null });
	}
	for (const words of [
		["ROW", "ACCESS", "POLICY"],
		["ALL", "ROW", "ACCESS", "POLICIES"],
		["SEARCH", "OPTIMIZATION"],
		["DATA", "METRIC", "FUNCTION"],
		["STORAGE", "LIFECYCLE", "POLICY"],
	])
		if (rest.looksAt(...words)) throw unsupported(`ALTER TABLE … DROP ${words.join(" ")}`);
	if (
		rest.looksAt("CONSTRAINT") ||
		rest.looksAt("PRIMARY", "KEY") ||
		rest.looksAt("FOREIGN", "KEY") ||
		rest.looksAt("UNIQUE")
	)
		return dropKey(context, table, rest);
	rest.take("COLUMN");
	const ifExists = rest.take("IF", "EXISTS");
	do {
		const name = rest.expectIdentifier();
		const exists = columns(current(context, table)).some((column) => column.name === name);
		if (exists || !ifExists) await dropColumn(context, table, name);
	} while (rest.take(","));
	if (rest.looksAt("RESTRICT")) throw unsupported("DROP COLUMN … RESTRICT");
	rest.take("CASCADE");
	requireEnd(rest);
};

/** One `[COLUMN] name action` of ALTER COLUMN. */
async function alterColumn(context: Context, table: CatalogObject, part: Cursor): Promise<void> {
	part.take("COLUMN");
	const name = part.expectIdentifier();
	if (part.take("DROP", "DEFAULT")) await dropDefault(context, table, name);
	else if (part.take("SET", "DEFAULT")) {
		const { parts } = part.expectName();
		const sequence = context.qualify(parts.slice(0, -1), "schema");
		const text = `${sequence.map(formatIdentifier).join(".")}.${parts.at(-1)}`;
		await setDefault(context, table, name, text);
	} else if (part.take("SET", "NOT", "NULL") || part.take("NOT", "NULL"))
		await setNotNull(context, table, name);
	else if (part.take("DROP", "NOT", "NULL")) await dropNotNull(context, table, name);
	else if (part.take("COMMENT")) {
		await setColumnComment(context, table, name, part.expectString() || null);
	} else if (part.take("UNSET", "COMMENT")) await setColumnComment(context, table, name, null);
	else if (!(await alterMasking(context, current(context, table), name, part))) {
		for (const action of ["SET", "UNSET"])
			for (const words of [["PROJECTION", "POLICY"], ["TAG"]])
				if (part.looksAt(action, ...words))
					throw unsupported(`ALTER TABLE … ALTER COLUMN … ${action} ${words.join(" ")}`);
		if (!part.take("SET", "DATA", "TYPE")) part.take("TYPE");
		const type = parseDataType(part, sessionParameter(context, "TIMESTAMP_TYPE_MAPPING"));
		await changeType(context, table, name, type);
	}
	requireEnd(part);
}

const alterOrModify: Alteration = async (context, table, rest) => {
	if (
		rest.looksAt("CONSTRAINT") ||
		rest.looksAt("PRIMARY", "KEY") ||
		rest.looksAt("UNIQUE", "(") ||
		rest.looksAt("FOREIGN", "KEY")
	)
		return alterKey(context, table, rest);
	const group = rest.looksAt("(") ? rest.expectGroup() : rest;
	for (const part of group.splitAt()) await alterColumn(context, table, part);
	requireEnd(rest);
};

async function alterKey(context: Context, table: CatalogObject, rest: Cursor): Promise<void> {
	const key = readKey(rest, table);
	let changed: Constraint = key;
	while (!rest.done) {
		if (rest.take("NOT", "ENFORCED")) changed = { ...changed, enforced: false };
		else if (rest.take("ENFORCED")) changed = { ...changed, enforced: true };
		else if (rest.take("RELY")) changed = { ...changed, rely: true };
		else if (rest.take("NORELY")) changed = { ...changed, rely: false };
		else if (!rest.take("NOVALIDATE"))
			throw rest.looksAt("VALIDATE") ? unsupported("VALIDATE of constraints") : unexpectedAt(rest);
	}
	await setProperties(context, table, {
		constraints: constraintsJson(
			constraints(table).map((other) => (other.name === key.name ? changed : other)),
		),
	});
}

const set: Alteration = async (context, table, rest) => {
	for (const words of [["TAG"], ["AGGREGATION", "POLICY"], ["JOIN", "POLICY"], ["CONTACT"]])
		if (rest.looksAt(...words)) throw unsupported(`ALTER TABLE … SET ${words.join(" ")}`);
	const settings = tableSettings(takeProperties(rest));
	if (!rest.done) throw unexpectedAt(rest);
	const { changeTracking, comment, parameters, schemaEvolution, errorLogging, rowTimestamp } =
		settings;
	if (changeTracking !== undefined) await setChangeTracking(context, table, changeTracking);
	const now = current(context, table);
	await context.catalog.update({
		...now,
		comment: comment === undefined ? now.comment : comment,
		properties: {
			...now.properties,
			...(schemaEvolution !== undefined && { schemaEvolution }),
			...(errorLogging !== undefined && { errorLogging }),
			...(rowTimestamp !== undefined && { rowTimestamp }),
			parameters: { ...ownParameters(now), ...parameters },
		},
	});
};

const UNSET: Readonly<Record<string, string>> = {
	ENABLE_SCHEMA_EVOLUTION: "schemaEvolution",
	ERROR_LOGGING: "errorLogging",
	ROW_TIMESTAMP: "rowTimestamp",
};

const PARAMETERS = new Set([
	"DATA_RETENTION_TIME_IN_DAYS",
	"MAX_DATA_EXTENSION_TIME_IN_DAYS",
	"DEFAULT_DDL_COLLATION",
]);

const unset: Alteration = async (context, table, rest) => {
	do {
		for (const words of [
			["TAG"],
			["AGGREGATION", "POLICY"],
			["JOIN", "POLICY"],
			["CONTACT"],
			["DCM"],
		])
			if (rest.looksAt(...words)) throw unsupported(`ALTER TABLE … UNSET ${words.join(" ")}`);
		const start = rest.clone();
		const name = rest.expectIdentifier();
		const flag = UNSET[name];
		const now = current(context, table);
		if (flag) await setProperties(context, table, { [flag]: false });
		else if (name === "CHANGE_TRACKING") await setChangeTracking(context, table, false);
		else if (name === "COMMENT") await context.catalog.update({ ...now, comment: null });
		else if (PARAMETERS.has(name)) {
			const { [name]: _removed, ...left } = ownParameters(now);
			await setProperties(context, table, { parameters: left as Json });
		} else throw unexpectedAt(start);
	} while (rest.take(","));
	requireEnd(rest);
};

const cluster: Alteration = async (context, table, rest) => {
	rest.expect("BY");
	const clusterBy = readClusterBy(rest);
	requireEnd(rest);
	await setProperties(context, table, { clusterBy });
};

function recluster(reclustering: boolean): Alteration {
	return async (context, table, rest) => {
		rest.expect("RECLUSTER");
		requireEnd(rest);
		await setProperties(context, table, { reclustering });
	};
}

const ACTIONS: Readonly<Record<string, Alteration>> = {
	ADD: add,
	ALTER: alterOrModify,
	CLUSTER: cluster,
	DROP: drop,
	MODIFY: alterOrModify,
	RESUME: recluster(true),
	SET: set,
	SUSPEND: recluster(false),
	UNSET: unset,
};

async function renamePart(
	context: Context,
	kind: Kind,
	table: CatalogObject,
	rest: Cursor,
): Promise<void> {
	if (rest.take("TO")) {
		await renameObject(context, kind, table, rest);
	} else if (rest.take("CONSTRAINT")) {
		const from = rest.expectIdentifier();
		rest.expect("TO");
		const to = rest.expectIdentifier();
		requireEnd(rest);
		if (!constraints(table).some((key) => key.name === from))
			throw compilationError(
				"002269",
				"42704",
				`Constraint '${from}' does not exist in table '${table.name}'.`,
			);
		await setProperties(context, table, {
			constraints: constraintsJson(
				constraints(table).map((key) => (key.name === from ? { ...key, name: to } : key)),
			),
		});
	} else {
		rest.expect("COLUMN");
		const from = rest.expectIdentifier();
		rest.expect("TO");
		const to = rest.expectIdentifier();
		requireEnd(rest);
		await renameColumn(context, table, from, to);
	}
}

/** ALTER TABLE. */
export async function alterTable(
	context: Context,
	kind: Kind,
	table: CatalogObject,
	rest: Cursor,
): Promise<Result> {
	await context.lock(table.id, "define");
	if (rest.take("RENAME")) await renamePart(context, kind, table, rest);
	else if (rest.take("SWAP", "WITH")) {
		const other = findObject(context, kind, rest.expectName().parts);
		requireEnd(rest);
		await swapNames(context, table, other);
	} else {
		const word = rest.peek()?.value ?? "";
		const action = ACTIONS[word];
		if (!action)
			throw word === "RECLUSTER" ? unsupported("ALTER TABLE … RECLUSTER") : unexpectedAt(rest);
		rest.next();
		await action(context, table, rest);
	}
	return statusResult();
}
