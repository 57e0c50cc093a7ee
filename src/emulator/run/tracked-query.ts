import type { Span } from "../../diagnostics/source.ts";
import { ROW_ID } from "../account/storage.ts";
import { unsupported } from "../error.ts";
import type {
	Call,
	Expression,
	FromItem,
	Query,
	QueryBody,
	Select,
	SelectItem,
} from "../sql/ast.ts";
import { FUNCTIONS } from "../sql/functions/index.ts";
import { place } from "../sql/syntax.ts";

/** What a query over changes may do beyond projections, filters and UNION ALL. */
export interface Tracking {
	readonly joins: boolean;
}

/**
 * A view's query with one more column, the last one: the identity of each row, made of the identities of the rows
 * it comes from. Streams on views can tell updates from other changes by it.
 *
 * Only what Snowflake allows is taken: projections, filters, inner and cross joins, UNION ALL, and nested views
 * and subqueries in FROM. https://docs.snowflake.com/en/user-guide/streams-intro#streams-on-views
 */
export function trackRows(query: Query, tracking: Tracking): Query {
	if (query.with.length > 0) throw refused("WITH", query.span);
	if (query.limit || query.offset) throw refused("LIMIT", query.span);
	return { ...query, orderBy: [], body: trackBody(query.body, "", tracking) };
}

function refused(what: string, span: Span): Error {
	return unsupported(`a stream on a view with ${what}`, place(span));
}

function trackBody(body: QueryBody, branch: string, tracking: Tracking): QueryBody {
	switch (body.kind) {
		case "select":
			return trackSelect(body, branch, tracking);
		case "set":
			if (body.operator !== "UNION ALL") throw refused(body.operator, body.span);
			return {
				...body,
				left: trackBody(body.left, `${branch}1`, tracking),
				right: trackBody(body.right, `${branch}2`, tracking),
			};
		case "query":
			if (body.with.length > 0 || body.limit || body.offset)
				throw refused("WITH or LIMIT", body.span);
			return { ...body, orderBy: [], body: trackBody(body.body, branch, tracking) };
		case "values":
			throw refused("VALUES", body.span);
	}
}

/** An item of FROM that is one relation, and how it is called beside the others. */
interface Leaf {
	readonly name: string;
	readonly subquery: boolean;
}

function trackSelect(select: Select, branch: string, tracking: Tracking): Select {
	const { span } = select;
	if (!select.from) throw refused("no table", span);
	if (select.groupBy || select.having) throw refused("GROUP BY", span);
	if (select.distinct) throw refused("DISTINCT", span);
	if (select.qualify) throw refused("QUALIFY", span);
	if (select.top) throw refused("TOP", span);
	for (const item of select.items)
		if (item.kind === "expression") requireScalar(item.expression, span);
	if (select.where) requireScalar(select.where, span);
	const leaves: Leaf[] = [];
	const from = trackFrom(select.from, leaves, tracking);
	const text = (value: string): Expression => ({
		kind: "literal",
		value: { type: "string", text: value },
		span,
	});
	const identity = leaves
		.map(({ name }): Expression => ({ kind: "column", parts: [name, ROW_ID], span }))
		.reduce(
			(left, right): Expression => ({
				kind: "binary",
				operator: "||",
				left: { kind: "binary", operator: "||", left, right: text("."), span },
				right,
				span,
			}),
			text(branch),
		);
	const own = (item: SelectItem): SelectItem => {
		if (item.kind !== "star") return item;
		const over = leaves.filter(
			(leaf) => item.qualifier.length === 0 || item.qualifier.at(-1) === leaf.name,
		);
		return over.some((leaf) => leaf.subquery)
			? { ...item, exclude: [...item.exclude, ROW_ID] }
			: item;
	};
	return {
		...select,
		from,
		items: [
			...select.items.map(own),
			{ kind: "expression", expression: identity, alias: ROW_ID, span },
		],
	};
}

function trackFrom(item: FromItem, leaves: Leaf[], tracking: Tracking): FromItem {
	if (item.kind === "join") {
		if (!tracking.joins) throw unsupported("APPEND_ONLY streams on views with joins");
		if (item.join !== "INNER" && item.join !== "CROSS")
			throw refused(`${item.join} JOIN`, item.span);
		const left = trackFrom(item.left, leaves, tracking);
		const right = trackFrom(item.right, leaves, tracking);
		if (item.natural && leaves.filter((leaf) => leaf.subquery).length > 1)
			throw refused("NATURAL JOIN of subqueries", item.span);
		if (item.on) requireScalar(item.on, item.span);
		return { ...item, left, right };
	}
	if (item.kind === "stage" || item.kind === "function")
		throw refused("a table function", item.span);
	if (item.kind === "subquery" && item.lateral) throw refused("LATERAL", item.span);
	const given = item.alias.name ?? (item.kind === "table" ? item.name.at(-1) : undefined);
	const name = given ?? `${ROW_ID}_${leaves.length}`;
	leaves.push({ name, subquery: item.kind === "subquery" });
	if (item.alias.columns.length > 0) throw refused("an alias of columns", item.span);
	if (item.kind === "table") return item;
	return { ...item, alias: { ...item.alias, name }, query: trackRows(item.query, tracking) };
}

/** Refuses subqueries, aggregates and window functions wherever they stand in an expression. */
function requireScalar(expression: Expression, span: Span): void {
	const walk = (node: unknown): void => {
		if (typeof node !== "object" || node === null) return;
		const { kind, over, name } = node as Partial<Pick<Call, "over" | "name">> & { kind?: unknown };
		if (kind === "query" || kind === "scalar-query" || kind === "exists")
			throw refused("a subquery outside of FROM", span);
		if (over !== undefined) throw refused("a window function", span);
		if (kind === "call" && FUNCTIONS.get(name?.join(".") ?? "")?.kind === "aggregate")
			throw refused("an aggregate", span);
		for (const [key, value] of Object.entries(node)) if (key !== "span") walk(value);
	};
	walk(expression);
}
