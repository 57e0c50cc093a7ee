/** The files around the replacement of what loads them; names are relative to the place they are loaded from. */
export interface FileWindow {
	/** Files modified before are not its business: nothing that loaded them is known. ISO 8601. */
	readonly since: string;
	/** Files that were loaded, in whole or in part. */
	readonly loaded: readonly string[];
	/** Files that were tried and not loaded: they are not tried again. */
	readonly failed: readonly string[];
}

/** A file of a listing. */
export interface ListedFile {
	readonly name: string;
	readonly modified: Date;
}

/** One entry of a load history. */
export interface Load {
	readonly name: string;
	/** Loaded, at least in part. */
	readonly loaded: boolean;
	/** By a statement of its own, whose history stays when the loader is replaced. */
	readonly bulk: boolean;
}

const DAY = 86_400_000;
/** How old a file can be that is loaded on request. */
const REQUEST_DAYS = 7;

/** What a window holds of a listing: `missing` can be loaded on request, `old` cannot any more. */
export interface Split {
	readonly files: readonly string[];
	readonly missing: readonly string[];
	readonly old: readonly string[];
	/** What a request must not reach. */
	readonly others: readonly string[];
}

/** The whole seconds of a moment: listings tell no more. */
function seconds(at: Date): number {
	return Math.floor(at.getTime() / 1000);
}

/** Tells the files of a listing apart. */
export function split(listing: readonly ListedFile[], window: FileWindow, now: Date): Split {
	const handled = new Set([...window.loaded, ...window.failed]);
	const since = seconds(new Date(window.since));
	const oldest = seconds(new Date(now.getTime() - REQUEST_DAYS * DAY));
	const own = listing.filter((file) => seconds(file.modified) >= since);
	const open = own.filter((file) => !handled.has(file.name));
	const missing = open.filter((file) => seconds(file.modified) >= oldest).map((file) => file.name);
	const asked = new Set(missing);
	return {
		files: own.map((file) => file.name).filter((name) => handled.has(name) || asked.has(name)),
		missing,
		old: open.map((file) => file.name).filter((name) => !asked.has(name)),
		others: listing.map((file) => file.name).filter((name) => !asked.has(name)),
	};
}

function commonPrefix(names: readonly string[]): string {
	const [first = "", ...rest] = names;
	let length = first.length;
	for (const name of rest) {
		let same = 0;
		while (same < length && name[same] === first[same]) same++;
		length = same;
	}
	return first.slice(0, length);
}

/** The first of sorted names that is not before a text. */
function firstFrom(sorted: readonly string[], text: string): string | undefined {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((sorted[middle] as string) < text) low = middle + 1;
		else high = middle;
	}
	return sorted[low];
}

/**
 * The fewest prefixes that together cover all wanted names and no other, each as long as what it covers has in
 * common. A name that begins another one, which is not wanted, cannot be covered: `blocked`.
 */
export function narrowestPrefixes(
	wanted: readonly string[],
	others: readonly string[],
): { readonly prefixes: readonly string[]; readonly blocked: readonly string[] } {
	const sorted = [...others].sort();
	const reaches = (prefix: string) => firstFrom(sorted, prefix)?.startsWith(prefix) === true;
	const groups = new Map<string, string[]>();
	const blocked: string[] = [];
	for (const name of [...new Set(wanted)].sort()) {
		let length = 0;
		while (length <= name.length && reaches(name.slice(0, length))) length++;
		if (length > name.length) {
			blocked.push(name);
			continue;
		}
		const shortest = name.slice(0, length);
		groups.set(shortest, [...(groups.get(shortest) ?? []), name]);
	}
	return { prefixes: [...groups.values()].map(commonPrefix), blocked };
}

/** What became of the files of a window. */
export interface Outcome {
	readonly once: readonly string[];
	readonly missing: readonly string[];
	readonly twice: readonly string[];
	/** Tried by the new one and not loaded. */
	readonly failed: readonly string[];
}

/** Compares the files of a window with what was loaded before and after. */
export function outcome(
	files: readonly string[],
	window: FileWindow,
	after: readonly Load[],
): Outcome {
	const before = new Set(window.loaded);
	const settled = new Set([...window.loaded, ...window.failed]);
	const times = new Map<string, number>();
	const bulk = new Set<string>();
	const tried = new Set<string>();
	for (const load of after) {
		if (!load.loaded) tried.add(load.name);
		else if (load.bulk) bulk.add(load.name);
		else times.set(load.name, (times.get(load.name) ?? 0) + 1);
	}
	const found = { once: [], missing: [], twice: [], failed: [] } as {
		[K in keyof Outcome]: string[];
	};
	for (const name of files) {
		const loads = (times.get(name) ?? 0) + (before.has(name) || bulk.has(name) ? 1 : 0);
		if (loads > 1) found.twice.push(name);
		else if (loads === 1) found.once.push(name);
		else if (tried.has(name)) found.failed.push(name);
		else if (!settled.has(name)) found.missing.push(name);
	}
	return found;
}
