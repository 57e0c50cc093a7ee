import type { Value } from "../../model/value.ts";
import type { Domain } from "../define/domain.ts";
import { type ValueSyntax, wordValue } from "../define/value-syntax.ts";

/** Sizes of compute, smallest first, as CREATE WAREHOUSE spells them. */
export const WAREHOUSE_SIZES: readonly string[] = [
	"XSMALL",
	"SMALL",
	"MEDIUM",
	"LARGE",
	"XLARGE",
	"XXLARGE",
	"XXXLARGE",
	"X4LARGE",
	"X5LARGE",
	"X6LARGE",
];

/** Other spellings; the hyphenated ones are also what SHOW WAREHOUSES prints. */
const SYNONYMS = {
	"X-SMALL": "XSMALL",
	"X-LARGE": "XLARGE",
	X2LARGE: "XXLARGE",
	"2X-LARGE": "XXLARGE",
	X3LARGE: "XXXLARGE",
	"3X-LARGE": "XXXLARGE",
	"4X-LARGE": "X4LARGE",
	"5X-LARGE": "X5LARGE",
	"6X-LARGE": "X6LARGE",
};

/** A size up to the largest allowed one, printed with or without quotes. */
export function sizeValue(options: {
	readonly largest: "XXLARGE" | "X6LARGE";
	readonly quoted: boolean;
	readonly domain?: Domain;
}): ValueSyntax {
	const { largest, quoted, domain } = options;
	const sizes = WAREHOUSE_SIZES.slice(0, WAREHOUSE_SIZES.indexOf(largest) + 1);
	const base = wordValue(sizes, { synonyms: SYNONYMS, quoted });
	return domain ? { ...base, domain } : base;
}

/** Where a size stands among the others; -1 for what is no size. */
export function sizeRank(size: Value | undefined): number {
	return typeof size === "string" ? WAREHOUSE_SIZES.indexOf(size) : -1;
}
