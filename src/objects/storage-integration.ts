import { DeployError, EXIT, errorAt } from "../diagnostics/diagnostic.ts";
import type { ObjectModel } from "../model/catalog.ts";
import type { HazardDraft } from "../model/hazard.ts";
import type { Properties, Value } from "../model/value.ts";
import { type Constraint, rule } from "./define/constraint.ts";
import { samples } from "./define/domain.ts";
import { defineObjectType } from "./define/object-type.ts";
import { privileges } from "./define/privilege.ts";
import { assignment, comment, flag, text, word } from "./define/properties.ts";
import type { Property, PropertyOptions } from "./define/property.ts";
import { described, given, yes } from "./define/rows.ts";
import { listValue, stringValue, type ValueSyntax } from "./define/value-syntax.ts";
import { TAGGED } from "./shared/refused.ts";

/** The URL scheme of each provider's locations. */
const SCHEMES: Readonly<Record<string, string>> = {
	S3: "s3",
	S3CHINA: "s3china",
	S3GOV: "s3gov",
	GCS: "gcs",
	AZURE: "azure",
};
const AMAZON = ["S3", "S3CHINA", "S3GOV"];
const MICROSOFT = ["AZURE"];

/** `( 'url', … )`, a set: the order of locations means nothing. The empty list is no list. */
function locations(name: string, examples: readonly Value[], options: PropertyOptions): Property {
	const list = listValue(stringValue);
	const value: ValueSyntax = {
		...list,
		read(cursor, context) {
			const urls = list.read(cursor, context) as readonly string[];
			return urls.length === 0 ? null : urls;
		},
		domain: samples(...examples),
		shape: "( '<cloud>://<bucket>/<path>/' [, …] )",
	};
	return assignment(name, value, {
		canonical: (urls) => (Array.isArray(urls) ? [...new Set(urls)].sort() : urls),
		...options,
	});
}

const ACL = "bucket-owner-full-control";

const objectAcl: ValueSyntax = {
	...stringValue,
	read(cursor, context) {
		const span = cursor.here();
		const value = stringValue.read(cursor, context);
		if (value !== ACL)
			throw new DeployError(
				EXIT.input,
				errorAt(span, "INVALID_VALUE", `STORAGE_AWS_OBJECT_ACL can only be '${ACL}'`),
			);
		return value;
	},
	domain: samples(ACL),
	shape: `'${ACL}'`,
};

function urlsOf(value: Value | undefined): readonly string[] {
	return Array.isArray(value) ? value.map(String) : [];
}

const sameCloud: Constraint = rule(
	"STORAGE_ALLOWED_LOCATIONS and STORAGE_BLOCKED_LOCATIONS must be URLs of the STORAGE_PROVIDER",
	["STORAGE_ALLOWED_LOCATIONS", "STORAGE_BLOCKED_LOCATIONS", "STORAGE_PROVIDER"],
	(properties) => {
		const scheme = SCHEMES[String(properties.STORAGE_PROVIDER)];
		return [
			...urlsOf(properties.STORAGE_ALLOWED_LOCATIONS),
			...urlsOf(properties.STORAGE_BLOCKED_LOCATIONS),
		].every((url) => scheme === undefined || url === "*" || url.startsWith(`${scheme}://`));
	},
);

function newTrust(message: string): readonly HazardDraft[] {
	return [{ code: "TRUST_BROKEN", message }];
}

/**
 * The id in the role's trust policy. A new integration gets the old one's id when that is known, so that the
 * policy stays valid; it is lost where another id is declared, and where another cloud is entered.
 */
function trust(from: ObjectModel, to: ObjectModel): readonly HazardDraft[] {
	const provider = (model: ObjectModel): string => String(model.properties.STORAGE_PROVIDER);
	if (!AMAZON.includes(provider(to)) || !AMAZON.includes(provider(from)))
		return newTrust("the new integration has another cloud identity, which has to be given access");
	const before = from.properties.STORAGE_AWS_EXTERNAL_ID ?? null;
	const after = to.properties.STORAGE_AWS_EXTERNAL_ID ?? before;
	return before !== null && before === after
		? []
		: newTrust(
				"the external id changes: the role's trust policy refuses Snowflake until it has it",
			);
}

