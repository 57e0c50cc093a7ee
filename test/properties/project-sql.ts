import { objectType } from "../../src/objects/index.ts";
import { type GrantSpec, type Pipeline, ROLES, type Structural } from "./pipeline.ts";
import { type Asked, type Item, itemsOf, pick } from "./project-items.ts";

/** A grant of a project, on an object that it has. */
export interface GrantItem extends GrantSpec {
	readonly item: Item;
	/** As SHOW GRANTS tells it: `SELECT to ROLE READER`. */
	readonly edge: string;
	readonly sql: string;
}

/** A project, before and after changes. */
export interface Project {
	readonly items: readonly Item[];
	readonly grants: readonly GrantItem[];
	/** New names of columns, by the table's first name. */
	readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** The items without some, and without what needs those. */
function without(items: readonly Item[], gone: ReadonlySet<string>): readonly Item[] {
	const left = items.filter((i) => !gone.has(i.id) && !i.needs.some((need) => gone.has(need)));
	return left.length === items.length
		? items
		: without(left, new Set(items.filter((i) => !left.includes(i)).map((i) => i.id)));
}

function grantItem(
	spec: GrantSpec,
	items: readonly Item[],
	database: string,
): GrantItem | undefined {
	const grantable = items.filter(
		({ kind }) => kind !== "" && objectType(kind).grants.privileges.some((p) => !p.applies),
	);
	const item = pick(grantable, spec.on);
	if (!item) return undefined;
	const { word, privileges } = objectType(item.kind).grants;
	const privilege = pick(
		privileges.filter((p) => !p.applies),
		spec.privilege,
	);
	const name = item.kind === "STORAGE INTEGRATION" ? item.name : `${database}.BRONZE.${item.name}`;
	return {
		...spec,
		item,
		edge: `${privilege?.name} to ROLE ${ROLES[spec.role]}`,
		sql: `GRANT ${privilege?.name} ON ${word ?? item.kind} ${name} TO ROLE ${ROLES[spec.role]}${spec.option ? " WITH GRANT OPTION" : ""}`,
	};
}

function askedBy(
	spec: Pipeline,
	changes: readonly Structural[],
	first: readonly Item[],
): Asked & { readonly gone: ReadonlySet<string> } {
	const renamed = new Set<string>();
	const gone = new Set<string>();
	const columns = new Map<string, ReadonlyMap<string, string>>();
	const links = new Map<string, string | null>();
	let { copy } = spec.pipe;
	const turned = new Set<string>();
	let moved = false;
	const objects = first.filter((item) => item.kind !== "");
	for (const change of changes)
		switch (change.do) {
			case "rename":
				renamed.add(pick(objects, change.object)?.id ?? "");
				break;
			case "drop":
				gone.add(pick(objects, change.object)?.id ?? "");
				break;
			case "rename column": {
				const table = change.table % spec.tables.length;
				const column = change.column % (spec.tables[table]?.columns.length ?? 1);
				columns.set(`T${table}`, new Map([[`C${column}`, `C${column}_NEW`]]));
				break;
			}
			case "change the COPY":
				copy = change.copy;
				break;
			case "read a stream otherwise":
				turned.add(`S${change.stream % Math.max(1, spec.streams.length)}`);
				break;
			case "move the stage":
				moved = true;
				break;
			case "link a task elsewhere": {
				const tasks = objects.filter((item) => item.kind === "TASK").map((item) => item.id);
				const task = pick(tasks, change.task);
				// Only after those before it, or after none: a graph has no circles.
				const before = [null, ...tasks.slice(0, tasks.indexOf(task ?? ""))];
				if (task !== undefined) links.set(task, pick(before, change.after) ?? null);
			}
		}
	return { renamed, columns, copy, moved, turned, links, gone };
}

/** A pipeline as SQL in a database, with some changes made to it. */
export function projectOf(
	spec: Pipeline,
	database: string,
	changes: readonly Structural[] = [],
): Project {
	const nothing: Asked = {
		renamed: new Set(),
		columns: new Map(),
		copy: spec.pipe.copy,
		moved: false,
		turned: new Set(),
		links: new Map(),
	};
	const first = itemsOf(spec, nothing, database);
	const asked = askedBy(spec, changes, first);
	const items = without(itemsOf(spec, asked, database), asked.gone);
	const renewed = (grant: GrantItem | undefined): readonly GrantItem[] => {
		const item = items.find((i) => i.id === grant?.item.id);
		const again = item &&
			grant && { ...grant, item, sql: grant.sql.replace(grant.item.name, item.name) };
		return again ? [again] : [];
	};
	const taken = new Set(
		changes.flatMap((c) =>
			c.do === "take a grant back" ? [c.grant % Math.max(1, spec.grants.length)] : [],
		),
	);
	const grants = [
		...spec.grants.filter((_, i) => !taken.has(i)),
		...changes.flatMap((c) => (c.do === "grant" ? [{ ...c.grant, byHand: false }] : [])),
	].flatMap((grant) => renewed(grantItem(grant, first, database)));
	return { items, grants, columns: asked.columns };
}
