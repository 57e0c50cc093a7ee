/**
 * Faults that tests ask for. Statements are counted from 1 over the life of the server.
 * `drop-before` closes the connection before the statement ran, `drop-after` when it ran and nobody was told,
 * `unavailable` answers 503, `expired` 390112, `kill` ends the process after the statement ran.
 */
export interface Fault {
	readonly statement: number;
	readonly do:
		| "drop-before"
		| "drop-after"
		| "unavailable"
		| "expired"
		| "kill-before"
		| "kill-after";
}

/** How a server misbehaves, for tests and benchmarks. */
export interface FaultPlan {
	/** Milliseconds that each statement takes longer. */
	readonly latency?: number;
	readonly faults?: readonly Fault[];
	/** Besides `faults`: what happens to a statement by what it says. */
	readonly faultOf?: (sql: string) => Fault["do"] | undefined;
	/** Besides `faults`: a share (0 to 1) of statements that lose their connection, before or after, chosen by the seed. */
	readonly random?: { readonly seed: number; readonly share: number };
	/** Called around each statement; throwing is for the test's own purposes. */
	readonly beforeStatement?: (n: number, sql: string) => void | Promise<void>;
	readonly afterStatement?: (n: number, sql: string) => void | Promise<void>;
}

/** A number from 0 to 1 that depends on seed and position only. */
function chance(seed: number, n: number): number {
	let x = (seed * 0x9e3779b1 + n * 0x85ebca6b) >>> 0;
	x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0;
	x = Math.imul(x ^ (x >>> 15), 0x735a2d97) >>> 0;
	return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}

/** What happens at the n-th statement. */
export function faultAt(plan: FaultPlan, n: number, sql: string): Fault["do"] | undefined {
	const explicit = plan.faults?.find((fault) => fault.statement === n)?.do ?? plan.faultOf?.(sql);
	if (explicit) return explicit;
	if (!plan.random) return undefined;
	const { seed, share } = plan.random;
	if (chance(seed, n) >= share) return undefined;
	return chance(seed + 1, n) < 0.5 ? "drop-before" : "drop-after";
}
