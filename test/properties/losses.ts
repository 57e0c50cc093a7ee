import type { Catalog, ObjectModel } from "../../src/model/catalog.ts";
import type { Project } from "./project-sql.ts";
import type { Seen, Snapshot } from "./snapshot.ts";

/** A hazard of the plan that was accepted: what it says may go. */
export interface AcceptedHazard {
	readonly code: string;
	/** `KIND DATABASE.BRONZE.NAME`. */
	readonly object: string;
	/** What the plan does with the object. */
	readonly action: string;
}

/** What was changed, and what was said about it. */
export interface Changed {
	readonly database: string;
	readonly from: { readonly project: Project; readonly catalog: Catalog };
	readonly to: { readonly project: Project; readonly catalog: Catalog };
	readonly hazards: readonly AcceptedHazard[];
	/** IDs of rows that may arrive while the plan runs. */
	readonly arriving: ReadonlySet<string>;
}

/** How often each text is in a list, less how often it is in another. */
function surplus(a: readonly string[], b: readonly string[]): readonly string[] {
	const left = [...b];
	return a.filter((text) => {
		const at = left.indexOf(text);
		if (at < 0) return true;
		left.splice(at, 1);
		return false;
	});
}

/** The names objects have now, by kind and old name; undefined for those that files no longer declare. */
function successor(changed: Changed, seen: Seen): string | undefined {
	const { from, to } = changed;
	const old = from.project.items.find((i) => i.kind === seen.kind && i.name === seen.name);
	if (!old) return seen.name;
	return to.project.items.find((i) => i.id === old.id && i.kind === old.kind)?.name;
}

function modelOf(
	catalog: Catalog,
	database: string,
	kind: string,
	name: string,
): ObjectModel | undefined {
	return catalog.objects.get(`${kind} ${database}.BRONZE.${name}`);
}

function isMasked({ policy }: { readonly policy: string }): boolean {
	return policy !== "" && policy !== "null";
}

/** Whether the project's schema begins or ends to decide on grants. */
function central({ database, from, to }: Changed): boolean {
	const [was, is] = [from, to].map(({ catalog }) =>
		JSON.stringify(catalog.objects.get(`SCHEMA ${database}.BRONZE`)?.properties["MANAGED ACCESS"]),
	);
	return was !== is;
}

