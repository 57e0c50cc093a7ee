import { consumeStream } from "../run/change-log.ts";
import type { Context } from "../types.ts";

/** Moves the offsets of the streams that a statement reads, when its transaction commits. */
export async function consumeStreams(context: Context, reads: ReadonlySet<number>): Promise<void> {
	for (const id of reads) {
		const object = context.catalog.byId(id);
		if (object?.kind === "STREAM") await consumeStream(context, object);
	}
}
