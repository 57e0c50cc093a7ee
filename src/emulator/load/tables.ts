/**
 * Tables of the loading side; the account makes them once when it opens its engine.
 *
 * `history`: one row per file that a COPY or a pipe tried to load, by the ids of table, stage and pipe, so that
 * what a new object of the same name has loaded is nothing. `announced`: files that a stage's events told about.
 * `queue`: files that wait in a pipe.
 */
export const LOAD_TABLES: readonly string[] = [
	"CREATE SCHEMA IF NOT EXISTS _load",
	`CREATE TABLE IF NOT EXISTS _load.history (
		table_id BIGINT, stage_id BIGINT, pipe_id BIGINT, loaded_at BIGINT, received_at BIGINT,
		location VARCHAR, file VARCHAR, etag VARCHAR, size BIGINT, last_modified BIGINT,
		status VARCHAR, row_count BIGINT, row_parsed BIGINT, error_limit BIGINT, error_count BIGINT,
		first_error VARCHAR, first_error_line BIGINT, first_error_character BIGINT, first_error_column VARCHAR)`,
	"CREATE TABLE IF NOT EXISTS _load.announced (pipe_id BIGINT, location VARCHAR, last_modified BIGINT)",
	"CREATE TABLE IF NOT EXISTS _load.queue (pipe_id BIGINT, location VARCHAR, queued_at BIGINT, due BIGINT, place BIGINT)",
	"CREATE SEQUENCE IF NOT EXISTS _load.place",
];
