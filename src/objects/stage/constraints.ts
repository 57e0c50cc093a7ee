import type { Properties } from "../../model/value.ts";
import { type Constraint, oneOf, rule } from "../define/constraint.ts";
import { asGroup } from "../define/group-value.ts";
import { ENCRYPTIONS } from "./access.ts";
import { hasPrivateLink, isS3, type Scheme, schemeOf } from "./location.ts";

const written = (properties: Properties, name: string): boolean => {
	const value = properties[name];
	return value !== undefined && value !== null;
};

/** A property that only stages of some clouds have. */
function onlyOn(name: string, text: string, has: (scheme: Scheme) => boolean): Constraint {
	return rule(
		`${name} needs ${text}`,
		[name, "URL"],
		(properties) => !written(properties, name) || has(schemeOf(properties)),
	);
}

function credentialsFit(properties: Properties): boolean {
	const keys = Object.keys(asGroup(properties.CREDENTIALS));
	if (keys.length === 0) return true;
	const scheme = schemeOf(properties);
	if (keys.includes("AZURE_SAS_TOKEN")) return scheme === "azure";
	if (scheme === "s3compat") return keys.every((key) => /^AWS_(KEY_ID|SECRET_KEY)$/.test(key));
	return isS3(scheme);
}

const oneLake = (properties: Properties): boolean =>
	String(properties.URL ?? "").startsWith("azure://onelake.");

/**
 * What clauses of a stage go together, by where its files are.
 * https://docs.snowflake.com/en/sql-reference/sql/create-stage#syntax
 */
export const STAGE_CONSTRAINTS: readonly Constraint[] = [
	oneOf("STORAGE_INTEGRATION", "CREDENTIALS"),
	onlyOn(
		"STORAGE_INTEGRATION",
		"a URL of Amazon S3, Google Cloud Storage or Microsoft Azure",
		(scheme) => scheme !== "internal" && scheme !== "s3compat",
	),
	onlyOn("AWS_ACCESS_POINT_ARN", "a URL of Amazon S3", isS3),
	onlyOn("ENDPOINT", "a URL that begins with s3compat://", (scheme) => scheme === "s3compat"),
	onlyOn(
		"USE_PRIVATELINK_ENDPOINT",
		"a URL of Amazon S3, Google Cloud Storage or Microsoft Azure",
		hasPrivateLink,
	),
	rule(
		"a URL that begins with s3compat:// needs ENDPOINT",
		["URL", "ENDPOINT"],
		(properties) => schemeOf(properties) !== "s3compat" || written(properties, "ENDPOINT"),
	),
	rule("CREDENTIALS must be those of the URL's cloud", ["CREDENTIALS", "URL"], credentialsFit),
	rule("ENCRYPTION must be one that the URL's cloud has", ["ENCRYPTION", "URL"], (properties) => {
		const { TYPE } = asGroup(properties.ENCRYPTION);
		const clouds = ENCRYPTIONS[String(TYPE)]?.clouds ?? [];
		return TYPE === undefined || clouds.includes(schemeOf(properties));
	}),
	rule(
		"DIRECTORY: AWS_SNS_TOPIC needs a URL of Amazon S3",
		["DIRECTORY", "URL"],
		(properties) =>
			asGroup(properties.DIRECTORY).AWS_SNS_TOPIC === undefined || isS3(schemeOf(properties)),
	),
	rule(
		"DIRECTORY: NOTIFICATION_INTEGRATION needs a URL of Google Cloud Storage or Microsoft Azure",
		["DIRECTORY", "URL"],
		(properties) =>
			asGroup(properties.DIRECTORY).NOTIFICATION_INTEGRATION === undefined ||
			["gcs", "azure"].includes(schemeOf(properties)),
	),
	rule(
		"DIRECTORY: AUTO_REFRESH needs NOTIFICATION_INTEGRATION on Google Cloud Storage and Microsoft Azure",
		["DIRECTORY", "URL"],
		(properties) => {
			const { AUTO_REFRESH, NOTIFICATION_INTEGRATION } = asGroup(properties.DIRECTORY);
			return (
				AUTO_REFRESH !== true ||
				NOTIFICATION_INTEGRATION !== undefined ||
				!["gcs", "azure"].includes(schemeOf(properties))
			);
		},
	),
	rule(
		"DIRECTORY: AUTO_REFRESH is not there for S3-compatible storage and OneLake",
		["DIRECTORY", "URL"],
		(properties) =>
			asGroup(properties.DIRECTORY).AUTO_REFRESH !== true ||
			(schemeOf(properties) !== "s3compat" && !oneLake(properties)),
	),
	rule(
		"DIRECTORY: REFRESH_ON_CREATE needs a URL",
		["DIRECTORY", "URL"],
		(properties) =>
			asGroup(properties.DIRECTORY).REFRESH_ON_CREATE === undefined ||
			schemeOf(properties) !== "internal",
	),
];
