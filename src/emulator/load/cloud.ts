import { createHash } from "node:crypto";

/**
 * What the account would be in the clouds. The IAM user is one for the whole account and stays when an integration
 * is replaced; the external id is one per integration.
 * https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration
 */
export const CLOUD = {
	account: "LOCAL",
	region: "us-east-1",
	iamUserArn: "arn:aws:iam::000000000000:user/local0000-s",
	gcpServiceAccount: "local0000@snowline-local.iam.gserviceaccount.com",
	azureApplication: "SnowlineLocal_1234567890123",
} as const;

/** A text that looks random and is always the same for the same seed. */
export function digest(seed: string, encoding: "base64" | "hex" = "hex"): string {
	return createHash("sha1").update(seed).digest(encoding);
}

/** The external id that Snowflake makes up for an integration: a new object has a new one. */
export function externalId(integration: number): string {
	return `${CLOUD.account}_SFCRole=2_${digest(`external id ${integration}`, "base64")}`;
}

/** The queue that a bucket's events go to: "a single SQS queue per bucket". */
export function queueArn(bucket: string): string {
	const suffix = digest(`queue ${bucket}`, "base64").replaceAll(/[^A-Za-z0-9]/g, "");
	return `arn:aws:sqs:${CLOUD.region}:000000000000:sf-snowpipe-AIDALOCAL-${suffix.slice(0, 22)}`;
}

/** Where an Azure administrator grants access. */
export function consentUrl(tenant: string): string {
	return `https://login.microsoftonline.com/${tenant}/oauth2/authorize?client_id=local&response_type=code`;
}
