import { historySince } from "../apply/query-history.ts";
import { DeployError } from "../diagnostics/diagnostic.ts";
import { textSource } from "../diagnostics/source.ts";
import { grantWord } from "../introspect/grants.ts";
import type { ObjectRef } from "../model/catalog.ts";
import { hideCredentials } from "../model/credentials.ts";
import { parseName, type QualifiedName } from "../model/identifier.ts";
import type { Connection, Row } from "../model/port.ts";
import { KINDS, OBJECT_TYPES, objectType } from "../objects/index.ts";
import { Cursor } from "../parse/cursor.ts";
import { parse, type Statement } from "../parse/statement.ts";

/** A statement that somebody ran, and no deployment did. */
export interface HandMade {
	readonly user: string;
	readonly role: string;
	/** When it ended (ISO 8601). */
	readonly at: string;
	readonly statement: string;
	readonly queryId: string;
}

/** What a statement by hand changed. */
export interface Deed {
	readonly by: HandMade;
	/** `make`: it put an object in the place of another. */
	readonly sort: "grant" | "make" | "change";
	/** Whether it changed this object, or what it is in. */
	changes(object: ObjectRef): boolean;
	/** Whether a name stands in it, whatever for. */
	names(name: QualifiedName): boolean;
	/** The name it gave to the object, if it renamed it. */
	renamedTo(object: ObjectRef): QualifiedName | undefined;
}

/** The statements by hand since a time, oldest first; `back` is how far back they go, where not all were read. */
export interface Deeds {
	readonly deeds: readonly Deed[];
	readonly back?: string;
}

/** Statements that change no object, by QUERY_TYPE: most of what an account runs is not worth its text. */
const IDLE =
	"SELECT INSERT UPDATE DELETE MERGE COPY MULTI_TABLE_INSERT SHOW DESCRIBE USE SET UNSET EXPLAIN CALL LIST_FILES PUT_FILES GET_FILES REMOVE_FILES UNLOAD BEGIN_TRANSACTION COMMIT ROLLBACK TRUNCATE_TABLE".split(
		" ",
	);

/** Functions that change objects: calls of them are SELECTs. */
const CALLS = [...new Set(KINDS.flatMap((kind) => Object.keys(objectType(kind).calls ?? {})))];

const FORMAT = "'YYYY-MM-DD HH24:MI:SS.FF3'";
/** How many rows QUERY_HISTORY gives, and how many times it is asked for earlier ones. */
const MOST = 10_000;
const PAGES = 10;

function pageSql(
	database: string,
	since: string,
	until: string | undefined,
	limit: number,
): string {
	const called = CALLS.map((name) => ` OR CONTAINS(UPPER(QUERY_TEXT), '${name}')`).join("");
	const idle = IDLE.map((type) => `'${type}'`).join(", ");
	const wanted = `EXECUTION_STATUS ILIKE 'success' AND NOT STARTSWITH(COALESCE(QUERY_TAG, ''), 'snowline/') AND (QUERY_TYPE NOT IN (${idle})${called})`;
	const range = historySince(database, since, { limit, ...(until === undefined ? {} : { until }) });
	return `SELECT QUERY_ID, IFF(${wanted}, QUERY_TEXT, NULL) AS QUERY_TEXT, DATABASE_NAME, SCHEMA_NAME, USER_NAME, ROLE_NAME, TO_VARCHAR(END_TIME, ${FORMAT}) AS ENDED FROM ${range}`;
}

/** The name as it stood in the session that ran the statement; undefined where it has too many parts for the kind. */
function inSession(parts: QualifiedName, length: number, row: Row): QualifiedName | undefined {
	const missing = length - parts.length;
	if (missing < 0) return undefined;
	return [...[row.DATABASE_NAME ?? "", row.SCHEMA_NAME ?? ""].slice(0, missing), ...parts];
}

function isSame(a: QualifiedName | undefined, b: QualifiedName): boolean {
	return a !== undefined && a.length === b.length && a.every((part, i) => part === b[i]);
}

/** Whether statements on this kind word reach objects of the kind: INTEGRATION a storage integration, TABLE a view. */
function reaches(word: string, kind: string): boolean {
	return word === kind || word === grantWord(kind) || objectType(kind).sharesNames.includes(word);
}

/** The object, and the containers that it goes with. */
function withContainers(object: ObjectRef): readonly ObjectRef[] {
	const containers = [...OBJECT_TYPES.values()].flatMap(({ kind, opens, level }): ObjectRef[] => {
		const length = { account: 1, database: 2, schema: 3 }[level];
		return opens !== undefined && length < object.name.length
			? [{ kind, name: object.name.slice(0, length) }]
			: [];
	});
	return [object, ...containers];
}

