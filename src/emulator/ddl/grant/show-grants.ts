import { formatName } from "../../../model/identifier.ts";
import type { Cursor } from "../../../parse/cursor.ts";
import { objectName } from "../../account/catalog.ts";
import { timeType } from "../../account/data-type.ts";
import { doesNotExist } from "../../account/errors.ts";
import {
	FUTURE_GRANT,
	futureGrantOf,
	GRANT,
	type Grant,
	grantOf,
	grantsOn,
} from "../../account/grants.ts";
import { momentCell } from "../../account/wire.ts";
import { unsupported } from "../../error.ts";
import type { CatalogObject, Context, Result } from "../../types.ts";
import { textColumn } from "../result.ts";
import { findScope, requireEnd, unexpectedAt } from "../shared.ts";
import { readTarget } from "./target.ts";

/** A line of SHOW GRANTS. */
interface Row extends Omit<Grant, "objectId"> {
	readonly createdOn: number;
	readonly name: string;
}

/** INTEGRATION and the like: the word SHOW GRANTS has for a kind. */
function grantedOn(kind: string): string {
	return kind.endsWith(" INTEGRATION") ? "INTEGRATION" : kind.replaceAll(" ", "_");
}

function nameOf(object: CatalogObject | undefined): string {
	return object ? formatName(objectName(object)) : "";
}

/** The grant that ownership is; the account itself and what the system owns have none. */
function ownership(object: CatalogObject): Row | undefined {
	if (object.owner === "") return undefined;
	return {
		createdOn: object.createdOn,
		privilege: "OWNERSHIP",
		on: object.kind,
		name: nameOf(object),
		granteeKind: "ROLE",
		grantee: object.owner,
		option: true,
		grantedBy: object.owner,
	};
}

/** In a managed access schema nobody has a grant option. */
function isManaged(context: Context, object: CatalogObject | undefined): boolean {
	if (object?.database === undefined || object.schema === undefined) return false;
	return (
		context.catalog.find("SCHEMA", [object.database, object.schema])?.properties.managedAccess ===
		true
	);
}

function rowOf(context: Context, found: CatalogObject): Row {
	const { objectId, ...grant } = grantOf(found);
	const object = context.catalog.byId(objectId);
	return { ...grant, createdOn: found.createdOn, name: nameOf(object) };
}

const CREATED = { name: "created_on", type: timeType("TIMESTAMP_LTZ", 3), nullable: true };

function result(
	names: readonly string[],
	rows: readonly (readonly (string | null)[])[],
	limit: number | undefined,
): Result {
	return {
		columns: [CREATED, ...names.map(textColumn)],
		rows: limit === undefined ? rows : rows.slice(0, limit),
	};
}

function cells(row: Row): readonly (string | null)[] {
	return [
		momentCell(row.createdOn),
		row.privilege,
		grantedOn(row.on),
		row.name,
		row.granteeKind.replaceAll(" ", "_"),
		row.grantee,
		String(row.option),
	];
}

const HEAD = ["privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option"];

function readLimit(cursor: Cursor): number | undefined {
	const limit = cursor.take("LIMIT") ? Number(cursor.next().value) : undefined;
	requireEnd(cursor);
	return limit;
}

function showOn(context: Context, cursor: Cursor): Result {
	const target = readTarget(context, cursor);
	if ("future" in target || target.bulk) throw unexpectedAt(cursor);
	const limit = readLimit(cursor);
	const [object] = target.objects;
	if (!object) return result([...HEAD, "granted_by_role_type", "granted_by"], [], limit);
	const own = ownership(object);
	const managed = isManaged(context, object);
	const rows = [
		...(own ? [own] : []),
		...grantsOn(context, object.id).map((found) => rowOf(context, found)),
	].map((row) => [
		...cells(managed ? { ...row, option: false } : row),
		row.grantedBy === "" ? "" : "ROLE",
		row.grantedBy,
	]);
	return result([...HEAD, "granted_by_role_type", "granted_by"], rows, limit);
}

