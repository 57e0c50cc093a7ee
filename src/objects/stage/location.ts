import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import type { Properties, Value } from "../../model/value.ts";
import { samples } from "../define/domain.ts";
import { assignment } from "../define/properties.ts";
import type { How, Property } from "../define/property.ts";
import { stringValue, type ValueSyntax } from "../define/value-syntax.ts";

const SCHEMES = ["s3", "s3gov", "s3china", "s3compat", "gcs", "azure"] as const;

/** Who keeps a stage's files: Snowflake itself, or the cloud that its URL names. */
export type Scheme = (typeof SCHEMES)[number] | "internal";

/** Who keeps the files of a stage with these properties. */
export function schemeOf(properties: Properties): Scheme {
	const url = properties.URL;
	if (typeof url !== "string") return "internal";
	return SCHEMES.find((scheme) => url.startsWith(`${scheme}://`)) ?? "internal";
}

/** Amazon S3 in any of its partitions. */
export function isS3(scheme: Scheme): boolean {
	return scheme === "s3" || scheme === "s3gov" || scheme === "s3china";
}

/** Whether a stage can be reached over a private link: those of the three big clouds. */
export function hasPrivateLink(scheme: Scheme): boolean {
	return scheme !== "internal" && scheme !== "s3compat";
}

const url: ValueSyntax = {
	...stringValue,
	read(cursor, context) {
		const span = cursor.here();
		const value = String(stringValue.read(cursor, context));
		const scheme = /^([A-Za-z0-9]+):\/\/[^/]/.exec(value)?.[1];
		if (!SCHEMES.some((known) => known === scheme))
			throw new DeployError(
				EXIT.input,
				errorAt(
					span,
					"INVALID_VALUE",
					`'${value}' is not the URL of a stage: ${SCHEMES.map((s) => `${s}://`).join(", ")}`,
					scheme === undefined ? {} : didYouMean(scheme, SCHEMES),
				),
			);
		return value;
	},
	domain: samples(
		"s3://acme-lake/in/",
		"s3://acme-lake/in/orders",
		"gcs://acme-lake/in/",
		"azure://acme.blob.core.windows.net/acme-lake/in/",
	),
	shape: "'<cloud>://<bucket>[/<path>/]'",
};

/**
 * From another location of the same cloud to this one by ALTER; between clouds, and between Snowflake's own
 * storage and a cloud's, only by making the stage anew. ALTER STAGE has no form for S3-compatible storage.
 * https://docs.snowflake.com/en/sql-reference/sql/create-stage#create-or-alter-stage-usage-notes
 */
function relocation(from: Value | undefined, to: Value | undefined): How {
	const scheme = schemeOf({ URL: from ?? null });
	const same = scheme === schemeOf({ URL: to ?? null });
	return same && scheme !== "s3compat" ? "alter" : "replace";
}

/** Where an external stage's files are; a stage without it is internal. */
export const stageUrl: Property = assignment("URL", url, {
	change: relocation,
	unset: "replace",
	default: null,
	emits: ["relocated"],
	note: "Without a / at its end it also means every path that begins with it.",
});
