import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import type { Span } from "../diagnostics/source.ts";

/**
 * Everything a change can lose or cost, and whether apply refuses until it is accepted.
 * The list is the product's contract (the safe-change design); each code has its page in docs/hazards.md.
 */
export const HAZARDS = {
	DATA_LOSS: "refuse",
	DATA_REWRITE: "refuse",
	NARROWING: "refuse",
	OBJECT_DROPPED: "refuse",
	STREAM_OFFSET_LOST: "refuse",
	STREAM_STALE: "refuse",
	PIPE_HISTORY_LOST: "refuse",
	PIPE_BROKEN: "refuse",
	EXTERNAL_TABLE_BROKEN: "refuse",
	STAGE_UNLINKED: "refuse",
	TRUST_BROKEN: "refuse",
	DIRECTORY_RESET: "refuse",
	TASK_LINKS_LOST: "refuse",
	GRANTS_LOST: "refuse",
	ACCESS_REVOKED: "refuse",
	OWNERSHIP_CHANGED: "refuse",
	PROTECTION_LOST: "refuse",
	SEQUENCE_RESET: "refuse",
	LOAD_HISTORY_LOST: "refuse",
	TIME_TRAVEL_LOST: "refuse",
	LOCKOUT: "refuse",
	TASK_GRAPH_PAUSE: "notice",
	PIPE_RELOAD_WINDOW: "notice",
	STREAM_FLOOD: "notice",
	FUTURE_GRANTS_SKIPPED: "notice",
	COST: "notice",
	LOCKS_TABLE: "notice",
	SECRET_UNCOMPARED: "notice",
} as const satisfies Record<string, "refuse" | "notice">;

export type HazardCode = keyof typeof HAZARDS;

/** Whether a text is the code of a hazard. */
export function isHazardCode(text: string): text is HazardCode {
	return Object.hasOwn(HAZARDS, text);
}

/** That a text, written where a hazard's code belongs, is none; with the nearest one. */
export function unknownHazard(text: string, span?: Span): Diagnostic {
	return errorAt(span, "HAZARD", `${text} is not a hazard`, didYouMean(text, Object.keys(HAZARDS)));
}

/** What a kind says a change can lose; the plan adds the level and, where absent, the object. */
export interface HazardDraft {
	readonly code: HazardCode;
	/** One sentence: what is lost, and why. */
	readonly message: string;
	/** The object that loses, as `KIND name`, where it is not the changed one. */
	readonly object?: string;
	/** It is lost whatever is done before: draining the object does not prevent it. */
	readonly remains?: true;
}

/** A hazard of a plan. */
export interface Hazard {
	readonly code: HazardCode;
	readonly level: "refuse" | "notice";
	readonly object: string;
	readonly message: string;
}

/** A hazard with its level. */
export function hazard(draft: HazardDraft, changed: string): Hazard {
	return {
		code: draft.code,
		level: HAZARDS[draft.code],
		object: draft.object ?? changed,
		message: draft.message,
	};
}
