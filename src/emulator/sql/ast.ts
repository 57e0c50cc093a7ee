import type { Span } from "../../diagnostics/source.ts";
import type { SqlType } from "../types.ts";

/** What every node of the tree carries: the place it was written. */
export interface Node {
	readonly span: Span;
}

/** A literal. Numbers keep their text, because their digits decide their type. */
export interface Literal extends Node {
	readonly kind: "literal";
	readonly value:
		| { readonly type: "null" }
		| { readonly type: "boolean"; readonly value: boolean }
		| { readonly type: "number"; readonly text: string }
		| { readonly type: "string"; readonly text: string };
}

/** `a`, `t.a`, `db.s.t.a`, and `seq.NEXTVAL`: only names in scope tell which. */
export interface ColumnReference extends Node {
	readonly kind: "column";
	readonly parts: readonly string[];
}

/** `$1` or `t.$1`: a column by its place, or a session variable `$NAME`. */
export interface PositionReference extends Node {
	readonly kind: "position";
	readonly qualifier: string | undefined;
	readonly name: string;
}

/** `?`, `:1` or `:name`. */
export interface Bind extends Node {
	readonly kind: "bind";
	/** 1-based for `?` and `:1`; the upper-case name otherwise. */
	readonly name: number | string;
}

/** One step of a VARIANT path: a key as written, or the expression between brackets. */
export type PathStep =
	| { readonly kind: "key"; readonly key: string }
	| { readonly kind: "index"; readonly index: Expression };

/** `v:a.b[0]."c"`. */
export interface Path extends Node {
	readonly kind: "path";
	readonly base: Expression;
	readonly steps: readonly PathStep[];
}

/** An argument, `name => value` or plain. */
export interface Argument {
	readonly name: string | undefined;
	readonly value: Expression;
}

/** `{ROWS|RANGE} BETWEEN start AND end`; a bound is UNBOUNDED, CURRENT ROW or an expression with its direction. */
export interface Frame {
	readonly unit: "ROWS" | "RANGE";
	readonly start: FrameBound;
	readonly end: FrameBound;
}

/** One end of a frame. */
export type FrameBound =
	| { readonly kind: "unbounded"; readonly direction: "PRECEDING" | "FOLLOWING" }
	| { readonly kind: "current" }
	| {
			readonly kind: "offset";
			readonly direction: "PRECEDING" | "FOLLOWING";
			readonly amount: Expression;
	  };

/** What stands in OVER ( … ). */
export interface Window {
	readonly partitionBy: readonly Expression[];
	readonly orderBy: readonly OrderItem[];
	readonly frame: Frame | undefined;
}

/** A function call, with everything that may follow its parentheses. */
export interface Call extends Node {
	readonly kind: "call";
	/** Upper-case for unquoted names; more than one part for functions of a schema. */
	readonly name: readonly string[];
	readonly arguments: readonly Argument[];
	readonly distinct: boolean;
	/** `COUNT(*)`. */
	readonly star: boolean;
	readonly withinGroup: readonly OrderItem[] | undefined;
	readonly nulls: "IGNORE" | "RESPECT" | undefined;
	readonly over: Window | undefined;
}

/** `x::type`, `CAST(x AS type)`, `TRY_CAST(x AS type)`. */
export interface Cast extends Node {
	readonly kind: "cast";
	readonly operand: Expression;
	readonly type: SqlType;
	readonly try: boolean;
}

/** `-x`, `+x`, `NOT x`, `PRIOR` never. */
export interface Unary extends Node {
	readonly kind: "unary";
	readonly operator: "-" | "+" | "NOT";
	readonly operand: Expression;
}

/** Every operator between two expressions. */
export interface Binary extends Node {
	readonly kind: "binary";
	readonly operator:
		| "OR"
		| "AND"
		| "="
		| "<>"
		| "<"
		| "<="
		| ">"
		| ">="
		| "<=>"
		| "+"
		| "-"
		| "*"
		| "/"
		| "%"
		| "||";
	readonly left: Expression;
	readonly right: Expression;
}

/** `x [NOT] LIKE pattern [ESCAPE c]`, ILIKE, RLIKE, and LIKE ANY/ALL (…). */
export interface Like extends Node {
	readonly kind: "like";
	readonly operator: "LIKE" | "ILIKE" | "RLIKE";
	readonly quantifier: "ANY" | "ALL" | undefined;
	readonly not: boolean;
	readonly operand: Expression;
	readonly patterns: readonly Expression[];
	readonly escape: Expression | undefined;
}

/** `x [NOT] IN (…)` with a list or a query. */
export interface In extends Node {
	readonly kind: "in";
	readonly not: boolean;
	readonly operand: Expression;
	readonly values: readonly Expression[] | Query;
}

/** `x [NOT] BETWEEN low AND high`. */
export interface Between extends Node {
	readonly kind: "between";
	readonly not: boolean;
	readonly operand: Expression;
	readonly low: Expression;
	readonly high: Expression;
}

/** `x IS [NOT] NULL|TRUE|FALSE`. */
export interface Is extends Node {
	readonly kind: "is";
	readonly not: boolean;
	readonly what: "NULL" | "TRUE" | "FALSE";
	readonly operand: Expression;
}

/** `x IS [NOT] DISTINCT FROM y`. */
export interface Distinct extends Node {
	readonly kind: "distinct";
	readonly not: boolean;
	readonly left: Expression;
	readonly right: Expression;
}

