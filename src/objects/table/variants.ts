import { isNumeric, isText } from "../../model/data-type.ts";
import type { Properties, Value } from "../../model/value.ts";
import type { Variant } from "../define/property.ts";
import { columnPart } from "../shared/column-part.ts";
import { clusteringOf } from "./clustering.ts";
import { type Column, columnsOf, plainColumn } from "./column.ts";
import { constraintPart, constraintsOf, keyOf, type TableConstraint } from "./constraint.ts";
import { identifiersIn, isLiteralFor, sequenceOf } from "./expression.ts";

/** Other types for a column: those ALTER can reach and those it cannot. */
function otherTypes(type: string): readonly string[] {
	const [first = 0, second = 0] = (/\(([\d,]+)\)/.exec(type)?.[1] ?? "").split(",").map(Number);
	if (isText(type)) return [`VARCHAR(${first + 1})`, `VARCHAR(${first - 1})`, "NUMBER(38,0)"];
	if (!type.startsWith("NUMBER("))
		return type.startsWith("TIMESTAMP_NTZ") ? ["TIMESTAMP_LTZ(9)", "VARCHAR(50)"] : ["VARCHAR(50)"];
	const valid = [
		[first + 1, second],
		[first - 1, second],
		[first, second + 1],
		[first, second - 1],
	].filter(([p = 0, s = 0]) => p >= 1 && p <= 38 && s >= 0 && s <= 37 && s <= p);
	return [...valid.map(([p, s]) => `NUMBER(${p},${s})`), "FLOAT"];
}

function literalFor(type: string): string | undefined {
	return ["'x'", "7", "TRUE"].find((literal) => isLiteralFor(literal, type));
}

/** Every change of one aspect of a stored column that leaves it valid. */
function otherColumns(
	column: Column,
): readonly { readonly aspect: string; readonly column: Column }[] {
	const { type, identity } = column;
	const plain = column.default === null && identity === null;
	const literal = literalFor(type);
	const sized = !/^VARCHAR\((?:1|134217728)\)$/.test(type);
	const one = (aspect: string, changed: Partial<Column>) => ({
		aspect,
		column: { ...column, ...changed },
	});
	return [
		...(plain && column.collation === null && sized
			? otherTypes(type).map((other) => one("TYPE", { type: other }))
			: []),
		one("NULLABLE", { nullable: !column.nullable }),
		...(column.default === null ? [] : [one("DEFAULT", { default: null })]),
		...(identity === null && literal !== undefined && column.default !== literal
			? [one("DEFAULT", { default: literal })]
			: []),
		...(plain && isNumeric(type)
			? [one("IDENTITY", { identity: { start: 1, increment: 1, order: true } })]
			: []),
		...(identity === null
			? []
			: [
					one("IDENTITY", { identity: null }),
					one("IDENTITY", { identity: { ...identity, start: identity.start + 1 } }),
					one("IDENTITY", { identity: { ...identity, increment: identity.increment + 1 } }),
				]),
		...(isText(type)
			? [one("COLLATION", { collation: column.collation === "en-ci" ? "de" : "en-ci" })]
			: []),
		one("COMMENT", { comment: column.comment === "it's a\nnote" ? "other" : "it's a\nnote" }),
		...(column.comment === null ? [] : [one("COMMENT", { comment: null })]),
		...(column.masking === null ? [] : [one("MASKING POLICY", { masking: null })]),
	];
}

/** Columns that a key, a condition, the clustering key or a virtual column uses: these keep their type and name. */
function usedColumns(properties: Properties): ReadonlySet<string> {
	const expressions = [
		...constraintsOf(properties).flatMap((c) => c.expression ?? []),
		...clusteringOf(properties),
		...columnsOf(properties).flatMap((c) => c.expression ?? []),
	];
	return new Set([
		...constraintsOf(properties).flatMap((c) => c.columns),
		...expressions.flatMap((sql) => [...identifiersIn(sql)]),
	]);
}

