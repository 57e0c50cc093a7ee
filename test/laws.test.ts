import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textSource } from "../src/diagnostics/source.ts";
import { type Catalog, type ObjectModel, objectKey } from "../src/model/catalog.ts";
import { formatName } from "../src/model/identifier.ts";
import type { ObjectType } from "../src/objects/define/object-type.ts";
import { printCreate, sqlOf } from "../src/objects/define/print.ts";
import { OBJECT_TYPES } from "../src/objects/index.ts";
import { parse } from "../src/parse/statement.ts";
import type { Plan } from "../src/plan/plan.ts";
import { resolveFiles } from "../src/resolve/resolve-files.ts";
import { startAccount, type TestAccount } from "./support/account.ts";
import { type Deployer, openDeployer } from "./support/deploy.ts";
import { label, type Pair, pairsFor, renamed, type World } from "./support/generate.ts";
import { insertRow, rowProblems } from "./support/rows.ts";

const SEED = Number(process.env["LAWS_SEED"] ?? 20_261_120);
/** `npm run test:laws`: every pair. Otherwise a few of each aspect of each property. */
const FULL = process.env["LAWS_FULL"] === "1";
const PAIRS_EACH = 2;
const KINDS = [...OBJECT_TYPES.values()];
const covered: { kind: string; properties: Set<string>; pairs: number }[] = [];

function caseFile(type: ObjectType, name: string): string {
	return new URL(`cases/${type.kind.toLowerCase().replaceAll(" ", "-")}/${name}`, import.meta.url)
		.pathname;
}

function read(type: ObjectType, name: string): string {
	return readFileSync(caseFile(type, name), "utf8");
}

/** A few pairs of every part of every property, from different bases where there are several. */
function sampled(pairs: readonly Pair[]): readonly Pair[] {
	const seen = new Map<string, { count: number; bases: Set<string> }>();
	return pairs.filter((pair) => {
		const entry = seen.get(pair.part) ?? { count: 0, bases: new Set<string>() };
		seen.set(pair.part, entry);
		const base = objectKey(pair.from);
		if (entry.count >= PAIRS_EACH || (entry.bases.has(base) && entry.bases.size > 1)) return false;
		entry.bases.add(base);
		entry.count++;
		return true;
	});
}

/** What statements declare, by the files' own door. */
function declared(file: string, sql: string): readonly ObjectModel[] {
	const { catalog, diagnostics } = resolveFiles([textSource(file, sql)], {
		context: {},
		owners: {},
	});
	expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
	return [...catalog.objects.values()];
}

/** Properties that a base's `-- keep: A, B` comment says are not varied over it, by the base's name. */
function kept(sql: string): ReadonlyMap<string, readonly string[]> {
	return new Map(
		parse(textSource("bases.sql", sql), [...OBJECT_TYPES.keys()]).flatMap((statement) => {
			const names = statement.comments.flatMap(
				(c) => /^-- keep: (.*)$/.exec(c.text)?.[1]?.split(/,\s*/) ?? [],
			);
			return statement.verb === "CREATE" && statement.name
				? [[formatName(statement.name.parts), names] as const]
				: [];
		}),
	);
}

/** Values that a base's `-- vary: PROPERTY = A, B` comments give for a property whose world has unsuitable ones too. */
function varied(sql: string): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
	return new Map(
		parse(textSource("bases.sql", sql), [...OBJECT_TYPES.keys()]).flatMap((statement) => {
			const lines = statement.comments.flatMap((c) => {
				const match = /^-- vary: (\S+) = (.*)$/.exec(c.text);
				return match?.[1] && match[2] ? [[match[1], match[2].split(/,\s*/)] as const] : [];
			});
			return statement.verb === "CREATE" && statement.name
				? [[formatName(statement.name.parts), new Map(lines)] as const]
				: [];
		}),
	);
}

/** The names of the world's objects: heads of its CREATE statements, whatever the kind. */
function worldOf(sql: string): World {
	const world = new Map<string, ObjectModel[]>();
	const kinds = [...OBJECT_TYPES.keys(), "NOTIFICATION INTEGRATION"];
	for (const statement of parse(textSource("world.sql", sql), kinds)) {
		if (statement.verb !== "CREATE" || !statement.kind || !statement.name) continue;
		const model: ObjectModel = {
			kind: statement.kind,
			name: statement.name.parts,
			properties: {},
			directives: { ignore: [], protect: false, dependsOn: [] },
		};
		world.set(model.kind, [...(world.get(model.kind) ?? []), model]);
	}
	return world;
}

/** Whether the account tells what a pair changes: some properties are in columns of SHOW that not every account has. */
function isTold(type: ObjectType, pair: Pair, live: Catalog): boolean {
	const property = type.properties.find((p) => p.name === pair.property);
	const object = live.objects.get(objectKey(pair.from));
	return property?.compare !== "reported" || object?.properties[pair.property] !== undefined;
}

/** Whether a planned change is the one a pair asks for: the part itself, or a part of a property asked for as a whole. */
function isAsked(pair: Pair, change: string): boolean {
	return (
		change === pair.part || (pair.part === pair.property && change.startsWith(`${pair.property} `))
	);
}

/** The properties a plan changes, by object; what a step does to others does not count. */
function changesByObject(plan: Plan): ReadonlyMap<string, readonly string[]> {
	const changes = new Map<string, string[]>();
	for (const step of plan.steps) {
		const key = `${step.kind} ${step.object}`;
		changes.set(key, [...(changes.get(key) ?? []), ...step.changes.map((c) => c.property)]);
	}
	return changes;
}

async function runStatements(account: TestAccount, sql: string): Promise<void> {
	for (const statement of parse(textSource("world.sql", sql), []))
		await account.query(statement.source.text.slice(statement.span.start, statement.span.end));
}

