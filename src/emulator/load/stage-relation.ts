import type { StageOptions } from "../sql/ast.ts";
import type { Relation } from "../sql/scope.ts";
import type { Context } from "../types.ts";
import type { FileFormat } from "./file-format.ts";
import { queryFormat } from "./formats.ts";
import { listFiles, resolveLocation } from "./location.ts";
import { METADATA_COLUMNS, requireReadable, type Scan, scanFiles, scanPosition } from "./scan.ts";

/** A scan as something to select from: `$1` … and the METADATA$ columns, none of which is part of `*`. */
export function scanRelation(scan: Scan, format: FileFormat, reads: readonly number[]): Relation {
	return {
		columns: METADATA_COLUMNS,
		from: scan.from,
		position: (index) => scanPosition(format, index),
		reads,
	};
}

/** `FROM @stage/path (FILE_FORMAT => …, PATTERN => …)`. https://docs.snowflake.com/en/user-guide/querying-stage */
export async function stageRelation(
	context: Context,
	reference: string,
	options: StageOptions,
): Promise<Relation> {
	const location = resolveLocation(context, reference);
	const format = queryFormat(context, options.fileFormat, location.stage);
	const files = await listFiles(location, options.pattern);
	const scan = await scanFiles(context, location, files, format);
	await requireReadable(context, scan);
	return scanRelation(scan, format, location.stage ? [location.stage.id] : []);
}
