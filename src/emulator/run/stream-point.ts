import { parseName } from "../../model/identifier.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { compilationError, doesNotExist } from "../account/errors.ts";
import { engineString } from "../account/storage.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { CatalogObject, Context } from "../types.ts";
import { horizon } from "./change-log.ts";
import { latestVersion, readableSource } from "./stream-read.ts";

/** Where in the past a stream begins: `AT (STREAM => 's')`, `BEFORE (TIMESTAMP => …)`. */
export interface StreamPoint {
	readonly keyword: "AT" | "BEFORE";
	readonly by: "TIMESTAMP" | "OFFSET" | "STATEMENT" | "STREAM";
	/** The expression, as written. */
	readonly text: string;
	/** Its value where it is a string. */
	readonly literal: string | undefined;
}

/** Takes an AT or BEFORE clause if one comes next. */
export function readStreamPoint(rest: Cursor): StreamPoint | undefined {
	const keyword = rest.take("AT") ? "AT" : rest.take("BEFORE") ? "BEFORE" : undefined;
	if (!keyword) return undefined;
	const group = rest.expectGroup();
	const by = (["TIMESTAMP", "OFFSET", "STATEMENT", "STREAM"] as const).find((word) =>
		group.take(word, "=>"),
	);
	if (!by) throw group.error("TIMESTAMP, OFFSET, STATEMENT or STREAM");
	if (by === "STREAM" && keyword === "BEFORE") throw rest.error("AT (STREAM => …)");
	const first = group.peek();
	const literal = first?.type === "string" && group.peek(1) === undefined ? first.value : undefined;
	return { keyword, by, text: group.takeRest().text, literal };
}

/** The nanoseconds an expression of type timestamp or a difference in seconds stands for. */
async function momentOf(context: Context, point: StreamPoint): Promise<bigint> {
	const query =
		point.by === "OFFSET"
			? `SELECT (${point.text})::NUMBER(38,3)`
			: `SELECT (${point.text})::TIMESTAMP_LTZ`;
	const { rows } = await context.execute(query);
	const cell = rows[0]?.[0];
	if (cell === null || cell === undefined)
		throw compilationError("001003", "42000", `${point.by} of ${point.keyword} must not be NULL.`);
	const nanoseconds = decimalNanoseconds(cell);
	return point.by === "OFFSET"
		? BigInt(context.clock.now()) * 1_000_000n + nanoseconds
		: nanoseconds;
}

/** `-12.5` seconds in nanoseconds. */
function decimalNanoseconds(cell: string): bigint {
	const [, sign, whole = "0", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?/.exec(cell) ?? [];
	const size = BigInt(whole) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
	return sign === "-" ? -size : size;
}

async function versionAtPoint(
	context: Context,
	source: CatalogObject,
	point: StreamPoint,
): Promise<bigint | undefined> {
	if (point.by === "STATEMENT") {
		const made = await latestVersion(
			context,
			source,
			`statement = ${engineString(point.literal ?? "")}`,
		);
		if (made === undefined || point.keyword === "AT") return made;
		return latestVersion(context, source, `version < ${made}`);
	}
	const moment = await momentOf(context, point);
	if (point.keyword === "BEFORE") return latestVersion(context, source, `ended_at < ${moment}`);
	// Versions of one millisecond are told apart in the nanoseconds below it: a whole millisecond means all of them.
	const inclusive = moment % 1_000_000n === 0n ? moment + 999_999n : moment;
	return latestVersion(context, source, `ended_at <= ${inclusive}`);
}

/** The version a new stream starts after: the latest, or the one its AT or BEFORE clause names. */
export async function startOffset(
	context: Context,
	source: CatalogObject,
	point: StreamPoint | undefined,
): Promise<bigint> {
	if (point?.by === "STREAM") {
		const other = findStream(context, point.literal ?? point.text);
		const { source: base, offset } = await readableSource(context, other);
		if (base.id !== source.id)
			throw compilationError(
				"002142",
				"0A000",
				`Stream '${other.name}' is not a stream on '${source.name}'.`,
			);
		return offset.version;
	}
	if (source.kind === "VIEW") {
		if (point) throw unsupported(`${point.keyword} (${point.by} => …) for streams on a VIEW`);
		return horizon(context);
	}
	const version = point
		? await versionAtPoint(context, source, point)
		: await latestVersion(context, source);
	if (version === undefined)
		throw new SnowflakeError(
			"000707",
			"02000",
			`Change tracking is not enabled or has been missing for the time range requested on table '${source.name}'.`,
		);
	return version;
}

/**
 * The stream a string names, as in AT (STREAM => 's') and SYSTEM$STREAM_HAS_DATA('db.s.name'): in a place such as
 * a task's schema, or as the session sees it.
 */
export function findStream(
	context: Context,
	written: string,
	place?: Pick<CatalogObject, "database" | "schema">,
): CatalogObject {
	const name = qualifyIn(context, parseName(written) ?? [written], place);
	const found = context.catalog.find("STREAM", name);
	if (!found) throw doesNotExist("STREAM", name);
	return found;
}

/** The full name of a name written in a place; by the session where there is no place. */
export function qualifyIn(
	context: Context,
	parts: readonly string[],
	place: Pick<CatalogObject, "database" | "schema"> | undefined,
): readonly string[] {
	if (!place) return context.qualify(parts, "schema");
	return [place.database ?? "", place.schema ?? ""].slice(0, 3 - parts.length).concat(parts);
}
