import { describe, expect, test } from "vitest";
import { objectType } from "../../src/objects/index.ts";
import { mergedModel } from "../../src/plan/merged.ts";
import {
	alterations,
	canonical,
	declared,
	differences,
	mistakes,
	reported,
} from "../support/objects.ts";

const ROLE = "arn:aws:iam::001234567890:role/myrole";
const S3 = `CREATE STORAGE INTEGRATION i TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3'
	STORAGE_AWS_ROLE_ARN = '${ROLE}' STORAGE_ALLOWED_LOCATIONS = ('s3://a/', 's3://b/')`;
const EXTERNAL_ID = "MYACCOUNT_SFCRole=2_a123456/s0aBCDEfGHIJklmNoPq=";

function live(rows: Readonly<Record<string, string>>, show: Readonly<Record<string, string>> = {}) {
	return reported(
		"STORAGE INTEGRATION",
		{
			name: "I",
			type: "EXTERNAL_STAGE",
			category: "STORAGE",
			enabled: "true",
			comment: null,
			...show,
		},
		Object.entries(rows).map(([property, property_value]) => ({
			property,
			property_type: "String",
			property_value,
			property_default: "",
		})),
	);
}

/** As DESCRIBE INTEGRATION prints it: lists joined by commas, empty texts for what is not set. */
const AMAZON = {
	ENABLED: "true",
	STORAGE_PROVIDER: "S3",
	STORAGE_ALLOWED_LOCATIONS: "s3://b/,s3://a/",
	STORAGE_BLOCKED_LOCATIONS: "",
	STORAGE_AWS_IAM_USER_ARN: "arn:aws:iam::123456789001:user/abc1-b-self1234",
	STORAGE_AWS_ROLE_ARN: ROLE,
	STORAGE_AWS_EXTERNAL_ID: EXTERNAL_ID,
	STORAGE_AWS_OBJECT_ACL: "",
	USE_PRIVATELINK_ENDPOINT: "false",
	COMMENT: "",
};

describe("reading", () => {
	test("the order of locations and a generated external id are no difference", () => {
		expect(differences(live(AMAZON), declared(S3))).toEqual([]);
	});

	test("what Snowflake made is kept for the handoff", () => {
		expect(live(AMAZON).runtime).toEqual({
			STORAGE_AWS_IAM_USER_ARN: AMAZON.STORAGE_AWS_IAM_USER_ARN,
			STORAGE_AWS_EXTERNAL_ID: EXTERNAL_ID,
		});
	});

	test("integrations of other types are not ours", () => {
		const row = { name: "P", type: "POSTGRES_INTERNAL_STORAGE", enabled: "true" };
		expect(objectType("STORAGE INTEGRATION").read.row(row)).toBeUndefined();
	});

	test("canonical SQL", () => {
		expect(canonical(declared(`${S3} STORAGE_BLOCKED_LOCATIONS = () ENABLED = false`))).toBe(
			`CREATE STORAGE INTEGRATION I
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  STORAGE_AWS_ROLE_ARN = '${ROLE}'
  ENABLED = FALSE
  STORAGE_ALLOWED_LOCATIONS = ('s3://a/', 's3://b/')`,
		);
	});
});

