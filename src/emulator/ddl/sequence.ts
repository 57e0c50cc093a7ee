import { formatIdentifier, formatString } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { fixedType } from "../account/data-type.ts";
import { compilationError } from "../account/errors.ts";
import { sessionParameter } from "../account/parameters.ts";
import { duckdbType } from "../account/storage.ts";
import { momentCell } from "../account/wire.ts";
import { unsupported } from "../error.ts";
import { stringValue, takeProperty } from "../load/property-list.ts";
import type { CatalogObject, Context, Kind, Result, SqlType } from "../types.ts";
import * as column from "./columns.ts";
import { statusResult, textResult } from "./result.ts";
import {
	addObject,
	beginCreate,
	created,
	renameObject,
	requireEnd,
	unexpectedAt,
} from "./shared.ts";

/** What clauses of a sequence are written; undefined where they are not. */
interface Written {
	start: number | undefined;
	increment: number | undefined;
	ordered: boolean | undefined;
	comment: string | null | undefined;
}

function readNumber(rest: Cursor): number {
	rest.take("WITH");
	rest.take("BY");
	rest.take("=");
	const negative = rest.take("-");
	const token = rest.next();
	if (token.type !== "number" || !/^\d+$/.test(token.value)) throw unexpectedAt(rest);
	const value = negative ? -Number(token.value) : Number(token.value);
	if (Math.abs(value) >= 2 ** 63)
		throw compilationError("001008", "22023", `invalid value [${token.value}] for a sequence`);
	return value;
}

function readClauses(rest: Cursor): Written {
	const found: Written = {
		start: undefined,
		increment: undefined,
		ordered: undefined,
		comment: undefined,
	};
	while (!rest.done) {
		rest.take(",");
		if (rest.take("START")) found.start = readNumber(rest);
		else if (rest.take("INCREMENT")) found.increment = readNumber(rest);
		else if (rest.take("ORDER")) found.ordered = true;
		else if (rest.take("NOORDER")) found.ordered = false;
		else {
			const property = takeProperty(rest);
			if (property?.name !== "COMMENT") throw unexpectedAt(rest);
			found.comment = stringValue(property) || null;
		}
	}
	if (found.increment === 0)
		throw compilationError("002250", "42601", "Increment of a sequence cannot be 0.");
	return found;
}

async function createPhysical(
	context: Context,
	id: number,
	start: number,
	increment: number,
): Promise<void> {
	const bounds =
		increment < 0
			? `MINVALUE -9223372036854775807 MAXVALUE ${Math.max(start, 1)}`
			: start < 1
				? `MINVALUE ${start}`
				: "";
	await context.engine(
		`CREATE SEQUENCE data.s${id} START ${start} INCREMENT ${increment} ${bounds}`,
	);
}

/** What NEXTVAL would give next. */
async function nextValue(context: Context, object: CatalogObject): Promise<number> {
	const [row] = await context.engine(
		`SELECT last_value, start_value FROM duckdb_sequences() WHERE schema_name = 'data' AND sequence_name = 's${object.id}'`,
	);
	const last = row?.[0];
	if (last === null || last === undefined) return Number(row?.[1]);
	return Number(last) + Number(object.properties.increment);
}

async function alterTo(context: Context, object: CatalogObject, written: Written): Promise<Result> {
	const { properties } = object;
	if (written.start !== undefined && written.start !== properties.start)
		throw compilationError(
			"002214",
			"0A000",
			`The start of sequence '${object.name}' cannot be changed.`,
		);
	if (written.ordered === true && properties.ordered === false)
		throw compilationError(
			"002215",
			"0A000",
			`Sequence '${object.name}' cannot be changed from NOORDER to ORDER.`,
		);
	if (written.increment !== undefined && written.increment !== properties.increment) {
		const next = await nextValue(context, object);
		await context.engine(`DROP SEQUENCE data.s${object.id}`);
		await createPhysical(context, object.id, next, written.increment);
	}
	await context.catalog.update({
		...object,
		comment: written.comment === undefined ? object.comment : written.comment,
		properties: {
			...properties,
			...(written.increment !== undefined && { increment: written.increment }),
			...(written.ordered !== undefined && { ordered: written.ordered }),
		},
	});
	return statusResult();
}

/** The engine's expression of NEXTVAL; every mention gives a value of its own. */
export function sequenceNext(object: Pick<CatalogObject, "id">): {
	readonly sql: string;
	readonly type: SqlType;
} {
	const type = fixedType();
	return { sql: `CAST(nextval('data.s${object.id}') AS ${duckdbType(type)})`, type };
}

const flag = (object: CatalogObject): string => (object.properties.ordered ? "Y" : "N");

/** SEQUENCE. */
export const sequence: Kind = {
	kind: "SEQUENCE",
	plural: "SEQUENCES",
	level: "schema",
	silentCap: true,
	async create(context, statement) {
		const rest = statement.rest();
		const creation = beginCreate(context, sequence, statement, { orAlter: true });
		if (creation.step === "nothing") return creation.result;
		if (rest.looksAt("CLONE")) throw unsupported("CREATE SEQUENCE … CLONE");
		if (rest.looksAt("WITH")) rest.take("WITH");
		const written = readClauses(rest);
		const { start = 1, increment = 1, comment = null } = written;
		if (creation.step === "alter")
			return alterTo(context, creation.object, { ...written, increment, comment });
		const ordered =
			written.ordered ?? sessionParameter(context, "NOORDER_SEQUENCE_AS_DEFAULT") === "false";
		const object = await addObject(context, sequence, creation, {
			comment,
			properties: { start, increment, ordered },
		});
		await createPhysical(context, object.id, start, increment);
		return created(sequence, object);
	},
	async alter(context, statement, object) {
		const rest = statement.rest();
		if (rest.take("RENAME", "TO")) {
			await renameObject(context, sequence, object, rest);
			return statusResult();
		}
		if (rest.take("UNSET", "COMMENT")) {
			requireEnd(rest);
			await context.catalog.update({ ...object, comment: null });
			return statusResult();
		}
		rest.take("SET");
		if (rest.done) throw unexpectedAt(rest);
		return alterTo(context, object, readClauses(rest));
	},
	async dropped(context, object) {
		await context.engine(`DROP SEQUENCE IF EXISTS data.s${object.id}`);
	},
	async measure(context, objects) {
		const measured = new Map<number, { next_value: number }>();
		for (const object of objects)
			measured.set(object.id, { next_value: await nextValue(context, object) });
		return measured;
	},
	show: [
		column.name,
		column.databaseName,
		column.schemaName,
		column.measured("next_value"),
		column.number("interval", (object) => Number(object.properties.increment)),
		column.createdOn,
		column.owner,
		column.comment,
		column.ownerRoleType,
		column.text("ordered", flag),
	],
	async describe(context, object) {
		const next = await nextValue(context, object);
		return textResult(
			[
				"name",
				"database_name",
				"schema_name",
				"next_value",
				"interval",
				"created_on",
				"owner",
				"comment",
				"owner_role_type",
				"ordered",
			],
			[
				[
					object.name,
					object.database ?? null,
					object.schema ?? null,
					String(next),
					String(object.properties.increment),
					momentCell(object.createdOn),
					object.owner,
					object.comment ?? "",
					"ROLE",
					flag(object),
				],
			],
		);
	},
	async ddl(_context, object) {
		const { start, increment, ordered } = object.properties;
		const comment = object.comment ? ` COMMENT=${formatString(object.comment)}` : "";
		return `create or replace sequence ${formatIdentifier(object.name)} start with ${start} increment by ${increment} ${ordered ? "order" : "noorder"}${comment};`;
	},
};
