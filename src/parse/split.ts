import type { Comment, Lexed, Token } from "./lexer.ts";

/** One statement: its tokens without the closing semicolon, and the comments before and within it. */
export interface RawStatement {
	readonly tokens: readonly Token[];
	/** Comments between the end of the statement before and the end of this one's last line. */
	readonly comments: readonly Comment[];
}

/** Words after which END closes something (IF, FOR, WHILE, REPEAT and LOOP close with `END IF` and so on). */
const LOOP_WORDS = new Set(["IF", "FOR", "WHILE", "REPEAT", "LOOP", "CASE"]);

/** Words that open a Snowflake Scripting block inside a CREATE: `… AS BEGIN`, `… AS DECLARE`, `THEN BEGIN`. */
function opensBlock(tokens: readonly Token[], index: number, first: Token): boolean {
	const token = tokens[index] as Token;
	const before = tokens[index - 1];
	const after = tokens[index + 1];
	if (token.value === "DECLARE")
		return token === first || before?.value === "AS" || before?.value === "THEN";
	if (token.value !== "BEGIN") return false;
	if (token === first)
		return after !== undefined && !["TRANSACTION", "WORK", "NAME", ";"].includes(after.value);
	return before?.value === "AS" || before?.value === "THEN" || before?.value === "DO";
}

/**
 * How many tokens the scripting block that starts at `index` takes, up to and with its last END.
 *
 * `DECLARE … BEGIN … END` and `BEGIN … END` nest; IF, FOR, WHILE, REPEAT and LOOP end with `END <word>`,
 * CASE with END or END CASE. A word counts only where a statement or expression could begin it, which
 * token order alone tells: `IF (` opens, `IF EXISTS` and `IF NOT` do not.
 */
function blockLength(tokens: readonly Token[], index: number): number {
	const open: string[] = [];
	let at = index;
	if (tokens[at]?.value === "DECLARE")
		while (at < tokens.length && tokens[at]?.value !== "BEGIN") at++;
	for (; at < tokens.length; at++) {
		const token = tokens[at] as Token;
		if (token.type !== "word") continue;
		const next = tokens[at + 1];
		if (token.value === "END") {
			open.pop();
			if (next?.type === "word" && LOOP_WORDS.has(next.value)) at++;
			if (open.length === 0) return at + 1 - index;
		} else if (token.value === "BEGIN") {
			const transaction = next && ["TRANSACTION", "WORK", "NAME", ";"].includes(next.value);
			if (!transaction) open.push("BEGIN");
		} else if (token.value === "IF") {
			if (next?.text === "(") open.push("IF");
		} else if (token.value === "CASE" || token.value === "LOOP" || token.value === "REPEAT") {
			if (next?.text !== "(" || token.value === "CASE") open.push(token.value);
		} else if (token.value === "FOR" || token.value === "WHILE") {
			if (next?.text === "(" || tokens[at + 2]?.value === "IN") open.push(token.value);
		} else if (token.value === "DO" && open.at(-1) !== "FOR" && open.at(-1) !== "WHILE") {
			open.push("DO");
		}
	}
	return tokens.length - index;
}

/** Splits tokens at semicolons, leaving Snowflake Scripting blocks whole. Empty statements vanish. */
export function splitStatements(lexed: Lexed): readonly RawStatement[] {
	const statements: RawStatement[] = [];
	const { tokens, comments, source } = lexed;
	let current: Token[] = [];
	let commentAt = 0;
	const close = (end: number): void => {
		if (current.length === 0) return;
		const newline = source.text.indexOf("\n", end);
		const lineEnd = newline < 0 ? source.text.length : newline;
		const mine: Comment[] = [];
		while (commentAt < comments.length && (comments[commentAt] as Comment).start <= lineEnd)
			mine.push(comments[commentAt++] as Comment);
		statements.push({ tokens: current, comments: mine });
		current = [];
	};
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i] as Token;
		if (token.text === ";") {
			close(token.end);
			continue;
		}
		current.push(token);
		if (opensBlock(tokens, i, current[0] as Token)) {
			const length = blockLength(tokens, i);
			current.push(...tokens.slice(i + 1, i + length));
			i += length - 1;
		}
	}
	close(tokens.at(-1)?.end ?? 0);
	return statements;
}
