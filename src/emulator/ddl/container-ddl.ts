import { formatIdentifier, formatString } from "../../model/identifier.ts";
import { ownParameters, parameterFor } from "../account/parameters.ts";
import type { CatalogObject, Context } from "../types.ts";
import { contents } from "./container.ts";

/**
 * GET_DDL of a database or schema: its own statement, then those of everything in it whose kind has one.
 * https://docs.snowflake.com/en/sql-reference/functions/get_ddl
 */
export async function containerDdl(context: Context, container: CatalogObject): Promise<string> {
	const transient = container.properties.transient ? "TRANSIENT " : "";
	const managed = container.properties.managedAccess ? " WITH MANAGED ACCESS" : "";
	const parameters = Object.entries(ownParameters(container)).map(
		([name, value]) =>
			` ${name}=${parameterFor(container.kind, name)?.type === "STRING" ? formatString(value) : value}`,
	);
	const comment = container.comment ? ` COMMENT=${formatString(container.comment)}` : "";
	const head = `create or replace ${transient}${container.kind} ${formatIdentifier(container.name)}${managed}${parameters.join("")}${comment};`;
	const inner = contents(context, container);
	const direct =
		container.kind === "DATABASE" ? inner.filter((object) => object.schema === undefined) : inner;
	const texts: string[] = [head];
	for (const object of direct) {
		const ddl = context.kinds.get(object.kind)?.ddl;
		if (ddl) texts.push(await ddl(context, object));
	}
	return texts.join("\n\n");
}
