const CREDENTIAL =
	/\b(AWS_KEY_ID|AWS_SECRET_KEY|AWS_TOKEN|AZURE_SAS_TOKEN|MASTER_KEY)(\s*=\s*)'(?:[^']|'')*'/gi;

/** A statement with the credentials that a file writes out hidden; the places of secrets stay. */
export function hideCredentials(sql: string): string {
	return sql.replace(CREDENTIAL, "$1$2<hidden>");
}
