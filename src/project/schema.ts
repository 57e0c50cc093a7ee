import { z } from "zod";
import { parseName } from "../model/identifier.ts";

/** The error text for a name that Snowflake would not accept as it is written. */
function notAName(what: string) {
	return ({ input }: { readonly input?: unknown }) =>
		`${JSON.stringify(input)} is not ${what}; an unusual name keeps its own quotes: '"${String(input)}"'`;
}

const identifier = z
	.string()
	.refine((text) => parseName(text)?.length === 1, { error: notAName("a name") });

const role = identifier.meta({ description: "A role." });

const pattern = z.string().refine((text) => /^[^\s.]+(\.[^.]+){0,2}$/.test(text), {
	error: ({ input }) =>
		`${JSON.stringify(input)} is not a name with * in it, such as SHARED_DB.*.*`,
});

/** Options of the driver that may stand in a file; what is secret is refused by name. */
const driverOptions = {
	accessUrl: z.string(),
	authenticator: z.string(),
	clientRequestMFAToken: z.boolean(),
	clientSessionKeepAlive: z.boolean(),
	clientSessionKeepAliveHeartbeatFrequency: z.number(),
	clientStoreTemporaryCredential: z.boolean(),
	credentialCacheDir: z.string(),
	disableSamlURLCheck: z.boolean(),
	host: z.string(),
	noProxy: z.string(),
	oauthAuthorizationUrl: z.string(),
	oauthClientId: z.string(),
	oauthRedirectUri: z.string(),
	oauthScope: z.string(),
	oauthTokenRequestUrl: z.string(),
	port: z.int(),
	privateKeyPath: z.string(),
	protocol: z.enum(["https", "http"]),
	proxyHost: z.string(),
	proxyPort: z.int(),
	proxyProtocol: z.string(),
	proxyUser: z.string(),
	region: z.string(),
	tokenFilePath: z.string(),
	user: z.string(),
	username: z.string(),
	workloadIdentityAzureClientId: z.string(),
	workloadIdentityAzureEntraIdResource: z.string(),
	workloadIdentityImpersonationPath: z.array(z.string()),
	workloadIdentityProvider: z.string(),
};

const emulator = z
	.strictObject({
		path: z.string().min(1).meta({ description: "Directory of the local account's state." }),
		buckets: z
			.record(z.string(), z.string())
			.optional()
			.meta({ description: "Bucket → directory that stands for it." }),
	})
	.meta({ description: "The local account that comes with Snowline." });

const connection = z
	.strictObject({ name: z.string().min(1), emulator, ...driverOptions })
	.partial()
	.meta({
		description:
			"Either name (a section of connections.toml or config.toml), or emulator, or options of the Snowflake driver. Secrets are read from the environment, never from here.",
	});

const permit = z.strictObject({
	hazard: z
		.string()
		.regex(/^[A-Z][A-Z_]*$/, "a hazard is a code such as PIPE_HISTORY_LOST")
		.meta({ description: "Code of the accepted hazard; `snowline explain CODE` tells about it." }),
	object: z
		.string()
		.min(1)
		.optional()
		.meta({ description: "The object that may lose; all when absent." }),
	until: z.iso
		.date("a date is written like 2026-12-31")
		.optional()
		.meta({ description: "Last day on which it is accepted." }),
	reason: z.string().min(1).meta({ description: "Why, for the next reader." }),
});

/** An environment file before merging: any key may instead stand in _defaults.yaml. */
export const environmentFile = z
	.strictObject({
		project: z.string().min(1).meta({
			description: "The project's name; every record in the account carries it.",
		}),
		account: z
			.string()
			.regex(/^[A-Za-z0-9_]+([.-][A-Za-z0-9_-]+)*$/, "an account is written like MYORG-PROD")
			.meta({ description: "The one account that may be touched, as ORGANIZATION-ACCOUNT." }),
		connection,
		role: role.meta({ description: "The role that deploys." }),
		warehouse: identifier.meta({ description: "The warehouse for queries of the deployment." }),
		owners: z
			.record(
				z.string().regex(/^[A-Za-z]+( [A-Za-z]+)*$/, "a kind is written like STORAGE INTEGRATION"),
				role,
			)
			.meta({ description: "Role that creates objects of a kind, when no USE ROLE says so." }),
		variables: z
			.record(z.string(), z.unknown())
			.meta({ description: "What templates are rendered with." }),
		context: z
			.strictObject({ database: identifier.optional(), schema: identifier.optional() })
			.meta({ description: "For names that do not say their database or schema." }),
		manage: z
			.strictObject({
				databases: z.array(identifier).optional(),
				roles: z.array(identifier).optional(),
			})
			.meta({ description: "Where this project is in charge." }),
		external: z
			.array(pattern)
			.meta({ description: "Names that others provide; * stands for anything." }),
		records: z
			.string()
			.refine((text) => parseName(text)?.length === 2, {
				error: ({ input }) =>
					`${JSON.stringify(input)} is not a schema's name, such as LAKE.SNOWLINE`,
			})
			.meta({ description: "Schema of the deployment records." }),
		permit: z.array(permit).meta({ description: "Hazards accepted here." }),
		concurrency: z
			.int("how many statements may run at once is a whole number")
			.min(1, "at least 1 statement has to run at once")
			.max(64, "at most 64 statements can run at once")
			.meta({ description: "How many statements may run at once." }),
	})
	.partial()
	.meta({ title: "Snowline environment", description: "environments/<name>.yaml" });

export type EnvironmentFile = z.infer<typeof environmentFile>;

/** The JSON Schema for editors, `schemas/environment.schema.json`. */
export function environmentJsonSchema(): Record<string, unknown> {
	return { ...z.toJSONSchema(environmentFile, { io: "input" }) };
}