function split(cell: string | null | undefined): readonly string[] | null {
	const list = given(cell);
	return list === null || list === "[]" ? null : list.split(",").map((url) => url.trim());
}

/** Whether a location is one that a list entry stands for: all that begins like it. */
function isUnder(url: string, entry: string): boolean {
	return entry === "*" || `${url}/`.startsWith(entry);
}

/**
 * "The URL in the stage definition must align with the storage location specified for the
 * STORAGE_ALLOWED_LOCATIONS parameter." ALTER leaves stages outside of them behind without access.
 */
function refusedLocation({ properties }: ObjectModel, url: Value | undefined): string | undefined {
	const allowed = urlsOf(properties.STORAGE_ALLOWED_LOCATIONS);
	// Of what files do not declare, only what SHOW tells is read, and that is not among it.
	if (typeof url !== "string" || allowed.length === 0) return undefined;
	if (!allowed.some((entry) => isUnder(url, entry)))
		return `${url} is not in its STORAGE_ALLOWED_LOCATIONS (${allowed.join(", ")})`;
	const blocked = urlsOf(properties.STORAGE_BLOCKED_LOCATIONS).find((entry) => isUnder(url, entry));
	return blocked === undefined
		? undefined
		: `${url} is in its STORAGE_BLOCKED_LOCATIONS (${blocked})`;
}

/** What the cloud's side has to let in, with the identity that Snowflake made, where it is made already. */
function handoff({ properties, runtime = {} }: ObjectModel): readonly string[] {
	const known = (name: string, ...where: readonly Properties[]) =>
		String(where.map((values) => values[name]).find((v) => v) ?? `(${name} of DESC INTEGRATION)`);
	const locations = urlsOf(properties.STORAGE_ALLOWED_LOCATIONS).join(", ");
	const provider = String(properties.STORAGE_PROVIDER);
	if (AMAZON.includes(provider)) {
		const role = String(properties.STORAGE_AWS_ROLE_ARN);
		const user = known("STORAGE_AWS_IAM_USER_ARN", runtime);
		const id = known("STORAGE_AWS_EXTERNAL_ID", properties, runtime);
		return [
			`the trust policy of ${role} must let in ${user} with the external id ${id}`,
			`${role} must be allowed what stages do in ${locations}`,
		];
	}
	if (MICROSOFT.includes(provider)) {
		const app = known("AZURE_MULTI_TENANT_APP_NAME", runtime);
		return [
			`consent must be given at ${known("AZURE_CONSENT_URL", runtime)}`,
			`${app} must be allowed what stages do in ${locations}`,
		];
	}
	const account = known("STORAGE_GCP_SERVICE_ACCOUNT", runtime);
	return [`${account} must be allowed what stages do in ${locations}`];
}

/** What Snowflake made for the trust between the clouds: for the handoff, never compared. */
const IDENTITY = [
	"STORAGE_AWS_IAM_USER_ARN",
	"STORAGE_AWS_EXTERNAL_ID",
	"STORAGE_GCP_SERVICE_ACCOUNT",
	"AZURE_CONSENT_URL",
	"AZURE_MULTI_TENANT_APP_NAME",
];

/**
 * A storage integration is Snowflake's identity in a cloud, and the locations it may reach.
 *
 * Stages hold it by a hidden id: made anew, it has to be set again on each of them. On AWS the generated
 * external id would change with it, and break the role's trust policy, unless the new one is given the old id.
 * https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
 * https://docs.snowflake.com/en/sql-reference/sql/alter-storage-integration
 */
