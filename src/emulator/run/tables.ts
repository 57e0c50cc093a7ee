/** The engine's tables of the running side: made when the account opens its database. */
export const RUN_TABLES: readonly string[] = [
	"CREATE SCHEMA IF NOT EXISTS _run",
	"CREATE SEQUENCE IF NOT EXISTS _run.change",
	"CREATE SEQUENCE IF NOT EXISTS _run.version",
	// `ended_at` is in nanoseconds of the account's clock, and different for every version.
	"CREATE TABLE IF NOT EXISTS _run.versions (version BIGINT, batch BIGINT, table_id BIGINT, ended_at BIGINT, statement VARCHAR)",
	"CREATE TABLE IF NOT EXISTS _run.offsets (stream_id BIGINT, table_id BIGINT, version BIGINT, read_at BIGINT, initial BOOLEAN)",
	// When tables were last altered, by DDL and DML, in milliseconds of the account's clock.
	"CREATE TABLE IF NOT EXISTS _run.altered (table_id BIGINT, altered_at BIGINT)",
	// Rows of these two exist only inside a transaction: its commit turns them into versions and offsets.
	"CREATE TABLE IF NOT EXISTS _run.pending (batch BIGINT, table_id BIGINT, statement VARCHAR)",
	"CREATE TABLE IF NOT EXISTS _run.consumed (stream_id BIGINT, version BIGINT)",
	// One row per run of a task: its body is the JSON of TaskRun, so that a new field needs no change here.
	"CREATE SEQUENCE IF NOT EXISTS _run.run_id",
	"CREATE TABLE IF NOT EXISTS _run.task_runs (id BIGINT, task_id BIGINT, root_id BIGINT, group_id VARCHAR, body VARCHAR)",
	// Runs that EXECUTE TASK asked for and that have not begun.
	"CREATE TABLE IF NOT EXISTS _run.requests (id BIGINT, task_id BIGINT, body VARCHAR)",
];
