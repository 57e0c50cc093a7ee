import type { Statement } from "../../parse/statement.ts";

/**
 * What drivers tell statements apart by: whether there are rows to fetch, counts of changed rows, or neither.
 * The numbers are those of the JDBC driver's SFStatementType.
 */
export const STATEMENT_TYPE = {
	select: 0x1000,
	insert: 0x3100,
	update: 0x3200,
	delete: 0x3300,
	merge: 0x3400,
	multiInsert: 0x3500,
	copy: 0x3600,
	unload: 0x3700,
	alterSession: 0x4100,
	use: 0x4300,
	show: 0x4400,
	describe: 0x4500,
	list: 0x4701,
	transaction: 0x5000,
	ddl: 0x6000,
	get: 0x7101,
	put: 0x7102,
	remove: 0x7103,
	/** The request of several statements, whose own results are fetched by their ids. */
	several: 0xa000,
} as const;

const BY_FIRST_WORD: Readonly<Record<string, number>> = {
	"(": STATEMENT_TYPE.select,
	BEGIN: STATEMENT_TYPE.transaction,
	CALL: STATEMENT_TYPE.select,
	COMMIT: STATEMENT_TYPE.transaction,
	DELETE: STATEMENT_TYPE.delete,
	GET: STATEMENT_TYPE.get,
	INSERT: STATEMENT_TYPE.insert,
	LIST: STATEMENT_TYPE.list,
	LS: STATEMENT_TYPE.list,
	MERGE: STATEMENT_TYPE.merge,
	PUT: STATEMENT_TYPE.put,
	REMOVE: STATEMENT_TYPE.remove,
	RM: STATEMENT_TYPE.remove,
	ROLLBACK: STATEMENT_TYPE.transaction,
	SELECT: STATEMENT_TYPE.select,
	SHOW: STATEMENT_TYPE.show,
	START: STATEMENT_TYPE.transaction,
	UPDATE: STATEMENT_TYPE.update,
	USE: STATEMENT_TYPE.use,
	VALUES: STATEMENT_TYPE.select,
	WITH: STATEMENT_TYPE.select,
};

/** The type of a statement. */
export function statementType(statement: Statement): number {
	if (statement.verb === "DESCRIBE") return STATEMENT_TYPE.describe;
	if (statement.verb === "ALTER" && statement.tokens[1]?.value === "SESSION")
		return STATEMENT_TYPE.alterSession;
	if (statement.verb !== "OTHER") return STATEMENT_TYPE.ddl;
	if (statement.first === "COPY") {
		const into = statement.tokens[2];
		const isLocation = into !== undefined && ["stage", "string", "url"].includes(into.type);
		return isLocation ? STATEMENT_TYPE.unload : STATEMENT_TYPE.copy;
	}
	return BY_FIRST_WORD[statement.first] ?? STATEMENT_TYPE.ddl;
}