/** New columns of every shape ADD COLUMN takes, and some it does not take. */
function newColumns(columns: readonly Column[]): readonly Column[] {
	const name = "ADDED";
	const number = columns.find((c) => c.type.startsWith("NUMBER(") && c.default === null);
	const sequence = columns.find((c) => sequenceOf(c.default) !== undefined);
	return [
		plainColumn(name, "VARCHAR(20)"),
		plainColumn("added lower", "TIMESTAMP_NTZ(9)"),
		plainColumn(name, "VARIANT"),
		{ ...plainColumn(name, "NUMBER(10,2)"), default: "0" },
		{ ...plainColumn(name, "VARCHAR(20)"), default: "'new'", nullable: false, comment: "new" },
		{ ...plainColumn(name, "VARCHAR(20)"), nullable: false, collation: "en-ci" },
		{ ...plainColumn(name, "TIMESTAMP_LTZ(9)"), default: "CURRENT_TIMESTAMP()" },
		{ ...plainColumn(name, "NUMBER(38,0)"), identity: { start: 5, increment: 2, order: false } },
		...(sequence ? [{ ...sequence, name }] : []),
		...(number && number.identity === null
			? [{ ...plainColumn(name, number.type), expression: number.name }]
			: []),
	];
}

/** For the laws: lists of columns that differ from this one in one aspect of one column. */
export function columnVariants(
	value: Value | undefined,
	properties: Properties,
): readonly Variant[] {
	const columns = (value ?? []) as readonly Column[];
	const used = usedColumns(properties);
	// A table with a masked column is never rewritten.
	const masked = columns.some((c) => c.masking !== null);
	const swap = (from: Column, to: Column) => columns.map((c) => (c === from ? to : c));
	const changed = columns.flatMap((column) => {
		const part = columnPart(column.name);
		if (column.expression !== null) {
			const comment = `${column.comment ?? ""}!`;
			const expression = `-(${column.expression})`;
			return [
				{ part: `${part}: COMMENT`, value: swap(column, { ...column, comment }) },
				...(isNumeric(column.type) && !used.has(column.name)
					? [{ part: `${part}: EXPRESSION`, value: swap(column, { ...column, expression }) }]
					: []),
			];
		}
		const free = !used.has(column.name);
		const others = otherColumns(column).filter(
			({ aspect }) =>
				aspect === "COMMENT" ||
				aspect === "NULLABLE" ||
				(free && (!masked || aspect === "MASKING POLICY")),
		);
		return [
			...others.map((o) => ({ part: `${part}: ${o.aspect}`, value: swap(column, o.column) })),
			...(free && columns.length > 1 ? [{ part, value: columns.filter((c) => c !== column) }] : []),
		];
	});
	const added = newColumns(columns)
		.filter((column) => !columns.some((c) => c.name === column.name))
		.filter(({ default: value, identity, type }) => {
			const literal = value === null || isLiteralFor(value, type);
			return !masked || (identity === null && literal);
		})
		.map((column) => ({ part: columnPart(column.name), value: [...columns, column] }));
	return [...changed, ...added];
}

/** For the laws: the constraints without one of them, with one more, or with one of them changed. */
export function constraintVariants(
	value: Value | undefined,
	properties: Properties,
): readonly Variant[] {
	const constraints = (value ?? []) as readonly TableConstraint[];
	const columns = columnsOf(properties).filter((c) => c.expression === null);
	const [first] = columns;
	const sure = columns.find((c) => !c.nullable);
	const taken = new Set(constraints.map((c) => `${c.kind} ${c.columns.join()}`));
	const parents = new Set(constraints.flatMap((c) => (c.table === null ? [] : [c.columns.join()])));
	const change = (from: TableConstraint, changed: Partial<TableConstraint>, aspect = "") => ({
		part: `${constraintPart({ ...from, ...changed })}${aspect}`,
		value: constraints.map((c) => (c === from ? { ...c, ...changed } : c)),
	});
	const without = (gone: TableConstraint) => {
		const left = constraints.filter((c) => c !== gone);
		return { part: constraintPart(gone), value: left.length > 0 ? left : undefined };
	};
	const more = (constraint: TableConstraint) => ({
		part: constraintPart(constraint),
		value: [...constraints, constraint],
	});
	return [
		...constraints
			.filter((c) => c.kind === "FOREIGN KEY" || !parents.has(c.columns.join()))
			.flatMap((c) => [
				without(c),
				...(c.kind === "CHECK" ? [] : [change(c, { rely: !c.rely }, ": RELY")]),
				change(c, { name: "RENAMED" }, ": NAME"),
				...(c.kind === "CHECK" ? [] : [change(c, { comment: "a note" })]),
			]),
		...(first && !taken.has(`UNIQUE ${first.name}`) ? [more(keyOf("UNIQUE", [first.name]))] : []),
		...(sure && constraints.every((c) => c.kind !== "PRIMARY KEY")
			? [more({ ...keyOf("PRIMARY KEY", [sure.name]), name: "PK_ADDED" })]
			: []),
	];
}
