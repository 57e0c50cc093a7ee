import type { Operation } from "../plan/plan.ts";

/** A statement with its semicolon, which must not stand within a comment at its end. */
export function terminated(sql: string): string {
	const last = sql.slice(sql.lastIndexOf("\n") + 1);
	return /--|\/\//.test(last) ? `${sql}\n;` : `${sql};`;
}

/** When an operation runs, what it waits for, and what its answer is for. */
export function remarksOf(operation: Operation): readonly string[] {
	const { uses, saveAs, until, sameAs } = operation;
	return [
		...(uses ? [`only if ${uses.name} was ${uses.equals}`] : []),
		...(operation.do === "wait" && until !== undefined
			? [`repeated until the answer is ${until}`]
			: []),
		...(operation.do === "check" && until !== undefined ? [`has to answer ${until}`] : []),
		...(sameAs === undefined ? [] : [`has to be the same as: ${sameAs}`]),
		...(saveAs === undefined ? [] : [`kept as: ${saveAs}`]),
	];
}
