import type { HazardCode, HazardDraft } from "../../model/hazard.ts";

/** Where files of a listing are, and which of them count. */
export interface FilePlace {
	/** What every name of the listing begins with; the rest is what a prefix is matched with. */
	readonly root: string;
	/** A regular expression for the rest of a name. */
	readonly pattern?: string;
}

/**
 * What an operation does with file names. All names given here are names of captured values.
 *
 * `window` (a listing): what was loaded and what was not, while it can still be told. `listed` (a listing): what
 * the window holds now. `each` (a statement with `{prefix}`): runs once for each prefix that covers what is
 * missing and nothing else. `history` (when the object was made): what the next window has to know of this one.
 * `proof` (a load history): every file of the window loaded once.
 */
export type FileWork =
	| ({
			readonly as: "window";
			readonly made: string;
			readonly loads: string;
			readonly status: string;
			/** What an earlier replacement has left under `history`. */
			readonly history: string;
			/** The files are left behind: none may be missing. */
			readonly leaves?: true;
			/** What is lost where it cannot be told. */
			readonly refuses: HazardCode;
	  } & FilePlace)
	| ({ readonly as: "listed"; readonly window: string; readonly leaves?: true } & FilePlace)
	| { readonly as: "each"; readonly window: string; readonly listed: string }
	| { readonly as: "history"; readonly window: string }
	| {
			readonly as: "proof";
			readonly window: string;
			readonly listed: string;
			readonly status: string;
			readonly root: string;
	  };

/** An operation of a recipe; the planner adds the role. */
export interface RecipeOperation {
	readonly do: "execute" | "wait" | "check" | "capture";
	readonly sql: string;
	readonly until?: string;
	readonly timeoutSeconds?: number;
	/** wait: what does not come is done without. */
	readonly optional?: true;
	readonly saveAs?: string;
	/** capture: the whole answer is kept, not its first cell. */
	readonly all?: true;
	readonly proves?: string;
	readonly files?: FileWork;
}

/** How an object is made anew without losing what only it knows. */
export interface Recipe {
	/** Before anything that the object needs is changed. */
	readonly before: readonly RecipeOperation[];
	/** Right after it is made. */
	readonly after: readonly RecipeOperation[];
	/** When it runs again, or stands still as before: the proof. */
	readonly proof: readonly RecipeOperation[];
	/** The key of something that it needs and that cannot be read as it is now: this changes before anything is captured. */
	readonly behind?: string;
	/** What a run that is cut off in between leaves to be done. */
	readonly restore: readonly RecipeOperation[];
	/** Hazards of the replacement that it does not have this way. */
	readonly prevents: readonly HazardCode[];
	readonly adds: readonly HazardDraft[];
}
