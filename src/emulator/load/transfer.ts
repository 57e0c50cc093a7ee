import { join } from "node:path";
import { textSource } from "../../diagnostics/source.ts";
import { Cursor } from "../../parse/cursor.ts";
import { lex } from "../../parse/lexer.ts";
import { syntaxError } from "../account/errors.ts";
import type { AccountOptions, Context, Handler, Result } from "../types.ts";
import { requireInternal } from "./list.ts";
import { type Location, listFiles, resolveLocation } from "./location.ts";
import {
	booleanValue,
	integerValue,
	invalidProperty,
	invalidValue,
	type Property,
	readProperties,
	stringValue,
	wordValue,
} from "./property-list.ts";
import { internalDirectory, stageFailure } from "./storage.ts";

interface Command {
	readonly first: string;
	readonly second: string;
	readonly options: readonly Property[];
}

/** PUT and GET are read from their text: a path without quotes may hold marks that mean something in SQL. */
function readCommand(text: string): Command {
	const match =
		/^\s*\w+\s+('(?:[^']|'')*'|\S+)\s+('(?:[^']|'')*'|[^\s;]+)\s*([\s\S]*?)[\s;]*$/.exec(text);
	if (!match) throw syntaxError(1, 0, "<EOF>");
	const unquote = (part: string): string =>
		part.startsWith("'") ? part.slice(1, -1).replaceAll("''", "'") : part;
	const source = textSource("statement", match[3] ?? "");
	return {
		first: unquote(match[1] as string),
		second: unquote(match[2] as string),
		options: readProperties(new Cursor(source, lex(source).tokens)),
	};
}

function localPath(text: string): string {
	const match = /^file:\/\/(.*)$/s.exec(text);
	if (!match) throw syntaxError(1, 4, text);
	return match[1] as string;
}

const COMPRESSIONS = [
	"AUTO_DETECT",
	"GZIP",
	"BZ2",
	"BROTLI",
	"ZSTD",
	"DEFLATE",
	"RAW_DEFLATE",
	"NONE",
];

/** The directory in which a location's files lie, for the driver that copies them by itself. */
function directoryOf(context: Context, location: Location, name: string, path: string): string {
	const options: AccountOptions = context.account.options;
	const root = internalDirectory(options, location.directory ?? "");
	const target = join(root, path);
	if (!target.startsWith(root)) throw stageFailure(`the path of '${name}' leaves the stage`);
	return target;
}

const transferResult = (transfer: NonNullable<Result["transfer"]>): Result => ({
	columns: [],
	rows: [],
	transfer: {
		encryptionMaterial: null,
		presignedUrls: [],
		...transfer,
	},
});

/** PUT: the driver copies the files into the stage's directory. https://docs.snowflake.com/en/sql-reference/sql/put */
export const put: Handler = async (context, statement) => {
	const command = readCommand(
		statement.source.text.slice(statement.span.start, statement.span.end),
	);
	const location = resolveLocation(context, command.second);
	requireInternal(location, "GET and PUT");
	let autoCompress = true;
	let sourceCompression = "auto_detect";
	let overwrite = false;
	let parallel = 4;
	for (const option of command.options) {
		if (option.name === "AUTO_COMPRESS") autoCompress = booleanValue(option);
		else if (option.name === "OVERWRITE") overwrite = booleanValue(option);
		else if (option.name === "PARALLEL") parallel = integerValue(option);
		else if (option.name === "SOURCE_COMPRESSION") {
			if (!COMPRESSIONS.includes(wordValue(option))) throw invalidValue(option);
			sourceCompression = wordValue(option).toLowerCase();
		} else throw invalidProperty(option, "PUT");
	}
	return transferResult({
		command: "UPLOAD",
		src_locations: [localPath(command.first)],
		localLocation: null,
		autoCompress,
		sourceCompression,
		overwrite,
		parallel,
		stageInfo: {
			locationType: "LOCAL_FS",
			location: directoryOf(context, location, command.second, location.prefix),
			path: "",
			creds: {},
		},
	});
};

/** GET: the driver copies the stage's files out. https://docs.snowflake.com/en/sql-reference/sql/get */
export const get: Handler = async (context, statement) => {
	const command = readCommand(
		statement.source.text.slice(statement.span.start, statement.span.end),
	);
	const location = resolveLocation(context, command.first);
	requireInternal(location, "GET and PUT");
	let pattern: string | undefined;
	let parallel = 10;
	for (const option of command.options) {
		if (option.name === "PATTERN") pattern = stringValue(option);
		else if (option.name === "PARALLEL") parallel = integerValue(option);
		else throw invalidProperty(option, "GET");
	}
	const files = await listFiles(location, pattern);
	return transferResult({
		command: "DOWNLOAD",
		src_locations: files.map((file) => file.key),
		localLocation: localPath(command.second),
		autoCompress: false,
		sourceCompression: "none",
		overwrite: true,
		parallel,
		stageInfo: {
			locationType: "LOCAL_FS",
			location: directoryOf(context, location, command.first, ""),
			path: "",
			creds: {},
		},
	});
};