/** Compares one object as it was with what became of it. */
function lossesOf(
	changed: Changed,
	was: Seen,
	is: Seen,
	before: Snapshot,
	after: Snapshot,
): readonly string[] {
	const { database, from, to, hazards, arriving } = changed;
	const own = (name: string) => `${was.kind} ${database}.BRONZE.${name}`;
	const said = (...codes: readonly string[]) =>
		hazards.some((h) => codes.includes(h.code) && [own(was.name), own(is.name)].includes(h.object));
	const modelBefore = modelOf(from.catalog, database, was.kind, was.name);
	const modelAfter = modelOf(to.catalog, database, is.kind, is.name);
	const same = (property: string) =>
		JSON.stringify(modelBefore?.properties[property]) ===
		JSON.stringify(modelAfter?.properties[property]);
	const lost: string[] = [];
	const miss = (what: string) => void lost.push(`${was.kind} ${was.name}: ${what}`);

	const declared = (project: Project, name: string) =>
		project.grants
			.filter((g) => !g.byHand && g.item.kind === was.kind && g.item.name === name)
			.map((g) => `${g.edge}${g.option ? " with option" : ""}`);
	const takenBack = surplus(declared(from.project, was.name), declared(to.project, is.name));
	// Who may pass a grant on is told of nobody where the schema decides on grants.
	const plain = (grants: readonly string[]) =>
		grants.map((grant) => (central(changed) ? grant.replace(" with option", "") : grant));
	for (const grant of surplus(plain(was.grants), plain(is.grants)))
		if (!plain(takenBack).includes(grant) && !said("GRANTS_LOST", "ACCESS_REVOKED"))
			miss(`grant ${grant} is gone`);

	if (same("COMMENT") && was.comment !== is.comment)
		miss(`comment ${was.comment} became ${is.comment}`);

	const renamed = from.project.items.find((i) => i.kind === was.kind && i.name === was.name)?.id;
	const renames = renamed === undefined ? undefined : to.project.columns.get(renamed);
	const columns = [...was.columns].flatMap(([name, column]) => {
		const now =
			renames?.has(name) && is.columns.has(renames.get(name) ?? "")
				? (renames.get(name) ?? name)
				: name;
		const then = is.columns.get(now);
		return then ? [{ name, now, column, then }] : [];
	});
	for (const { name, column, then } of columns)
		if (
			column.policy !== "" &&
			column.policy !== "null" &&
			(then.policy === "" || then.policy === "null") &&
			!said("PROTECTION_LOST")
		)
			miss(`column ${name} lost its policy ${column.policy}`);

	// Another body shows other values of the same rows.
	const body = ({ catalog }: Changed["from"]) =>
		[...catalog.objects.values()].find((o) => o.kind === "MASKING POLICY")?.properties.BODY;
	const shown = columns.filter(({ column }) => !isMasked(column) || body(from) === body(to));

	if (was.rows) {
		const replaced = hazards.some(
			(h) => h.code === "DATA_LOSS" && h.action === "replace" && h.object === own(is.name),
		);
		const line = (row: ReadonlyMap<string, string>, names: readonly string[]) =>
			names.map((n) => `${n}=${row.get(n)}`).join(" ");
		const oldRows = was.rows.map((r) =>
			line(
				r,
				shown.map((c) => c.name),
			),
		);
		const newRows = (is.rows ?? []).map((r) =>
			shown.map((c) => `${c.name}=${r.get(c.now)}`).join(" "),
		);
		if (!replaced) {
			for (const row of surplus(oldRows, newRows))
				miss(`row ${row} is gone (of ${oldRows.length}; now ${newRows.slice(0, 3).join(" | ")})`);
			if (!/^OUT/.test(was.name))
				for (const row of surplus(newRows, oldRows))
					if (!arriving.has(/ID=(\S*)/.exec(row)?.[1] ?? "")) miss(`row ${row} is new`);
		}
	}

	if (was.kind === "STREAM" && !said("STREAM_OFFSET_LOST", "STREAM_STALE")) {
		if (!was.stale && is.stale) miss("went stale");
		const reader = `OUT${was.name.replace(/^S(\d+).*$/, "$1")}`;
		const rowsIn = (snapshot: Snapshot) =>
			[...snapshot.values()].find((s) => s.kind === "TABLE" && s.name.startsWith(reader))?.rows ??
			[];
		const text = (rows: readonly ReadonlyMap<string, string>[]) =>
			rows.map((r) => `${r.get("ID")} ${r.get("ACTION")} ${r.get("ISUPDATE")}`);
		const delivered = surplus(text(rowsIn(after)), text(rowsIn(before)));
		const lostTarget = hazards.some(
			(h) =>
				["DATA_LOSS"].includes(h.code) && h.object.startsWith(`TABLE ${database}.BRONZE.${reader}`),
		);
		if (was.unread && !is.unread) miss("can no longer be read");
		else if (was.unread && is.unread && !lostTarget) {
			const now = [...is.unread, ...delivered];
			for (const row of surplus(was.unread, now))
				miss(`unread ${row} is neither there nor delivered`);
			for (const row of surplus(now, was.unread))
				if (!row.endsWith(" true") && !arriving.has(row.split(" ")[0] ?? ""))
					miss(`${row} came twice, or from nowhere`);
		}
	}

	if (was.kind === "TASK" || was.kind === "PIPE") {
		const property = was.kind === "TASK" ? "STATE" : "PIPE_EXECUTION_PAUSED";
		const value = modelAfter?.properties[property];
		const wanted =
			value === undefined
				? was.state
				: was.kind === "TASK"
					? String(value).toLowerCase()
					: value === true
						? "PAUSED"
						: "RUNNING";
		if (is.state !== wanted && !said("TASK_LINKS_LOST", "PIPE_BROKEN"))
			miss(`was ${was.state}, is ${is.state}, should be ${wanted}`);
	}

	if (was.readable && !is.readable) miss("can no longer be read");

	if (was.loads) {
		const erased = [...after.values()].filter(
			(s) =>
				s.kind === "PIPE" &&
				s.createdOn !== [...before.values()].find((b) => b.kind === "PIPE")?.createdOn,
		);
		const gonePipe = ![...after.values()].some((s) => s.kind === "PIPE");
		if (erased.length === 0 && !gonePipe && !said("LOAD_HISTORY_LOST"))
			for (const load of surplus(was.loads, is.loads ?? [])) miss(`load ${load} is forgotten`);
	}
	if (was.files && !said("DATA_LOSS"))
		for (const file of surplus(was.files, is.files ?? [])) miss(`file ${file} is gone`);
	if (
		was.next !== undefined &&
		is.next !== undefined &&
		is.next < was.next &&
		same("INCREMENT") &&
		!said("SEQUENCE_RESET")
	)
		miss(`gave numbers up to ${was.next}, and gives ${is.next} again`);
	return lost;
}

/** Everything that was there, was not declared away, was not said to go, and is not there. */
export function losses(changed: Changed, before: Snapshot, after: Snapshot): readonly string[] {
	return [...before.values()].flatMap((was) => {
		const name = successor(changed, was);
		if (name === undefined) return [];
		// A deployment that failed may not have come to the new name.
		const is = after.get(`${was.kind} ${name}`) ?? after.get(`${was.kind} ${was.name}`);
		return is
			? lossesOf(changed, was, is, before, after)
			: [`${was.kind} ${was.name}: is gone (${name})`];
	});
}

/** What is otherwise than it was, for a plan that was not to run. */
export function differences(before: Snapshot, after: Snapshot): readonly string[] {
	const told = (seen: Seen | undefined) =>
		JSON.stringify(seen, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
	return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
		const [was, is] = [told(before.get(key)), told(after.get(key))];
		return was === is ? [] : [`${key}:\n  ${was}\n  ${is}`];
	});
}
