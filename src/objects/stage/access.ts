import { DeployError, EXIT, errorAt } from "../../diagnostics/diagnostic.ts";
import { samples } from "../define/domain.ts";
import { type GroupValue, groupValue, type SpanOfKey } from "../define/group-value.ts";
import { assignment, assignmentClause } from "../define/properties.ts";
import { type Property, property } from "../define/property.ts";
import { stringValue, wordValue } from "../define/value-syntax.ts";

function refuse(spanOf: SpanOfKey, key: string, summary: string): never {
	throw new DeployError(EXIT.input, errorAt(spanOf(key), "INVALID_VALUE", summary));
}

/** The forms that credentials have: which keys stand together, and which of them may be left out. */
const CREDENTIAL_FORMS: readonly {
	readonly needs: readonly string[];
	readonly may: readonly string[];
}[] = [
	{ needs: ["AWS_KEY_ID", "AWS_SECRET_KEY"], may: ["AWS_TOKEN"] },
	{ needs: ["AWS_ROLE"], may: [] },
	{ needs: ["AZURE_SAS_TOKEN"], may: [] },
];

function checkCredentials(value: GroupValue, spanOf: SpanOfKey): GroupValue {
	const keys = Object.keys(value);
	const fits = CREDENTIAL_FORMS.some(
		({ needs, may }) =>
			needs.every((key) => keys.includes(key)) &&
			keys.every((key) => needs.includes(key) || may.includes(key)),
	);
	if (!fits)
		refuse(
			spanOf,
			keys[0] ?? "",
			"CREDENTIALS are AWS_KEY_ID and AWS_SECRET_KEY (and AWS_TOKEN), or AWS_ROLE, or AZURE_SAS_TOKEN",
		);
	return value;
}

/**
 * What a stage shows to its cloud. The account never tells it, so it is compared with what was applied last.
 * A new key is set in place and breaks nothing: neither pipes nor external tables have to be made anew.
 * https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
 */
export const credentials: Property = assignment(
	"CREDENTIALS",
	groupValue(
		{
			AWS_KEY_ID: stringValue,
			AWS_SECRET_KEY: stringValue,
			AWS_TOKEN: stringValue,
			AWS_ROLE: stringValue,
			AZURE_SAS_TOKEN: stringValue,
		},
		{
			refine: checkCredentials,
			domain: samples(
				{ AWS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_KEY: "first" },
				{ AWS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_KEY: "second", AWS_TOKEN: "t" },
				{ AWS_ROLE: "arn:aws:iam::001234567890:role/snowflake" },
				{ AZURE_SAS_TOKEN: "?sv=2016-05-31&ss=b" },
			),
		},
	),
	{
		change: "alter",
		compare: "hashed",
		secrets: ["AWS_SECRET_KEY", "AWS_TOKEN", "AZURE_SAS_TOKEN"],
		unset: "replace",
		default: null,
	},
);

/** Which clouds have which encryption, and the keys that go with it. */
export const ENCRYPTIONS: Readonly<
	Record<string, { readonly clouds: readonly string[]; readonly keys: readonly string[] }>
> = {
	AWS_CSE: { clouds: ["s3", "s3gov", "s3china"], keys: ["MASTER_KEY"] },
	AWS_SSE_S3: { clouds: ["s3", "s3gov", "s3china"], keys: [] },
	AWS_SSE_KMS: { clouds: ["s3", "s3gov", "s3china"], keys: ["KMS_KEY_ID"] },
	GCS_SSE_KMS: { clouds: ["gcs"], keys: ["KMS_KEY_ID"] },
	AZURE_CSE: { clouds: ["azure"], keys: ["MASTER_KEY"] },
	NONE: { clouds: ["s3", "s3gov", "s3china", "gcs", "azure"], keys: [] },
};

function checkEncryption(value: GroupValue, spanOf: SpanOfKey): GroupValue {
	// "When a MASTER_KEY value is provided, Snowflake assumes TYPE = AWS_CSE."
	const type = value.TYPE ?? (value.MASTER_KEY === undefined ? undefined : "AWS_CSE");
	if (type === undefined) refuse(spanOf, "TYPE", "ENCRYPTION needs TYPE");
	const known = ENCRYPTIONS[String(type)]?.keys ?? [];
	for (const key of Object.keys(value))
		if (key !== "TYPE" && !known.includes(key))
			refuse(spanOf, key, `${key} does not go with TYPE = '${String(type)}'`);
	if (known.includes("MASTER_KEY") && value.MASTER_KEY === undefined)
		refuse(spanOf, "TYPE", `TYPE = '${String(type)}' needs MASTER_KEY`);
	return { ...value, TYPE: type };
}

const MASTER_KEYS = [
	"eSxX0jzYfIamtnBKOEOxq80Au6NbSgPH5r4BDDwOaO8=",
	"kPxX0jzYfIamtnJEUTHwq80Au6NbSgPH5r4BDDwOaO8=",
];

/**
 * How the files of an external stage are encrypted. DESCRIBE STAGE does not tell it, so it is compared with
 * what was applied last.
 */
export const encryption: Property = assignment(
	"ENCRYPTION",
	groupValue(
		{
			TYPE: wordValue(Object.keys(ENCRYPTIONS), { quoted: true }),
			MASTER_KEY: stringValue,
			KMS_KEY_ID: stringValue,
		},
		{
			refine: checkEncryption,
			domain: samples(
				{ TYPE: "NONE" },
				{ TYPE: "AWS_SSE_S3" },
				{ TYPE: "AWS_SSE_KMS", KMS_KEY_ID: "aws/key" },
				{ TYPE: "AWS_CSE", MASTER_KEY: MASTER_KEYS[0] ?? "" },
				{ TYPE: "GCS_SSE_KMS", KMS_KEY_ID: "a1b2c3" },
				{ TYPE: "AZURE_CSE", MASTER_KEY: MASTER_KEYS[1] ?? "" },
			),
		},
	),
	{
		change: "alter",
		compare: "hashed",
		secrets: ["MASTER_KEY"],
		unset: "replace",
		default: null,
		emits: ["relocated"],
	},
);

const internal = assignmentClause(
	"ENCRYPTION",
	groupValue({ TYPE: wordValue(["SNOWFLAKE_FULL", "SNOWFLAKE_SSE"], { quoted: true }) }),
);

/**
 * How the files of an internal stage are encrypted, which its type in SHOW STAGES tells. It shares the word
 * ENCRYPTION with external stages, but it is readable, and "you cannot change the encryption type after you
 * create the stage".
 */
export const internalEncryption: Property = property(
	"INTERNAL ENCRYPTION",
	{
		...internal,
		starts: (cursor) =>
			cursor.looksAt("ENCRYPTION", "=", "(", "TYPE", "=") &&
			cursor.peek(5)?.value.toUpperCase().startsWith("SNOWFLAKE_") === true,
		read: (cursor, context) => {
			const value = internal.read(cursor, context) as GroupValue;
			return value.TYPE ?? "SNOWFLAKE_FULL";
		},
		print: (value) => internal.print({ TYPE: value }, {}),
		domain: { type: "enum", values: ["SNOWFLAKE_FULL", "SNOWFLAKE_SSE"] },
		shape: "ENCRYPTION = ( TYPE = 'SNOWFLAKE_FULL' | TYPE = 'SNOWFLAKE_SSE' )",
	},
	{
		change: "replace",
		unset: "replace",
		default: "SNOWFLAKE_FULL",
		when: { property: "URL", in: [null] },
	},
);
