import * as zlib from "node:zlib";
import { unsupported } from "../error.ts";

/** Compressions as COMPRESSION names them. */
export type Compression = "GZIP" | "BZ2" | "BROTLI" | "ZSTD" | "DEFLATE" | "RAW_DEFLATE" | "NONE";

/** What AUTO finds: everything but Brotli has a mark at its beginning, "which cannot be detected automatically". */
function detectCompression(content: Buffer): Compression {
	const [a = 0, b = 0, c = 0, d = 0] = content;
	if (a === 0x1f && b === 0x8b) return "GZIP";
	if (a === 0x42 && b === 0x5a && c === 0x68) return "BZ2";
	if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "ZSTD";
	// RFC 1950: method 8, and the two bytes are a multiple of 31.
	if ((a & 0x0f) === 8 && a >> 4 <= 7 && ((a << 8) | b) % 31 === 0 && content.length > 2)
		return "DEFLATE";
	return "NONE";
}

/** Zstandard came to Node in version 22. */
const zstd = zlib as unknown as Partial<
	Record<"zstdCompressSync" | "zstdDecompressSync", (content: Buffer) => Buffer>
>;

/** The content of a file, by the format's COMPRESSION. */
export function decompress(content: Buffer, compression: string): Buffer {
	const kind = compression === "AUTO" ? detectCompression(content) : compression;
	switch (kind) {
		case "NONE":
			return content;
		case "GZIP":
			return zlib.gunzipSync(content);
		case "DEFLATE":
			return zlib.inflateSync(content);
		case "RAW_DEFLATE":
			return zlib.inflateRawSync(content);
		case "BROTLI":
			return zlib.brotliDecompressSync(content);
		case "ZSTD":
			if (zstd.zstdDecompressSync) return zstd.zstdDecompressSync(content);
			throw unsupported("files compressed with ZSTD on this version of Node");
		default:
			throw unsupported(`files compressed with ${kind}`);
	}
}

/** What a compression adds to a file's name. */
export const COMPRESSION_EXTENSIONS: Readonly<Record<Compression, string>> = {
	GZIP: ".gz",
	BZ2: ".bz2",
	BROTLI: ".br",
	ZSTD: ".zst",
	DEFLATE: ".deflate",
	RAW_DEFLATE: ".raw_deflate",
	NONE: "",
};

/** Compresses what is unloaded; AUTO is gzip. */
export function compress(content: Buffer, compression: string): Buffer {
	switch (compression) {
		case "NONE":
			return content;
		case "AUTO":
		case "GZIP":
			return zlib.gzipSync(content);
		case "DEFLATE":
			return zlib.deflateSync(content);
		case "RAW_DEFLATE":
			return zlib.deflateRawSync(content);
		case "BROTLI":
			return zlib.brotliCompressSync(content);
		case "ZSTD":
			if (zstd.zstdCompressSync) return zstd.zstdCompressSync(content);
			throw unsupported("unloading with COMPRESSION = ZSTD on this version of Node");
		default:
			throw unsupported(`unloading with COMPRESSION = ${compression}`);
	}
}
