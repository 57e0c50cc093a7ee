import { DeployError, type Diagnostic, EXIT } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { Location } from "../diagnostics/source.ts";

/** Options of the driver, as it names them. */
export type DriverOptions = Readonly<Record<string, unknown>>;

/** A connection parameter: what files and variables call it, and what the driver does. */
interface Key {
	readonly option: string;
	readonly type: "text" | "number" | "boolean" | "list";
	/** Never shown: not by the doctor, not in a message. */
	readonly secret?: true;
}

const text = (option: string): Key => ({ option, type: "text" });
const secret = (option: string): Key => ({ option, type: "text", secret: true });
const number = (option: string): Key => ({ option, type: "number" });
const boolean = (option: string): Key => ({ option, type: "boolean" });

/**
 * Names in connections.toml, and in upper case in SNOWFLAKE_… variables. Where two mean the same, the
 * one that comes first here wins, as in the Snowflake CLI.
 *
 * `database` and `schema` are known and not used: no statement of a deployment depends on a session's defaults.
 * https://docs.snowflake.com/en/developer-guide/snowflake-cli/connecting/configure-connections
 */
const KEYS: Readonly<Record<string, Key>> = {
	account: text("account"),
	user: text("username"),
	username: text("username"),
	password: secret("password"),
	authenticator: text("authenticator"),
	role: text("role"),
	warehouse: text("warehouse"),
	database: text("database"),
	schema: text("schema"),
	host: text("host"),
	port: number("port"),
	protocol: text("protocol"),
	region: text("region"),
	access_url: text("accessUrl"),
	private_key_file: text("privateKeyPath"),
	private_key_path: text("privateKeyPath"),
	private_key_raw: secret("privateKey"),
	private_key: secret("privateKey"),
	private_key_passphrase: secret("privateKeyPass"),
	private_key_file_pwd: secret("privateKeyPass"),
	private_key_pass: secret("privateKeyPass"),
	token: secret("token"),
	token_file_path: text("tokenFilePath"),
	passcode: secret("passcode"),
	passcode_in_password: boolean("passcodeInPassword"),
	oauth_client_id: text("oauthClientId"),
	oauth_client_secret: secret("oauthClientSecret"),
	oauth_authorization_url: text("oauthAuthorizationUrl"),
	oauth_token_request_url: text("oauthTokenRequestUrl"),
	oauth_redirect_uri: text("oauthRedirectUri"),
	oauth_scope: text("oauthScope"),
	workload_identity_provider: text("workloadIdentityProvider"),
	workload_identity_entra_resource: text("workloadIdentityAzureEntraIdResource"),
	workload_identity_azure_client_id: text("workloadIdentityAzureClientId"),
	workload_identity_impersonation_path: {
		option: "workloadIdentityImpersonationPath",
		type: "list",
	},
	client_store_temporary_credential: boolean("clientStoreTemporaryCredential"),
	client_request_mfa_token: boolean("clientRequestMFAToken"),
	client_session_keep_alive: boolean("clientSessionKeepAlive"),
	client_session_keep_alive_heartbeat_frequency: number("clientSessionKeepAliveHeartbeatFrequency"),
	credential_cache_dir: text("credentialCacheDir"),
	disable_saml_url_check: boolean("disableSamlURLCheck"),
	proxy_host: text("proxyHost"),
	proxy_port: number("proxyPort"),
	proxy_user: text("proxyUser"),
	proxy_password: secret("proxyPassword"),
	proxy_protocol: text("proxyProtocol"),
	no_proxy: text("noProxy"),
};

const NAMES = Object.keys(KEYS);

/** Options whose values never appear in a message. */
export const SECRET_OPTIONS: ReadonlySet<string> = new Set(
	Object.values(KEYS).flatMap((key) => (key.secret ? [key.option] : [])),
);

/** The names of all connection parameters, the preferred ones first. */
export const KEY_NAMES: readonly string[] = NAMES;

/** A value of an option, and where it was found. */
export interface Setting {
	readonly value: unknown;
	/** `/home/me/.snowflake/connections.toml:4`, `SNOWFLAKE_PASSWORD`. */
	readonly from: string;
}

/** Options by the driver's name. */
export type Settings = ReadonlyMap<string, Setting>;

/** One place where parameters can stand, with names as in connections.toml. */
export interface Layer {
	readonly entries: readonly (readonly [name: string, value: unknown])[];
	/** How to speak of an entry. */
	from(name: string): string;
	locate?(name: string): Location | undefined;
}

function converted({ type }: Key, value: unknown): unknown {
	if (type === "list") {
		if (Array.isArray(value) && value.every((part) => typeof part === "string")) return value;
		return typeof value === "string" ? value.split(",").map((part) => part.trim()) : undefined;
	}
	if (type === "number") {
		const found = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
		return typeof found === "number" && Number.isInteger(found) ? found : undefined;
	}
	if (type === "boolean") {
		if (typeof value === "boolean") return value;
		const word = String(value).toLowerCase();
		return /^(?:true|1|yes|on)$/.test(word)
			? true
			: /^(?:false|0|no|off)$/.test(word)
				? false
				: undefined;
	}
	if (typeof value === "string") return value;
	return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
}

/**
 * Reads one place's parameters. What is not known is a warning: the files are shared with other tools, whose
 * parameters are no mistakes. A value of the wrong type is an error (exit 78).
 */
export function readLayer(layer: Layer): {
	readonly settings: Settings;
	readonly warnings: readonly Diagnostic[];
} {
	const settings = new Map<string, Setting>();
	const warnings: Diagnostic[] = [];
	const given = new Map(layer.entries.map(([name, value]) => [name.toLowerCase(), value]));
	for (const name of NAMES) {
		const key = KEYS[name];
		const value = given.get(name);
		if (!key || value === undefined || value === "" || settings.has(key.option)) continue;
		const at = layer.locate?.(name);
		const used = converted(key, value);
		if (used === undefined)
			throw new DeployError(EXIT.environment, {
				severity: "error",
				code: "CONNECTION_VALUE",
				summary: `${layer.from(name)}: ${name} is ${key.type === "list" ? "a list of texts" : `a ${key.type}`}`,
				...(at && { at }),
			});
		settings.set(key.option, { value: used, from: layer.from(name) });
	}
	for (const [name] of layer.entries) {
		if (KEYS[name.toLowerCase()]) continue;
		const at = layer.locate?.(name);
		const guess = nearest(name.toLowerCase(), NAMES);
		warnings.push({
			severity: "warning",
			code: "UNUSED_PARAMETER",
			summary: `${layer.from(name)}: ${name} is not used by Snowline`,
			...(guess === undefined ? {} : { hint: `did you mean ${guess}?` }),
			...(at && { at }),
		});
	}
	return { settings, warnings };
}

/** Where one of these is set, the others of a lower place do not count: they say the same thing in another way. */
const ALTERNATIVES: readonly (readonly string[])[] = [
	["privateKey", "privateKeyPath"],
	["token", "tokenFilePath"],
	["accessUrl", "host"],
	["accessUrl", "port"],
];

/** Lays places upon each other, the strongest last. */
export function overlay(layers: readonly Settings[]): Settings {
	const merged = new Map<string, Setting>();
	for (const layer of layers) {
		for (const group of ALTERNATIVES)
			if (group.some((option) => layer.has(option)))
				for (const option of group) merged.delete(option);
		for (const [option, setting] of layer) merged.set(option, setting);
	}
	return merged;
}