/** Every name in a statement, in text as well where a function is called with it. */
function namesIn(statement: Statement): readonly QualifiedName[] {
	const cursor = new Cursor(statement.source, statement.tokens);
	const found: QualifiedName[] = [];
	while (!cursor.done) {
		const name = cursor.takeName();
		if (name) found.push(name.parts);
		else {
			const token = cursor.next();
			const quoted = token.type === "string" ? parseName(token.value) : undefined;
			if (quoted) found.push(quoted);
		}
	}
	return found;
}

const VOCABULARY = [...new Set([...KINDS, ...KINDS.map(grantWord)])];

/** What a statement did; undefined where it changes no object, or is not written in a way that tells. */
function deedOf(row: Row): Deed | undefined {
	let statement: Statement | undefined;
	let all: readonly QualifiedName[];
	try {
		[statement] = parse(textSource("QUERY_HISTORY", row.QUERY_TEXT ?? ""), VOCABULARY);
		if (!statement) return undefined;
		all = namesIn(statement);
	} catch (error) {
		if (error instanceof DeployError) return undefined;
		throw error;
	}
	const names = (name: QualifiedName) =>
		all.some((parts) => isSame(inSession(parts, name.length, row), name));
	const by: HandMade = {
		user: row.USER_NAME ?? "",
		role: row.ROLE_NAME ?? "",
		at: `${(row.ENDED ?? "").replace(" ", "T")}Z`,
		statement: hideCredentials(row.QUERY_TEXT ?? "").trim(),
		queryId: row.QUERY_ID ?? "",
	};
	if (statement.verb === "OTHER") {
		const { first } = statement;
		const sort = first === "GRANT" || first === "REVOKE" ? "grant" : "change";
		return sort === "grant" || first === "COMMENT" || first === "SELECT"
			? { by, sort, names, changes: (object) => names(object.name), renamedTo: () => undefined }
			: undefined;
	}
	if (statement.verb === "DESCRIBE") return undefined;
	const { kind, name } = statement;
	if (kind === undefined || !name) return undefined;
	const rest = statement.rest();
	const moves = rest.take("RENAME", "TO");
	const other = moves || rest.take("SWAP", "WITH") ? rest.takeName() : undefined;
	const hits = (object: ObjectRef, parts: QualifiedName) =>
		reaches(kind, object.kind) && isSame(inSession(parts, object.name.length, row), object.name);
	return {
		by,
		sort: statement.verb === "ALTER" && !(other && !moves) ? "change" : "make",
		names,
		changes: (object) =>
			withContainers(object).some(
				(one, i) =>
					// A container goes with what is in it only when it is dropped, made anew or renamed.
					(i === 0 || statement.verb !== "ALTER" || other !== undefined) &&
					[name.parts, ...(other ? [other.parts] : [])].some((parts) => hits(one, parts)),
			),
		renamedTo: (object) =>
			moves && other && hits(object, name.parts)
				? inSession(other.parts, object.name.length, row)
				: undefined,
	};
}

/**
 * What was changed by hand since a time: statements of QUERY_HISTORY that no deployment ran. Snowflake tells those of
 * the last seven days, and of them only the ones that this role may see.
 */
export async function readDeeds(
	connection: Connection,
	database: string,
	since: string,
	limit = MOST,
): Promise<Deeds> {
	const seen = new Map<string, Row>();
	let until: string | undefined;
	for (let page = 0; ; page++) {
		const { rows } = await connection.execute(pageSql(database, since, until, limit));
		const before = seen.size;
		for (const row of rows) seen.set(row.QUERY_ID ?? "", row);
		// What still runs ended, as Snowflake puts it, in 1970.
		const ends = rows
			.map((row) => row.ENDED ?? "")
			.filter((end) => !end.startsWith("1970") && end !== "");
		until = ends.sort()[0] ?? until;
		const isWhole = rows.length < limit;
		const isStuck = seen.size === before || until === undefined;
		if (!isWhole && !isStuck && page + 1 < PAGES) continue;
		const deeds = [...seen.values()]
			.reverse()
			.flatMap((row) => (row.QUERY_TEXT === null ? [] : (deedOf(row) ?? [])));
		deeds.sort((a, b) => (a.by.at < b.by.at ? -1 : a.by.at > b.by.at ? 1 : 0));
		return {
			deeds,
			...(isWhole || until === undefined ? {} : { back: `${until.replace(" ", "T")}Z` }),
		};
	}
}
