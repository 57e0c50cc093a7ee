import { connect } from "node:net";
import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import type { Variables } from "./config-files.ts";
import type { DriverOptions } from "./keys.ts";

/** Where a server listens. */
export interface Address {
	readonly host: string;
	readonly port: number;
	readonly secure: boolean;
}

/** How long a server may take to accept a connection. */
const PATIENCE_MS = 3000;

/** Where the driver will send requests to. An account without a host has one of Snowflake's. */
export function addressOf(options: DriverOptions): Address {
	const { accessUrl, host, account, region } = options;
	if (typeof accessUrl === "string") {
		if (!URL.canParse(accessUrl))
			throw new DeployError(EXIT.environment, {
				severity: "error",
				code: "CREDENTIALS",
				summary: `accessUrl is not a URL: ${accessUrl}`,
				hint: "https://<account>.snowflakecomputing.com",
			});
		const url = new URL(accessUrl);
		const secure = url.protocol === "https:";
		return { host: url.hostname, port: Number(url.port) || (secure ? 443 : 80), secure };
	}
	const secure = options.protocol !== "http";
	const port = Number(options.port) || (secure ? 443 : 80);
	if (typeof host === "string") return { host, port, secure };
	const [name = "", ...rest] = String(account).split(".");
	const place = rest.length > 0 ? rest.join(".") : typeof region === "string" ? region : "";
	const domain = /^cn-/i.test(place) ? "snowflakecomputing.cn" : "snowflakecomputing.com";
	const middle = place === "" || place === "us-west-2" ? "" : `${place}.`;
	return { host: `${name}.${middle}${domain}`.toLowerCase(), port, secure };
}

/** Whether an address is this machine, which no proxy leads to. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || host === "[::1]" || /^127\./.test(host);
}

function bypasses(host: string, list: string, separator: string): boolean {
	return list.split(separator).some((entry) => {
		const pattern = entry.trim().toLowerCase();
		if (pattern === "") return false;
		const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
		const suffix = pattern.startsWith(".") ? `.*${escaped}` : escaped;
		return new RegExp(`^${suffix}$`).test(host.toLowerCase());
	});
}

/** The proxy that stands before an address: the connection's own, or HTTPS_PROXY's. */
export function proxyFor(
	options: DriverOptions,
	to: Address,
	env: Variables,
): (Address & { readonly from: string }) | undefined {
	if (isLoopback(to.host)) return undefined;
	const { proxyHost, proxyPort, noProxy } = options;
	if (typeof proxyHost === "string") {
		if (typeof noProxy === "string" && bypasses(to.host, noProxy, "|")) return undefined;
		return { host: proxyHost, port: Number(proxyPort), secure: false, from: "proxy_host" };
	}
	const names = to.secure ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
	const from = names.find((name) => env[name]);
	const value = from && env[from];
	if (!from || !value) return undefined;
	if (bypasses(to.host, env.NO_PROXY || env.no_proxy || "", ",")) return undefined;
	const text = value.includes("://") ? value : `http://${value}`;
	if (!URL.canParse(text))
		throw new DeployError(EXIT.environment, {
			severity: "error",
			code: "PROXY",
			// The value may hold a password.
			summary: `${from} is not a URL`,
			hint: "it is written like http://user:password@proxy.example.com:8080",
		});
	const url = new URL(text);
	const secure = url.protocol === "https:";
	return { host: url.hostname, port: Number(url.port) || (secure ? 443 : 80), secure, from };
}

function knock(address: Address): Promise<string | undefined> {
	return new Promise((resolve) => {
		const socket = connect({ host: address.host.replace(/^\[|\]$/g, ""), port: address.port });
		const end = (failure?: string): void => {
			clearTimeout(timer);
			socket.destroy();
			resolve(failure);
		};
		// A timer of its own: the socket's does not count the time that looking up the name takes.
		const timer = setTimeout(() => end("TIMEOUT"), PATIENCE_MS);
		socket.once("connect", () => end());
		socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? "ERROR"));
	});
}

const CAUSES: Readonly<Record<string, string>> = {
	ECONNREFUSED: "nothing listens there",
	ENOTFOUND: "there is no such host",
	EAI_AGAIN: "its name cannot be looked up",
	TIMEOUT: `no answer in ${PATIENCE_MS / 1000} seconds`,
	ENETUNREACH: "there is no network",
	EHOSTUNREACH: "the host cannot be reached",
	ECONNRESET: "the connection was reset",
};

/**
 * Sees whether somebody listens where the driver will connect to; it says where that is. The driver itself would try for
 * minutes before it gives up. Throws a DeployError (exit 69).
 */
export async function reach(options: DriverOptions, env: Variables): Promise<string> {
	const to = addressOf(options);
	const proxy = proxyFor(options, to, env);
	const first = proxy ?? to;
	const where = `${first.host}:${first.port}`;
	const failure = await knock(first);
	if (failure === undefined) return proxy ? `${to.host} through the proxy ${where}` : where;
	const cause = CAUSES[failure] ?? failure;
	const unknownHost = failure === "ENOTFOUND" && !proxy;
	const hint = proxy
		? `check ${proxy.from}`
		: unknownHost && options.account && !options.host && !options.accessUrl
			? `check the account identifier ${String(options.account)}: it is written like MYORG-MYACCOUNT`
			: isLoopback(to.host)
				? "start the local account: `snowline emulator start`"
				: "check the network, a firewall or VPN, and whether a proxy is needed (HTTPS_PROXY)";
	throw new DeployError(EXIT.unavailable, {
		severity: "error",
		code: unknownHost ? "UNKNOWN_ACCOUNT" : "UNREACHABLE",
		summary: `cannot reach ${proxy ? `the proxy ${where}` : where}: ${cause}`,
		hint,
	});
}
