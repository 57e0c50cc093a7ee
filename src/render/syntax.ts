/** A path such as `a.b`, `../x` or `@index`. */
export type Path = hbs.AST.PathExpression;
/** A call of a helper: in an expression, a mustache or a block. */
export type Call = { path: Path; params: hbs.AST.Expression[]; hash?: hbs.AST.Hash };

/** As Handlebars decides it: `this.x`, `./x` and `../x` name no helper. */
function isScoped(path: Path): boolean {
	return /^\.|this\b/.test(path.original);
}

/** Whether a path is one word, as a helper's name is. */
export function isSimple(path: Path): boolean {
	return path.parts.length === 1 && !isScoped(path) && path.depth === 0 && !path.data;
}

/** Handlebars reads a literal in a helper's place as a name: `{{"odd name"}}`. */
export function asPath(node: hbs.AST.Expression): Path {
	if ("parts" in node) return node as Path;
	const { original } = node as hbs.AST.StringLiteral;
	const name = String(original ?? (node.type === "NullLiteral" ? "null" : "undefined"));
	return {
		type: "PathExpression",
		data: false,
		depth: 0,
		parts: [name],
		original: name,
		loc: node.loc,
	};
}

/** The path that names a hook. */
export function hookPath(name: string, { loc }: hbs.AST.Node): Path {
	return { type: "PathExpression", data: false, depth: 0, parts: [name], original: name, loc };
}

/** A number, as an argument. */
export function number(value: number, { loc }: hbs.AST.Node): hbs.AST.NumberLiteral {
	return { type: "NumberLiteral", value, original: value, loc };
}

/** No `key=value` arguments. */
export function emptyHash({ loc }: hbs.AST.Node): hbs.AST.Hash {
	return { type: "Hash", pairs: [], loc };
}

/** A call of a hook in an expression. */
export function hook(
	name: string,
	at: hbs.AST.Node,
	params: hbs.AST.Expression[],
	hash = emptyHash(at),
): hbs.AST.SubExpression {
	return { type: "SubExpression", path: hookPath(name, at), params, hash, loc: at.loc };
}

/** A hook whose result goes into the output. */
export function statement(
	name: string,
	at: hbs.AST.Node,
	params: hbs.AST.Expression[],
): hbs.AST.MustacheStatement {
	return {
		...hook(name, at, params),
		type: "MustacheStatement",
		escaped: false,
		strip: { open: false, close: false },
	};
}