export const storageIntegration = defineObjectType({
	kind: "STORAGE INTEGRATION",
	level: "account",
	page: "sql-reference/sql/create-storage-integration",
	properties: [
		word("TYPE", ["EXTERNAL_STAGE"], { change: "replace", required: true }),
		word("STORAGE_PROVIDER", Object.keys(SCHEMES), {
			change: "replace",
			required: true,
			quoted: true,
		}),
		text("STORAGE_AWS_ROLE_ARN", {
			change: "alter",
			required: true,
			when: { property: "STORAGE_PROVIDER", in: AMAZON },
		}),
		text("STORAGE_AWS_EXTERNAL_ID", {
			change: "alter",
			compare: "declared",
			when: { property: "STORAGE_PROVIDER", in: AMAZON },
			hazards: () =>
				newTrust(
					"the external id changes: the role's trust policy refuses Snowflake until it has it",
				),
			note: "Snowflake makes one where none is written.",
		}),
		assignment("STORAGE_AWS_OBJECT_ACL", objectAcl, {
			change: "alter",
			unset: "replace",
			default: null,
			when: { property: "STORAGE_PROVIDER", in: AMAZON },
		}),
		text("AZURE_TENANT_ID", {
			change: "alter",
			required: true,
			when: { property: "STORAGE_PROVIDER", in: MICROSOFT },
		}),
		flag("USE_PRIVATELINK_ENDPOINT", {
			change: "alter",
			unset: "default",
			default: false,
			when: { property: "STORAGE_PROVIDER", in: [...AMAZON, ...MICROSOFT] },
		}),
		flag("ENABLED", { change: "alter", unset: "default", default: true }),
		locations(
			"STORAGE_ALLOWED_LOCATIONS",
			[
				["*"],
				["s3://acme-lake/in/"],
				["s3://acme-lake/in/", "s3://acme-lake/out/"],
				["gcs://acme-lake/in/"],
				["azure://acme.blob.core.windows.net/lake/in/"],
			],
			{ change: "alter", required: true },
		),
		locations(
			"STORAGE_BLOCKED_LOCATIONS",
			[
				["s3://acme-lake/secret/"],
				["gcs://acme-lake/secret/", "gcs://acme-lake/private/"],
				["azure://acme.blob.core.windows.net/lake/secret/"],
			],
			{ change: "alter", unset: "unset", default: null },
		),
		comment(),
	],
	constraints: [sameCloud],
	refused: {
		...TAGGED,
		STORAGE_LOCATIONS: "integrations with several locations are not managed",
		ACTIVE: "the active location is switched by an operator, not declared",
	},
	rename: "refused",
	grants: { word: "INTEGRATION", privileges: privileges("USAGE", "USE_ANY_ROLE") },
	read: {
		show: "STORAGE INTEGRATIONS",
		row: (row) =>
			row.type?.toUpperCase() === "EXTERNAL_STAGE"
				? {
						name: [row.name ?? ""],
						properties: {
							TYPE: "EXTERNAL_STAGE",
							ENABLED: yes(row.enabled),
							COMMENT: given(row.comment),
						},
					}
				: undefined,
		details: [
			{
				per: "object",
				sql: (name) => `DESCRIBE STORAGE INTEGRATION ${name}`,
				read(rows): { properties: Properties; runtime: Properties } {
					const cells = described(rows);
					const cell = (name: string) => given(cells.get(name));
					const identity = IDENTITY.map((name) => [name, cell(name)] as const);
					return {
						properties: {
							STORAGE_PROVIDER: cell("STORAGE_PROVIDER"),
							STORAGE_ALLOWED_LOCATIONS: split(cells.get("STORAGE_ALLOWED_LOCATIONS")),
							STORAGE_BLOCKED_LOCATIONS: split(cells.get("STORAGE_BLOCKED_LOCATIONS")),
							STORAGE_AWS_ROLE_ARN: cell("STORAGE_AWS_ROLE_ARN"),
							STORAGE_AWS_EXTERNAL_ID: cell("STORAGE_AWS_EXTERNAL_ID"),
							STORAGE_AWS_OBJECT_ACL: cell("STORAGE_AWS_OBJECT_ACL"),
							AZURE_TENANT_ID: cell("AZURE_TENANT_ID"),
							USE_PRIVATELINK_ENDPOINT: yes(cells.get("USE_PRIVATELINK_ENDPOINT")),
						},
						runtime: Object.fromEntries(identity.filter(([, value]) => value !== null)),
					};
				},
			},
		],
	},
	admits: (object, user) => refusedLocation(object, user.properties.URL),
	handoff,
	replaceHazards: (from, to) => [
		{
			code: "STAGE_UNLINKED",
			message:
				"stages hold the old integration by a hidden id: those that this plan does not see lose access until it is set again",
		},
		...trust(from, to),
	],
	dropHazards: () => [
		{
			code: "OBJECT_DROPPED",
			message: "the storage integration is dropped, and its identity in the cloud with it",
		},
		{ code: "STAGE_UNLINKED", message: "every stage that uses it loses access to its files" },
	],
});