/** CASE in both of its forms. */
export interface Case extends Node {
	readonly kind: "case";
	readonly operand: Expression | undefined;
	readonly branches: readonly { readonly when: Expression; readonly value: Expression }[];
	readonly otherwise: Expression | undefined;
}

/** `EXISTS (query)`. */
export interface Exists extends Node {
	readonly kind: "exists";
	readonly query: Query;
}

/** `(query)` where a value stands. */
export interface ScalarQuery extends Node {
	readonly kind: "scalar-query";
	readonly query: Query;
}

/** `[a, b]`. */
export interface ArrayLiteral extends Node {
	readonly kind: "array";
	readonly items: readonly Expression[];
}

/** `{'a': 1}`. */
export interface ObjectLiteral extends Node {
	readonly kind: "object";
	readonly entries: readonly { readonly key: string; readonly value: Expression }[];
}

/** `INTERVAL '1 day, 2 hours'`, only ever added to or taken from a date. */
export interface Interval extends Node {
	readonly kind: "interval";
	readonly text: string;
}

/** `(a, b)`: more than one expression between parentheses. */
export interface Row extends Node {
	readonly kind: "row";
	readonly items: readonly Expression[];
}

/** Anything that has a value. */
export type Expression =
	| Literal
	| ColumnReference
	| PositionReference
	| Bind
	| Path
	| Call
	| Cast
	| Unary
	| Binary
	| Like
	| In
	| Between
	| Is
	| Distinct
	| Case
	| Exists
	| ScalarQuery
	| ArrayLiteral
	| ObjectLiteral
	| Interval
	| Row;

/** One key of ORDER BY. */
export interface OrderItem {
	readonly expression: Expression;
	readonly descending: boolean;
	readonly nulls: "FIRST" | "LAST" | undefined;
}

/** An entry of the select list: an expression, or a star with what it leaves out and renames. */
export type SelectItem =
	| {
			readonly kind: "expression";
			readonly expression: Expression;
			readonly alias: string | undefined;
			readonly span: Span;
	  }
	| {
			readonly kind: "star";
			readonly qualifier: readonly string[];
			readonly exclude: readonly string[];
			readonly rename: readonly { readonly from: string; readonly to: string }[];
			readonly span: Span;
	  };

/** GROUP BY: a list, or ALL. */
export type GroupBy =
	| { readonly kind: "all" }
	| { readonly kind: "list"; readonly items: readonly Expression[] }
	| {
			readonly kind: "sets";
			readonly operator: "ROLLUP" | "CUBE" | "GROUPING SETS";
			readonly sets: readonly (readonly Expression[])[];
	  };

/** SELECT … without what may follow a set operation. */
export interface Select extends Node {
	readonly kind: "select";
	readonly distinct: boolean;
	readonly top: Expression | undefined;
	readonly items: readonly SelectItem[];
	readonly from: FromItem | undefined;
	readonly where: Expression | undefined;
	readonly groupBy: GroupBy | undefined;
	readonly having: Expression | undefined;
	readonly qualify: Expression | undefined;
}

/** `left UNION [ALL] [BY NAME] right`. */
export interface SetOperation extends Node {
	readonly kind: "set";
	readonly operator: "UNION" | "UNION ALL" | "INTERSECT" | "EXCEPT";
	readonly left: QueryBody;
	readonly right: QueryBody;
}

/** `VALUES (…), (…)`. */
export interface Values extends Node {
	readonly kind: "values";
	readonly rows: readonly (readonly Expression[])[];
}

/** What a query is made of. */
export type QueryBody = Select | SetOperation | Values | Query;

/** A common table expression. */
export interface CommonTable extends Node {
	readonly name: string;
	readonly columns: readonly string[];
	readonly query: Query;
}

/** A query with its WITH, ORDER BY and LIMIT. */
export interface Query extends Node {
	readonly kind: "query";
	readonly recursive: boolean;
	readonly with: readonly CommonTable[];
	readonly body: QueryBody;
	readonly orderBy: readonly OrderItem[];
	readonly limit: Expression | undefined;
	readonly offset: Expression | undefined;
}

/** The alias of a FROM item, with column names where they are given. */
export interface Alias {
	readonly name: string | undefined;
	readonly columns: readonly string[];
}

/** A stage's options: `(FILE_FORMAT => 'x', PATTERN => '…')`. */
export interface StageOptions {
	readonly fileFormat: string | undefined;
	readonly pattern: string | undefined;
}

/** Anything that stands in FROM. */
export type FromItem =
	| {
			readonly kind: "table";
			readonly name: readonly string[];
			readonly alias: Alias;
			readonly span: Span;
	  }
	| {
			readonly kind: "stage";
			/** `@name/path`, as written. */
			readonly reference: string;
			readonly options: StageOptions;
			readonly alias: Alias;
			readonly span: Span;
	  }
	| {
			readonly kind: "subquery";
			readonly query: Query;
			readonly lateral: boolean;
			readonly alias: Alias;
			readonly span: Span;
	  }
	| {
			readonly kind: "function";
			readonly name: readonly string[];
			readonly arguments: readonly Argument[];
			readonly alias: Alias;
			readonly span: Span;
	  }
	| {
			readonly kind: "join";
			readonly join: "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS";
			readonly natural: boolean;
			readonly left: FromItem;
			readonly right: FromItem;
			readonly on: Expression | undefined;
			readonly using: readonly string[];
			readonly span: Span;
	  };
