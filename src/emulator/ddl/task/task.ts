import type { Cursor } from "../../../parse/cursor.ts";
import { PARAMETERS, parameterFor, parameterRows } from "../../account/parameters.ts";
import { unsupported } from "../../error.ts";
import { parseCondition } from "../../run/condition.ts";
import type { CatalogObject, Context, Kind, ParameterRow, Result } from "../../types.ts";
import { statusResult } from "../result.ts";
import { addObject, beginCreate, created, findObject, unexpectedAt } from "../shared.ts";
import { describeAsShown } from "../shown.ts";
import { alterTask } from "./alter.ts";
import {
	checkFinalizer,
	checkPredecessors,
	isLinked,
	isRoot,
	namedTasks,
	requireSuspendedRoots,
	severLinks,
} from "./graph.ts";
import { checkTask, takeOptions } from "./options.ts";
import { NEW_TASK, suspendTask, type TaskProperties, taskOf, updateTask } from "./properties.ts";
import { TASK_COLUMNS, taskDdl } from "./show.ts";

/** What a CREATE TASK says. */
interface Definition {
	readonly properties: TaskProperties;
	readonly comment: string | null;
	readonly links: readonly CatalogObject[];
}

/** Takes the text of WHEN: up to the AS that stands outside of parentheses. */
function takeCondition(rest: Cursor): string {
	const first = rest.next();
	rest.at--;
	while (!rest.done && !rest.looksAt("AS")) if (!rest.takeGroup()) rest.next();
	const { start, end } = rest.spanFrom(first);
	const text = rest.source.text.slice(start, end);
	parseCondition(text);
	return text;
}

function readDefinition(context: Context, rest: Cursor): Definition {
	let properties: Omit<TaskProperties, "definition"> = NEW_TASK;
	let comment: string | null = null;
	const links: CatalogObject[] = [];
	while (!rest.take("AS")) {
		if (rest.looksAt("WITH", "TAG") || rest.looksAt("TAG")) throw unsupported("tags on TASK");
		if (rest.looksAt("WITH", "CONTACT")) throw unsupported("contacts on TASK");
		if (rest.looksAt("EXECUTE", "AS")) throw unsupported("EXECUTE AS USER on TASK");
		if (rest.looksAt("COPY", "GRANTS")) throw unsupported("COPY GRANTS on TASK");
		if (rest.take("AFTER")) {
			const before = namedTasks(context, rest);
			links.push(...before);
			properties = { ...properties, predecessors: [...new Set(before.map((other) => other.id))] };
			continue;
		}
		if (rest.take("WHEN")) {
			properties = { ...properties, condition: takeCondition(rest) };
			continue;
		}
		const start = rest.at;
		const written = takeOptions(context, rest);
		if (rest.at === start) throw unexpectedAt(rest);
		const parameters = { ...properties.parameters, ...written.options.parameters };
		properties = { ...properties, ...written.options, parameters };
		if (written.comment !== undefined) comment = written.comment || null;
		if (written.finalize) {
			const root = findObject(context, task, written.finalize);
			links.push(root);
			properties = { ...properties, finalizes: root.id };
		}
	}
	return { properties: { ...properties, definition: rest.takeRest().text }, comment, links };
}

function checkLinks(
	context: Context,
	owner: Pick<CatalogObject, "database" | "schema" | "name" | "owner"> & { readonly id?: number },
	{ properties, links }: Definition,
): void {
	checkTask(owner.name, properties);
	checkPredecessors(
		context,
		owner,
		links.filter((other) => properties.predecessors.includes(other.id)),
	);
	const root = links.find((other) => other.id === properties.finalizes);
	if (root) checkFinalizer(context, owner, root);
	requireSuspendedRoots(context, links);
}

/** CREATE OR ALTER on a task that exists: what is not written is unset; its state stays as it is. */
async function alterToDefinition(
	context: Context,
	object: CatalogObject,
	definition: Definition,
): Promise<Result> {
	requireSuspendedRoots(context, [object]);
	checkLinks(context, object, definition);
	const { state, lastCommittedOn, lastSuspendedOn, lastSuspendedReason, resumedOn, graphVersion } =
		taskOf(object);
	const updated = await updateTask(context, object, {
		...definition.properties,
		...{ state, lastCommittedOn, lastSuspendedOn, lastSuspendedReason, resumedOn, graphVersion },
	});
	await context.catalog.update({ ...updated, comment: definition.comment });
	return statusResult(`Task ${object.name} successfully altered.`);
}