function showTo(context: Context, cursor: Cursor): Result {
	const user = cursor.take("USER");
	if (!user) {
		for (const words of ["DATABASE", "SHARE", "APPLICATION", "SERVICE"])
			if (cursor.looksAt(words)) throw unsupported(`SHOW GRANTS TO ${words}`);
		cursor.expect("ROLE");
	}
	const name = cursor.expectIdentifier();
	const limit = readLimit(cursor);
	const held = context.catalog.list(GRANT).filter((found) => {
		const grant = grantOf(found);
		return grant.granteeKind === (user ? "USER" : "ROLE") && grant.grantee === name;
	});
	if (user)
		return result(
			["role", "granted_to", "grantee_name", "granted_by"],
			held.map((found) => {
				const row = rowOf(context, found);
				return [momentCell(row.createdOn), row.name, "USER", row.grantee, row.grantedBy];
			}),
			limit,
		);
	if (!context.catalog.find("ROLE", [name])) throw doesNotExist("ROLE", [name]);
	const owned = [...context.kinds.keys()]
		.flatMap((kind) => context.catalog.list(kind))
		.filter((object) => object.owner === name)
		.flatMap((object) => ownership(object) ?? []);
	const rows = [...owned, ...held.map((found) => rowOf(context, found))].map((row) => [
		...cells(row),
		row.grantedBy,
	]);
	return result([...HEAD, "granted_by"], rows, limit);
}

function showOf(context: Context, cursor: Cursor): Result {
	if (!cursor.take("ROLE")) throw unsupported(`SHOW GRANTS OF ${cursor.peek()?.value ?? ""}`);
	const name = cursor.expectIdentifier();
	const limit = readLimit(cursor);
	const role = context.catalog.find("ROLE", [name]);
	if (!role) throw doesNotExist("ROLE", [name]);
	const rows = grantsOn(context, role.id).map((found) => {
		const { granteeKind, grantee, grantedBy } = grantOf(found);
		return [momentCell(found.createdOn), name, granteeKind, grantee, grantedBy];
	});
	return result(["role", "granted_to", "grantee_name", "granted_by"], rows, limit);
}

/** SHOW GRANTS [ON …|TO …|OF …]. Without a clause: what the current user has. */
export async function showGrants(context: Context, cursor: Cursor): Promise<Result> {
	if (cursor.take("ON")) return showOn(context, cursor);
	if (cursor.take("TO")) return showTo(context, cursor);
	if (cursor.take("OF")) return showOf(context, cursor);
	const limit = readLimit(cursor);
	const rows = context.catalog
		.list(GRANT)
		.filter((found) => {
			const { granteeKind, grantee } = grantOf(found);
			return granteeKind === "USER" && grantee === context.session.user;
		})
		.map((found) => {
			const row = rowOf(context, found);
			return [momentCell(row.createdOn), row.name, "USER", row.grantee, row.grantedBy];
		});
	return result(["role", "granted_to", "grantee_name", "granted_by"], rows, limit);
}

/** SHOW FUTURE GRANTS {IN SCHEMA|IN DATABASE|TO ROLE}. */
export async function showFutureGrants(context: Context, cursor: Cursor): Promise<Result> {
	let keep: (container: number, grantee: string) => boolean;
	if (cursor.take("TO")) {
		if (!cursor.take("ROLE"))
			throw unsupported(`SHOW FUTURE GRANTS TO ${cursor.peek()?.value ?? ""}`);
		const role = cursor.expectIdentifier();
		keep = (_container, grantee) => grantee === role;
	} else {
		cursor.expect("IN");
		const level = cursor.take("DATABASE") ? "DATABASE" : "SCHEMA";
		if (level === "SCHEMA") cursor.expect("SCHEMA");
		const { id } = findScope(context, level, cursor.expectName().parts);
		keep = (container) => container === id;
	}
	const limit = readLimit(cursor);
	const rows = context.catalog.list(FUTURE_GRANT).flatMap((found) => {
		const grant = futureGrantOf(found);
		if (!keep(grant.containerId, grant.grantee)) return [];
		const place = nameOf(context.catalog.byId(grant.containerId));
		const on = grantedOn(grant.on);
		return [
			[
				momentCell(found.createdOn),
				grant.privilege,
				on,
				`${place}.<${on}>`,
				grant.granteeKind,
				grant.grantee,
				String(grant.option),
			],
		];
	});
	return result(
		["privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option"],
		rows,
		limit,
	);
}
