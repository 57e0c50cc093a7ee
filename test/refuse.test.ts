import { expect, test } from "vitest";
import { DeployError } from "../src/diagnostics/diagnostic.ts";
import type { Accepted } from "../src/operate/permits.ts";
import { refuseHazards } from "../src/operate/refuse.ts";
import type { Plan, Step } from "../src/plan/plan.ts";
import type { Permit } from "../src/project/environment.ts";

const GONE = "the table is dropped with its rows";

function drop(name: string, ...hazards: readonly (readonly [string, string, string?])[]): Step {
	return {
		id: `drop TABLE ${name}`,
		action: "drop",
		kind: "TABLE",
		object: name,
		reason: "it is no longer declared",
		dependsOn: [],
		changes: [],
		diff: "",
		hazards: hazards.map(([code, message, object = `TABLE ${name}`]) => ({
			code,
			level: "refuse",
			object,
			message,
		})),
		operations: [],
		restore: [],
	};
}

function planOf(...steps: readonly Step[]): Plan {
	return {
		version: 1,
		tool: "test",
		project: "test",
		environment: "test",
		account: "TEST",
		createdAt: "2026-11-20T12:00:00.000Z",
		fingerprint: { objects: {}, migrations: "" },
		summary: {
			create: 0,
			alter: 0,
			replace: 0,
			drop: steps.length,
			migrate: 0,
			adopt: 0,
			unchanged: 0,
			unmanaged: 0,
		},
		steps: [...steps],
		adopts: [],
		models: {},
		unmanaged: [],
		handoffs: [],
		notes: [],
	};
}

const NOBODY: Accepted = { codes: [], permits: [], today: new Date("2026-11-20T12:00:00Z") };

function refusal(plan: Plan, accepted: Accepted = NOBODY): DeployError {
	try {
		refuseHazards(plan, accepted);
	} catch (error) {
		if (error instanceof DeployError) return error;
		throw error;
	}
	throw new Error("it was not refused");
}

test("many steps with the same hazard are one error with a list that is cut", () => {
	const names = Array.from({ length: 75 }, (_, i) => `L.S.T${i}`);
	const { diagnostics, exitCode } = refusal(
		planOf(...names.map((name) => drop(name, ["OBJECT_DROPPED", GONE]))),
	);
	expect(exitCode).toBe(3);
	expect(diagnostics).toHaveLength(1);
	const { summary = "", detail = "", paste = "" } = diagnostics[0] ?? {};
	expect(summary).toBe(`75 times: ${GONE}`);
	const lines = detail.split("\n");
	expect(lines).toHaveLength(21);
	expect(lines[0]).toBe("drop TABLE L.S.T0");
	expect(lines[20]).toBe("… and 55 more");
	expect(paste.split("\n").filter((line) => line.startsWith("  - { hazard:"))).toHaveLength(10);
	expect(paste).toContain("  # and 65 more");
});

test("each code is one error; a sentence and an object stand in it once", () => {
	const { diagnostics } = refusal(
		planOf(
			drop("A", ["OBJECT_DROPPED", GONE], ["STREAM_STALE", "it loses its offset", "STREAM R"]),
			drop("B", ["OBJECT_DROPPED", GONE]),
			drop("C", ["OBJECT_DROPPED", "another reason"]),
		),
	);
	expect(diagnostics.map(({ code, summary, detail }) => [code, summary, detail])).toEqual([
		[
			"OBJECT_DROPPED",
			"3 times",
			`${GONE}:\n  drop TABLE A\n  drop TABLE B\ndrop TABLE C: another reason`,
		],
		["STREAM_STALE", "drop TABLE A (STREAM R): it loses its offset", undefined],
	]);
	expect(diagnostics.at(-1)?.hint).toContain("--allow-hazards OBJECT_DROPPED,STREAM_STALE");
});

test("a code that is none names the nearest one, or those the plan has", () => {
	const plan = planOf(drop("A", ["OBJECT_DROPPED", GONE], ["DATA_LOSS", "rows are lost"]));
	const hintFor = (code: string, of = plan) => {
		const error = refusal(of, { ...NOBODY, codes: [code] });
		expect(error.exitCode).toBe(64);
		return error.diagnostics[0]?.hint;
	};
	expect(hintFor("OBJECT_DROPED")).toBe("did you mean OBJECT_DROPPED?");
	expect(hintFor("FOO")).toBe("this plan has DATA_LOSS, OBJECT_DROPPED");
	expect(hintFor("FOO", planOf())).toBe("this plan has no hazards to accept");
});

test.each(["PROTECTION_LOST", "LOCKOUT"] as const)(
	"%s is accepted by a dated permit for the object, and by nothing else",
	(code) => {
		const plan = planOf(drop("L.S.T", [code, "it goes"]));
		const permit = (facts: Partial<Permit>): Permit => ({
			hazard: code,
			reason: "x",
			at: { file: "environments/test.yaml", line: 1, column: 5, lineText: "  - {}", length: 2 },
			...facts,
		});
		const dated = { object: "L.S.T", until: "2026-12-31" };
		for (const accepted of [
			{ ...NOBODY, codes: [code] },
			{ ...NOBODY, permits: [permit({})] },
			{ ...NOBODY, permits: [permit({ until: dated.until })] },
			{ ...NOBODY, permits: [permit({ object: dated.object })] },
			{ ...NOBODY, permits: [permit({ ...dated, object: "L.S.U" })] },
		])
			expect(refusal(plan, accepted).exitCode).toBe(3);
		refuseHazards(plan, { ...NOBODY, permits: [permit(dated)] });
		expect(refusal(plan).diagnostics.at(-1)?.hint).not.toContain("--allow-hazards");
	},
);
