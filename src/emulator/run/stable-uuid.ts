import { createHash } from "node:crypto";

/** An id as random-looking as Snowflake's, and the same whenever the same statements and ticks were run. */
export function stableUuid(of: string): string {
	const hex = createHash("sha256").update(of).digest("hex");
	const cuts = [0, 8, 12, 16, 20, 32];
	return cuts
		.slice(1)
		.map((end, i) => hex.slice(cuts[i], end))
		.join("-");
}