describe("changes", () => {
	test("one statement sets", () => {
		const to = S3.replace("'s3://b/'", "'s3://c/'").replace("myrole", "other");
		expect(alterations(live(AMAZON), declared(`${to} ENABLED = FALSE`))).toEqual([
			`ALTER STORAGE INTEGRATION I SET
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::001234567890:role/other'
  ENABLED = FALSE
  STORAGE_ALLOWED_LOCATIONS = ('s3://a/', 's3://c/')`,
		]);
	});

	test("UNSET where the grammar has it, the default where it has not", () => {
		const from = live(
			{ ...AMAZON, STORAGE_BLOCKED_LOCATIONS: "s3://b/x/", USE_PRIVATELINK_ENDPOINT: "true" },
			{ comment: "old", enabled: "false" },
		);
		expect(alterations(from, declared(S3))).toEqual([
			"ALTER STORAGE INTEGRATION I SET\n  USE_PRIVATELINK_ENDPOINT = FALSE\n  ENABLED = TRUE",
			"ALTER STORAGE INTEGRATION I UNSET STORAGE_BLOCKED_LOCATIONS, COMMENT",
		]);
	});

	test("another declared external id breaks the trust policy", () => {
		const to = declared(`${S3} STORAGE_AWS_EXTERNAL_ID = 'mine'`);
		expect(differences(live(AMAZON), to)).toMatchObject([
			{ property: "STORAGE_AWS_EXTERNAL_ID", how: "alter", hazards: [{ code: "TRUST_BROKEN" }] },
		]);
	});

	test.each([
		["S3GOV", "s3gov", ["STAGE_UNLINKED"]],
		["GCS", "gcs", ["STAGE_UNLINKED", "TRUST_BROKEN"]],
	])("provider %s makes it anew", (provider, scheme, codes) => {
		const role = provider === "GCS" ? "" : `STORAGE_AWS_ROLE_ARN = '${ROLE}'`;
		const to = declared(`CREATE STORAGE INTEGRATION i TYPE = EXTERNAL_STAGE
			STORAGE_PROVIDER = '${provider}' ${role} STORAGE_ALLOWED_LOCATIONS = ('${scheme}://a/')`);
		const changes = differences(live(AMAZON), to);
		expect(changes.filter((c) => c.how === "replace").map((c) => c.property)).toEqual([
			"STORAGE_PROVIDER",
		]);
		const hazards = objectType("STORAGE INTEGRATION").replaceHazards(live(AMAZON), to);
		expect(hazards.map((h) => h.code)).toEqual(codes);
	});

	test("a replacement keeps the external id that the trust policy names", () => {
		expect(canonical(mergedModel(live(AMAZON), declared(S3)))).toContain(
			`STORAGE_AWS_EXTERNAL_ID = '${EXTERNAL_ID}'`,
		);
	});
});

describe("mistakes", () => {
	test.each([
		[
			S3.replace("'S3'", "'S4'"),
			"S4 is not one of S3, S3CHINA, S3GOV, GCS, AZURE (did you mean S3?)",
		],
		[
			S3.replace("EXTERNAL_STAGE", "POSTGRES_INTERNAL_STORAGE"),
			"POSTGRES_INTERNAL_STORAGE is not one of EXTERNAL_STAGE",
		],
		[
			S3.replace("'s3://b/'", "'gcs://b/'"),
			"STORAGE INTEGRATION I: STORAGE_ALLOWED_LOCATIONS and STORAGE_BLOCKED_LOCATIONS must be URLs of the STORAGE_PROVIDER",
		],
		[
			`${S3} AZURE_TENANT_ID = 'x'`,
			"AZURE_TENANT_ID means something only where STORAGE_PROVIDER is AZURE",
		],
		[
			`${S3} STORAGE_AWS_OBJECT_ACL = 'public-read'`,
			"STORAGE_AWS_OBJECT_ACL can only be 'bucket-owner-full-control'",
		],
		[
			`${S3} STORAGE_AWS_ROLE = 'x'`,
			"STORAGE_AWS_ROLE is not a property of STORAGE INTEGRATION (did you mean STORAGE_AWS_ROLE_ARN?)",
		],
	])("%#", (sql, mistake) => {
		expect(mistakes(sql)).toEqual([mistake]);
	});

	test("what each provider needs", () => {
		const base =
			"CREATE STORAGE INTEGRATION i TYPE = EXTERNAL_STAGE STORAGE_ALLOWED_LOCATIONS = ('*')";
		expect(mistakes(`${base} STORAGE_PROVIDER = 'S3'`)[0]).toContain("needs STORAGE_AWS_ROLE_ARN");
		expect(mistakes(`${base} STORAGE_PROVIDER = 'AZURE'`)[0]).toContain("needs AZURE_TENANT_ID");
		expect(mistakes(`${base} STORAGE_PROVIDER = 'GCS'`)).toEqual([]);
	});
});
