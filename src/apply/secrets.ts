import { DeployError, EXIT } from "../diagnostics/diagnostic.ts";
import { textSource } from "../diagnostics/source.ts";
import { formatString } from "../model/identifier.ts";
import { lex } from "../parse/lexer.ts";

/** Where secret values come from: the process environment, given so that tests have their own. */
export type SecretSource = (name: string) => string | undefined;

/** The names of the secrets a statement has places for. */
export function secretsIn(sql: string): readonly string[] {
	if (!sql.includes("<secret ")) return [];
	return lex(textSource("", sql))
		.tokens.filter((t) => t.type === "secret")
		.map((t) => t.value);
}

/** The statement as it is sent: every secret's place filled. Never printed, saved or recorded. */
export function withSecrets(sql: string, source: SecretSource): string {
	if (!sql.includes("<secret ")) return sql;
	let result = "";
	let at = 0;
	for (const token of lex(textSource("", sql)).tokens) {
		if (token.type !== "secret") continue;
		const value = source(token.value);
		if (value === undefined) throw missingSecrets([token.value]);
		result += sql.slice(at, token.start) + formatString(value);
		at = token.end;
	}
	return result + sql.slice(at);
}

/** Text that an account wrote about a statement, with the values of its secrets as their places again. */
export function withoutSecrets(text: string, sql: string, source: SecretSource): string {
	return secretsIn(sql).reduce((rest, name) => {
		const value = source(name);
		if (!value) return rest;
		const written = formatString(value).slice(1, -1);
		return rest.replaceAll(written, `<secret ${name}>`).replaceAll(value, `<secret ${name}>`);
	}, text);
}

/** The error for secrets that a plan needs and the environment does not have. */
export function missingSecrets(names: readonly string[]): DeployError {
	return new DeployError(
		EXIT.environment,
		names.map((name) => ({
			severity: "error" as const,
			code: "SECRET_MISSING",
			summary: `the secret ${name} is not set`,
			hint: `set the environment variable ${name}; nothing was run`,
		})),
	);
}
