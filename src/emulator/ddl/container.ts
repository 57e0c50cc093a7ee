import type { CatalogObject, Context } from "../types.ts";
import { removeObject } from "./shared.ts";

/** Everything directly or indirectly inside a database or schema; schemas after what they hold. */
export function contents(context: Context, container: CatalogObject): readonly CatalogObject[] {
	const within =
		container.kind === "DATABASE"
			? { database: container.name }
			: {
					...(container.database !== undefined && { database: container.database }),
					schema: container.name,
				};
	const kinds = [...context.kinds.values()];
	const inner = kinds
		.filter((kind) => kind.level === "schema")
		.flatMap((kind) => context.catalog.list(kind.kind, within));
	if (container.kind !== "DATABASE") return inner;
	const schemas = kinds
		.filter((kind) => kind.level === "database")
		.flatMap((kind) => context.catalog.list(kind.kind, within));
	return [...inner, ...schemas];
}

/** Drops what was inside a container that has left the catalog. */
export async function dropContents(context: Context, container: CatalogObject): Promise<void> {
	for (const object of contents(context, container)) {
		const kind = context.kinds.get(object.kind);
		if (kind && context.catalog.byId(object.id)) await removeObject(context, kind, object);
	}
}

/** Gives the contents of a renamed container its new name. */
export async function renameContents(
	context: Context,
	before: CatalogObject,
	after: CatalogObject,
): Promise<void> {
	for (const object of contents(context, before)) {
		const moved =
			before.kind === "DATABASE"
				? { ...object, database: after.name }
				: {
						...object,
						schema: after.name,
						...(after.database !== undefined && { database: after.database }),
					};
		await context.catalog.update(moved);
	}
}

/** The session's context follows a renamed or dropped container only where the documentation says so. */
export function forgetContext(context: Context, container: CatalogObject): void {
	const { session } = context;
	if (container.kind === "DATABASE" && session.database === container.name) {
		session.database = undefined;
		session.schema = undefined;
	}
	if (
		container.kind === "SCHEMA" &&
		session.database === container.database &&
		session.schema === container.name
	)
		session.schema = undefined;
}
