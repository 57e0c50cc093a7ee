import type { ObjectModel } from "../../model/catalog.ts";
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
	/** check: the name of a captured value that the answer must equal. */
	readonly sameAs?: string;
	/** Runs only if the captured value is this one. */
	readonly uses?: { readonly name: string; readonly equals: string };
	/** Marks in the statement, and the captured values that stand in their places: whole numbers as they are, all else as text. */
	readonly takes?: Readonly<Record<string, string>>;
	readonly timeoutSeconds?: number;
	/** wait: what does not come is done without. */
	readonly optional?: true;
	readonly saveAs?: string;
	/** capture and check: the column that counts instead of the first one. */
	readonly column?: string;
	/** capture: the whole answer is kept, not its first cell. */
	readonly all?: true;
	readonly proves?: string;
	readonly files?: FileWork;
}

/** Makes an object that the recipe needs, which can have another name and other properties than the changed one. */
export interface RecipeCreation {
	readonly do: "create";
	readonly model: ObjectModel;
	/** Marks in the statement, and the captured values that stand in their places. */
	readonly takes?: Readonly<Record<string, string>>;
}

/** How an object is made anew, or altered, without losing what only it knows. */
export interface Recipe {
	/** What must hold for the change to be possible at all: before anything of the plan is touched. */
	readonly first?: readonly RecipeOperation[];
	/** Before anything that the object needs is changed. */
	readonly before: readonly RecipeOperation[];
	/** What runs in the place of CREATE OR REPLACE. */
	readonly instead?: readonly (RecipeOperation | RecipeCreation)[];
	/** Right after it is made, or altered. */
	readonly after: readonly RecipeOperation[];
	/** When it runs again, or stands still as before: the proof. */
	readonly proof: readonly RecipeOperation[];
	/** The key of something that it needs and that cannot be read as it is now: this changes before anything is captured. */
	readonly behind?: string;
	/** What a run that is cut off in between leaves to be done. */
	readonly restore: readonly RecipeOperation[];
	/** Hazards of the replacement that it does not have this way. */
	readonly prevents: readonly HazardCode[];
	/** Columns get other places, which whatever fills or reads them by place must not miss. */
	readonly moves?: boolean;
	readonly adds: readonly HazardDraft[];
}
