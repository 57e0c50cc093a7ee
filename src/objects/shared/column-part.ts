import { formatIdentifier } from "../../model/identifier.ts";

/** `COLUMN ID`: how a column is called in plans, and where its place in the files is kept. */
export function columnPart(name: string): string {
	return `COLUMN ${formatIdentifier(name)}`;
}
