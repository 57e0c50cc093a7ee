import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { sortBy } from "../../model/compare.ts";
import { SnowflakeError, unsupported } from "../error.ts";
import type { AccountOptions } from "../types.ts";

/** A file in a bucket: its key, and what a storage service tells about it without being read. */
export interface StoredFile {
	readonly key: string;
	readonly size: number;
	/** The MD5 of the content, as S3 gives it for uploads in one part. */
	readonly etag: string;
	/** Milliseconds since the epoch. */
	readonly lastModified: number;
}

/** Where files are. An S3 client is one more implementation of these four. */
export interface Bucket {
	/** Files whose key begins with a prefix, ordered by key. */
	list(prefix: string): Promise<readonly StoredFile[]>;
	read(key: string): Promise<Buffer>;
	write(key: string, content: Buffer): Promise<void>;
	remove(key: string): Promise<void>;
}

/** Snowflake's answer where a stage cannot be used. */
export function stageFailure(cause: string): SnowflakeError {
	return new SnowflakeError("091003", "22000", `Failure using stage area. Cause: [${cause}]`);
}

/** MD5 of files already read, by path, size and time, so that listing a large directory twice reads it once. */
const etags = new Map<string, { readonly stamp: string; readonly etag: string }>();

async function describe(root: string, path: string): Promise<StoredFile | undefined> {
	const info = await stat(path).catch(() => undefined);
	if (!info?.isFile()) return undefined;
	const stamp = `${info.size}:${info.mtimeMs}`;
	let known = etags.get(path);
	if (known?.stamp !== stamp) {
		const etag = createHash("md5")
			.update(await readFile(path))
			.digest("hex");
		known = { stamp, etag };
		etags.set(path, known);
	}
	return {
		key: relative(root, path).split(sep).join("/"),
		size: info.size,
		etag: known.etag,
		lastModified: Math.floor(info.mtimeMs),
	};
}

/** A bucket that is a directory; its files are the objects, their relative paths the keys. */
export function directoryBucket(directory: string): Bucket {
	const root = resolve(directory);
	const pathOf = (key: string): string => {
		const path = resolve(join(root, key));
		if (path !== root && !path.startsWith(root + sep))
			throw stageFailure(`the path '${key}' leaves the bucket`);
		return path;
	};
	return {
		async list(prefix) {
			const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
			const files: StoredFile[] = [];
			for (const entry of entries) {
				if (!entry.isFile()) continue;
				const path = join(entry.parentPath, entry.name);
				if (!relative(root, path).split(sep).join("/").startsWith(prefix)) continue;
				const file = await describe(root, path);
				if (file) files.push(file);
			}
			return sortBy(files, (file) => file.key);
		},
		read: (key) => readFile(pathOf(key)),
		async write(key, content) {
			const path = pathOf(key);
			await mkdir(dirname(path), { recursive: true });
			await writeFile(path, content);
		},
		remove: (key) => rm(pathOf(key), { force: true }),
	};
}

/** The cloud services that a stage's URL can name. */
export type Provider = "S3" | "S3GOV" | "S3CHINA" | "GCS" | "AZURE" | "S3COMPAT";

/** A URL of cloud storage taken apart: `s3://bucket/path/`, `azure://account…/container/path/`. */
export interface StorageUrl {
	readonly provider: Provider;
	/** Everything up to the path, with a slash at its end. */
	readonly origin: string;
	readonly bucket: string;
	/** Without a slash at its start. */
	readonly path: string;
}

const PROTOCOLS: Readonly<Record<string, Provider>> = {
	s3: "S3",
	s3gov: "S3GOV",
	s3china: "S3CHINA",
	gcs: "GCS",
	azure: "AZURE",
	s3compat: "S3COMPAT",
};

/** Takes a storage URL apart, or says that it is none. */
export function parseStorageUrl(url: string): StorageUrl | undefined {
	const match = /^([a-z0-9]+):\/\/([^/]+)(?:\/(.*))?$/s.exec(url);
	const provider = match && PROTOCOLS[match[1] as string];
	if (!match || !provider) return undefined;
	const [, protocol, host = "", rest = ""] = match;
	if (provider !== "AZURE")
		return { provider, origin: `${protocol}://${host}/`, bucket: host, path: rest };
	const [container = "", ...path] = rest.split("/");
	if (container === "") return undefined;
	return {
		provider,
		origin: `${protocol}://${host}/${container}/`,
		bucket: container,
		path: path.join("/"),
	};
}

/** The bucket of a URL, by the account's options. */
export function bucketOf(options: AccountOptions, url: StorageUrl): Bucket {
	if (url.provider === "S3COMPAT") throw unsupported("reading files through an S3 endpoint");
	const directory = options.buckets[url.bucket];
	if (directory === undefined)
		throw stageFailure(
			`The bucket '${url.bucket}' does not exist. The local account knows the buckets of its environment: add "buckets: { ${url.bucket}: DIRECTORY }" to its emulator options`,
		);
	return directoryBucket(directory);
}

/** The files of an internal stage: a directory of the account's, by a name that a rename does not touch. */
export function internalDirectory(options: AccountOptions, name: string): string {
	return join(options.path, "stages", name);
}

/** Deletes the files of an internal stage that is gone. */
export async function removeInternal(options: AccountOptions, name: string): Promise<void> {
	await rm(internalDirectory(options, name), { recursive: true, force: true });
}

/** The name of the directory that holds the files of a table's own stage. */
export function tableDirectory(table: { readonly id: number }): string {
	return `table-${table.id}`;
}
