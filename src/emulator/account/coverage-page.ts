import { KINDS } from "../ddl/index.ts";
import { AREAS, coverage } from "./coverage.ts";

function code(texts: readonly string[]): string {
	return texts.map((text) => `\`${text}\``).join(", ");
}

/** What is answered of each kind of object, as a table. */
function kindTable(): readonly string[] {
	const mark = (answered: unknown): string => (answered ? "yes" : "");
	return [
		"| kind | `CREATE`, `ALTER`, `DROP`, `SHOW` | `DESCRIBE` | `GET_DDL` | `SHOW PARAMETERS IN` |",
		"|---|---|---|---|---|",
		...KINDS.map(
			({ kind, describe, ddl, parameters }) =>
				`| ${kind} | yes | ${mark(describe)} | ${mark(ddl)} | ${mark(parameters)} |`,
		),
		"",
		"`UNDROP` is refused for all of them.",
	];
}

/** The generated part of `docs/emulator.md`: what the local account answers and what it refuses by name. */
export function coveragePage(): string {
	const list = coverage();
	const parts = AREAS.map((area) => {
		const here = list.filter((covered) => covered.area === area);
		const answered = here.filter((covered) => covered.answered).map(({ construct }) => construct);
		const refused = here.filter((covered) => !covered.answered).map(({ construct }) => construct);
		const isKinds = area === "Kinds of object";
		const others = isKinds
			? refused.filter((construct) => construct.startsWith("CREATE "))
			: refused;
		return [
			`### ${area}`,
			"",
			...(isKinds ? kindTable() : [code(answered)]),
			...(others.length > 0 ? ["", `Refused by name: ${code(others)}`] : []),
		].join("\n");
	});
	return `${parts.join("\n\n")}\n`;
}