/** CREATE TASK … CLONE: the same task, suspended, after the same predecessors where the owner is the same. */
function cloneDefinition(context: Context, rest: Cursor): Definition {
	const original = findObject(context, task, rest.expectName("the name of a task").parts);
	if (!rest.done) throw unsupported("options of CREATE TASK … CLONE");
	const { definition, finalizes, predecessors, ...properties } = taskOf(original);
	const keeps = original.owner === context.session.role;
	const links = keeps ? predecessors.map((id) => context.catalog.byId(id)) : [];
	return {
		comment: original.comment,
		links: links.filter((other) => other !== undefined),
		properties: {
			...properties,
			...NEW_RUN_STATE,
			definition,
			finalizes: null,
			predecessors: keeps ? predecessors : [],
		},
	};
}

const NEW_RUN_STATE = {
	state: "suspended",
	lastCommittedOn: null,
	lastSuspendedOn: null,
	lastSuspendedReason: null,
	resumedOn: null,
	graphVersion: 0,
} as const;

/** A task. https://docs.snowflake.com/en/sql-reference/sql/create-task */
export const task: Kind = {
	kind: "TASK",
	plural: "TASKS",
	level: "schema",
	async create(context, statement) {
		const rest = statement.rest();
		const creation = beginCreate(context, task, statement, { orAlter: true });
		if (creation.step === "nothing") return creation.result;
		const definition = rest.take("CLONE")
			? cloneDefinition(context, rest)
			: readDefinition(context, rest);
		if (creation.step === "alter") return alterToDefinition(context, creation.object, definition);
		const [database = "", schema = "", name = ""] = creation.name;
		const { replaced } = creation;
		checkLinks(
			context,
			{ database, schema, name, owner: context.session.role, ...(replaced && { id: replaced.id }) },
			definition,
		);
		const { comment, properties } = definition;
		const object = await addObject(context, task, creation, {
			comment,
			properties: { ...properties },
		});
		return created(task, object);
	},
	alter: alterTask,
	async dropped(context, object) {
		const { database = "", schema = "" } = object;
		const orphaned =
			!context.catalog.find("DATABASE", [database]) ||
			!context.catalog.find("SCHEMA", [database, schema]);
		if (orphaned) return;
		if (isLinked(context, object)) requireSuspendedRoots(context, [object]);
		await severLinks(context, object);
	},
	/** "You must suspend the scheduled task"; the tasks of a whole schema are suspended by Snowflake, and stay linked. */
	async transfer(context, object, all) {
		if (!all) {
			requireSuspendedRoots(context, [object]);
			await severLinks(context, object);
			await updateTask(context, object, { predecessors: [], finalizes: null });
		}
		if (taskOf(object).state === "started") await suspendTask(context, object, "GRANT_OWNERSHIP");
	},
	show: TASK_COLUMNS,
	terse: ["created_on", "name", "kind", "database_name", "schema_name", "schedule"],
	showOptions: [{ words: ["ROOT", "ONLY"], keep: isRoot }],
	describe: (context, object) => describeAsShown(task, context, object),
	ddl: async (context, object) => taskDdl(context, object),
	parameters: async (context, object) => taskParameters(context, object),
};

/** Rows of SHOW PARAMETERS IN TASK: those of tasks, and the session parameters a run has. */
function taskParameters(context: Context, object: CatalogObject): readonly ParameterRow[] {
	const own = taskOf(object).parameters;
	const session = PARAMETERS.filter(
		({ name }) => parameterFor("SESSION", name) && !parameterFor("TASK", name),
	).map(
		({ name, default: otherwise, description, type }): ParameterRow => ({
			key: name,
			value: own[name] ?? otherwise,
			default: otherwise,
			level: own[name] === undefined ? "" : "TASK",
			description,
			type,
		}),
	);
	return [...parameterRows(context, object), ...session].sort((a, b) => (a.key < b.key ? -1 : 1));
}
