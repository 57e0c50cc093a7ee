import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tick } from "../../src/emulator/index.ts";
import { startAccount } from "../support/account.ts";

it("keeps offsets, change logs, due times and the history of runs", async () => {
	const path = await mkdtemp(join(tmpdir(), "restart-"));
	const before = await startAccount({ path });
	await before.run(
		"CREATE DATABASE d",
		"CREATE SCHEMA d.s",
		"CREATE TABLE t (id INT)",
		"CREATE TABLE done (id INT)",
		"CREATE STREAM st ON TABLE t",
		"INSERT INTO t VALUES (1)",
		"INSERT INTO done SELECT id FROM st",
		"INSERT INTO t VALUES (2)",
		"CREATE TASK job SCHEDULE = '10 MINUTES' AS INSERT INTO done SELECT id FROM st",
		"ALTER TASK job RESUME",
	);
	const resumed = before.account.clock.now();
	await tick(before.account, { forMillis: 4 * 60_000 });
	await before.close();

	const after = await startAccount({ path });
	expect(await after.query("SELECT id FROM d.s.st")).toEqual([{ ID: 2 }]);
	const report = await tick(after.account);
	expect(report.to - resumed).toBe(10 * 60_000);
	expect(await after.query("SELECT id FROM d.s.done ORDER BY id")).toEqual([{ ID: 1 }, { ID: 2 }]);
	expect(await after.query("SELECT id FROM d.s.st")).toEqual([]);
	await after.close();

	const last = await startAccount({ path });
	const runs = await last.query(
		"SELECT name FROM TABLE(d.INFORMATION_SCHEMA.TASK_HISTORY()) WHERE state = 'SUCCEEDED'",
	);
	expect(runs).toEqual([{ NAME: "JOB" }]);
	await last.close();
	await rm(path, { recursive: true, force: true });
});