/** Puts a row into every table whose change does not say that there may be rows it fails at; gives those pairs. */
async function fillTables(
	account: TestAccount,
	deployer: Deployer,
	pairs: readonly Pair[],
): Promise<readonly Pair[]> {
	const { plan } = await deployer.plan(pairs.map((pair) => pair.to));
	const narrowed = new Set(
		plan.steps
			.filter((step) => step.hazards.some((hazard) => hazard.code === "NARROWING"))
			.map((step) => `${step.kind} ${step.object}`),
	);
	const filled = pairs.filter((pair) => !narrowed.has(objectKey(pair.to)));
	for (const pair of filled) await account.query(insertRow(pair.from));
	return filled;
}

describe("every kind has cases", () => {
	test.each(KINDS.map((type) => [type.kind, type] as const))("%s", (_kind, type) => {
		for (const name of ["world.sql", "bases.sql"])
			expect(existsSync(caseFile(type, name)), `${type.kind} has ${name}`).toBe(true);
	});
});

describe.each(KINDS.map((type) => [type.kind, type] as const))("laws of %s", (_kind, type) => {
	let account: TestAccount;
	let deployer: Deployer;
	let bases: readonly ObjectModel[];
	let pairs: readonly Pair[];

	beforeAll(async () => {
		const bucket = mkdtempSync(join(tmpdir(), "snowline-bucket-"));
		account = await startAccount({ buckets: { "acme-lake": bucket } });
		const world = read(type, "world.sql");
		await runStatements(account, world);
		deployer = await openDeployer(account.port, ["LAKE"]);
		bases = declared("bases.sql", read(type, "bases.sql"))
			.filter((o) => o.kind === type.kind)
			.map((o) => ({ ...o, declared: undefined }) as unknown as ObjectModel);
		const names = worldOf(world);
		const keep = kept(read(type, "bases.sql"));
		const vary = varied(read(type, "bases.sql"));
		const all = bases.flatMap((base, b) =>
			type.properties
				.filter((property) => !keep.get(formatName(base.name))?.includes(property.name))
				.flatMap((property, p) => {
					const values = vary.get(formatName(base.name))?.get(property.name);
					return pairsFor(base, property, names, SEED + b * 1000 + p, values);
				}),
		);
		pairs = (FULL ? all : sampled(all)).map((pair, i) => ({
			...pair,
			from: renamed(pair.from, String(i)),
			to: renamed(pair.to, String(i)),
		}));
	});

	afterAll(async () => {
		covered.push({
			kind: type.kind,
			properties: new Set(
				pairs.map((p) => (p.part.split(" ")[0] === "COLUMN" ? p.part.replace(/ \S+/, "") : p.part)),
			),
			pairs: pairs.length,
		});
		await deployer?.close();
		await account?.close();
	});

	test("print then parse gives the same model", () => {
		for (const model of [...bases, ...pairs.map((pair) => pair.to)]) {
			const sql = sqlOf(printCreate(type, model));
			const [again] = declared("printed.sql", `${sql};`);
			const inCreate = type.properties.filter((p) => p.clause.place !== "alter").map((p) => p.name);
			const only = (o: ObjectModel | undefined) =>
				Object.fromEntries(
					Object.entries(o?.properties ?? {}).filter(
						([name, value]) => inCreate.includes(name) && value !== null && value !== false,
					),
				);
			expect(only(again), sql).toEqual(only(model));
		}
	});

	test("created on the local account, it reads back as declared", async () => {
		await deployer.deploy(bases);
		const { plan } = await deployer.plan(bases);
		expect(plan.steps.map((step) => ({ step: step.id, changes: step.changes }))).toEqual([]);
	});

	test("a change of one property is planned as that property, and applied it leaves nothing to do", async () => {
		await deployer.deploy([...bases, ...pairs.map((pair) => pair.from)]);
		const to = [...bases, ...pairs.map((pair) => pair.to)];
		const filled = type.kind === "TABLE" ? await fillTables(account, deployer, pairs) : [];
		const { plan, live } = await deployer.plan(to);
		pairs = pairs.filter((pair) => isTold(type, pair, live));
		const changes = changesByObject(plan);
		const wrong = pairs.flatMap((pair) => {
			const found = changes.get(objectKey(pair.to)) ?? [];
			return found.length > 0 && found.every((name) => isAsked(pair, name))
				? []
				: [`${label(pair)}: planned ${found.join(", ") || "nothing"}`];
		});
		expect(wrong).toEqual([]);
		const result = await deployer.apply(plan);
		expect(result.failures.map((d) => `${d.summary}\n${d.detail ?? ""}`)).toEqual([]);
		const again = await deployer.plan(to);
		expect(again.plan.steps.map((step) => ({ step: step.id, changes: step.changes }))).toEqual([]);
		const lost: string[] = [];
		for (const pair of filled)
			lost.push(
				...rowProblems(
					pair.from,
					pair.to,
					await account.query(`SELECT * FROM ${formatName(pair.to.name)}`),
				).map((problem) => `${label(pair)}: ${problem}`),
			);
		expect(lost).toEqual([]);
	});
});

afterAll(() => {
	const total = (f: (c: (typeof covered)[number]) => number) =>
		covered.reduce((sum, c) => sum + f(c), 0);
	const lines = covered.map(
		(c) =>
			`  ${c.kind.padEnd(20)} ${String(c.properties.size).padStart(3)} properties  ${String(c.pairs).padStart(4)} pairs`,
	);
	process.stdout.write(
		`\nlaws: ${covered.length} kinds, ${total((c) => c.properties.size)} properties, ${total((c) => c.pairs)} pairs\n${lines.join("\n")}\n`,
	);
});
