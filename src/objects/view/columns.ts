import { DeployError, type Diagnostic, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { formatIdentifier, formatName, formatString } from "../../model/identifier.ts";
import type { Properties, Value } from "../../model/value.ts";
import type { Cursor } from "../../parse/cursor.ts";
import { samples } from "../define/domain.ts";
import {
	type ChangeContext,
	type Clause,
	type Property,
	type PropertyChange,
	property,
	type Variant,
} from "../define/property.ts";
import type { ReadContext } from "../define/value-syntax.ts";
import { columnPart } from "../shared/column-part.ts";
import {
	type Masking,
	maskingReferences,
	maskingStatement,
	printMasking,
	takeMasking,
	unmasked,
} from "../shared/masking.ts";

/** A column of a view's list. A type alias, not an interface, so that it is a property's value. */
export type ViewColumn = {
	readonly name: string;
	readonly comment: string | null;
	readonly masking: Masking | null;
};

/** The columns a view lists; none where it takes those of its query. */
export function viewColumnsOf(properties: Properties): readonly ViewColumn[] {
	return (properties.COLUMN ?? []) as readonly ViewColumn[];
}

/** Clauses of a column that are not managed, with where they belong. */
const REFUSED: Readonly<Record<string, string>> = {
	"PROJECTION POLICY":
		"attach it with ALTER VIEW … MODIFY COLUMN … SET PROJECTION POLICY in a migration",
	TAG: "set it with ALTER VIEW … MODIFY COLUMN … SET TAG in a migration",
};

function refuse(cursor: Cursor, name: string): void {
	const clause = cursor.clone();
	clause.take("WITH");
	const phrase = Object.keys(REFUSED).find((words) => clause.looksAt(...words.split(" ")));
	if (phrase === undefined) return;
	throw new DeployError(
		EXIT.input,
		errorAt(
			clause.here(),
			"UNSUPPORTED_CLAUSE",
			`${columnPart(name)} … ${phrase}: ${REFUSED[phrase]}`,
		),
	);
}

function readColumn(cursor: Cursor, context: ReadContext): ViewColumn {
	const first = cursor.peek();
	const name = cursor.expectIdentifier("a column's name");
	const masking = takeMasking(cursor, context, name) ?? null;
	const comment = cursor.take("COMMENT") ? cursor.expectString() || null : null;
	refuse(cursor, name);
	if (!cursor.done) throw cursor.error("MASKING POLICY, COMMENT, a comma or )");
	if (first) context.mark?.(columnPart(name), cursor.spanFrom(first));
	return { name, comment, masking };
}

/** Reads `( name [COMMENT '…'], … )` from within its parentheses; mistakes of several columns come together. */
function readViewColumns(cursor: Cursor, context: ReadContext): readonly ViewColumn[] {
	const mistakes: Diagnostic[] = [];
	const columns = cursor.splitAt(",").flatMap((part) => {
		try {
			return [readColumn(part, context)];
		} catch (error) {
			if (!(error instanceof DeployError)) throw error;
			mistakes.push(...error.diagnostics);
			return [];
		}
	});
	if (mistakes.length > 0) throw new DeployError(EXIT.input, mistakes);
	return columns;
}

function printColumn({ name, comment, masking }: ViewColumn): string {
	const policy = masking === null ? "" : ` ${printMasking(masking, name)}`;
	return `${formatIdentifier(name)}${policy}${comment === null ? "" : ` COMMENT ${formatString(comment)}`}`;
}

const clause: Clause = {
	place: "clause",
	attached: true,
	keywords: ["("],
	starts: (cursor) => cursor.looksAt("("),
	read: (cursor, context) => readViewColumns(cursor.expectGroup("( with columns )"), context),
	print: (value) =>
		`(\n${(value as readonly ViewColumn[]).map((c) => `  ${printColumn(c)}`).join(",\n")}\n)`,
	verbatim: false,
	domain: samples(),
	shape:
		"( <column> [ MASKING POLICY <policy> [ USING ( <column> [, …] ) ] ] [ COMMENT '<text>' ] [, …] )",
};

function names(columns: readonly ViewColumn[]): string {
	return columns.map(({ name }) => formatIdentifier(name)).join(", ");
}

/** Other names need a new view; a comment is set by itself. */
function differences({ from, to }: ChangeContext): readonly PropertyChange[] {
	const before = viewColumnsOf(from.properties);
	const after = viewColumnsOf(to.properties);
	if (names(before) !== names(after))
		return [
			{
				property: "COLUMN",
				from: names(before) || null,
				to: names(after) || null,
				how: "replace",
				hazards: [],
				emits: ["shapeChanged"],
			},
		];
	return after.flatMap((column, i): readonly PropertyChange[] => {
		const { name } = column;
		const old = before[i] ?? { name, comment: null, masking: null };
		const change = (aspect: string, was: string | null, is: string | null): PropertyChange => ({
			property: `${columnPart(name)}: ${aspect}`,
			from: was,
			to: is,
			how: "alter",
			hazards: [],
			emits: [],
		});
		const was = old.masking?.policy ?? null;
		const is = column.masking?.policy ?? null;
		const lost = was !== null && is === null ? [unmasked(name, was)] : [];
		return [
			...(old.comment === column.comment ? [] : [change("COMMENT", old.comment, column.comment)]),
			// What USING names is told nowhere, so only the policy is compared.
			...(was === is ? [] : [{ ...change("MASKING POLICY", was, is), hazards: lost }]),
		];
	});
}

/** For the laws: the list without it, with another name, with another comment. */
function variants(value: Value | undefined): readonly Variant[] {
	const columns = (value ?? []) as readonly ViewColumn[];
	const [first, ...rest] = columns;
	if (!first) return [];
	const comment = first.comment === "it's a\nnote" ? null : "it's a\nnote";
	return [
		{ part: "COLUMN", value: undefined },
		{ part: "COLUMN", value: [{ ...first, name: "renamed column" }, ...rest] },
		{ part: `${columnPart(first.name)}: COMMENT`, value: [{ ...first, comment }, ...rest] },
		...(first.masking === null
			? []
			: [
					{
						part: `${columnPart(first.name)}: MASKING POLICY`,
						value: [{ ...first, masking: null }, ...rest],
					},
				]),
	];
}

/**
 * The names and comments of a view's columns. ALTER VIEW has no comments of columns; COMMENT ON COLUMN does.
 * https://docs.snowflake.com/en/sql-reference/sql/comment
 */
export const viewColumns: Property = property("COLUMN", clause, {
	change: "replace",
	default: null,
	differences: (_from, _to, context) => differences(context),
	alter({ property: part, to }, object, context) {
		const column = viewColumnsOf(context.to.properties).find(({ name }) =>
			part.startsWith(`${columnPart(name)}: `),
		);
		if (!column) throw new Error(`no statement changes ${part} of a view`);
		if (part.endsWith(": MASKING POLICY")) {
			const before = viewColumnsOf(context.from.properties).find((c) => c.name === column.name);
			return [maskingStatement(object, column.name, before?.masking ?? null, column.masking)];
		}
		const name = formatName([...context.to.name, column.name]);
		return [`COMMENT ON COLUMN ${name} IS ${formatString(to === null ? "" : String(to))}`];
	},
	variants,
	canonical: (value) =>
		(value as readonly ViewColumn[]).map((column) => ({
			...column,
			masking: column.masking === null ? null : { policy: column.masking.policy, using: [] },
		})),
	references: (value) => maskingReferences(value as readonly ViewColumn[], "COLUMN"),
	note: "Without a list, the columns are those of the query and have no comments.",
});

/** A name that is listed twice. */
export function duplicateColumn(properties: Properties): string | undefined {
	const all = viewColumnsOf(properties).map(({ name }) => name);
	return all.find((name, i) => all.indexOf(name) !== i);
}
