import type { Grants } from "../define/privilege.ts";

/**
 * "USAGE only applies to external stages. READ | WRITE only applies to internal stages."
 * https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#usage-notes
 */
export const stageGrants: Grants = {
	privileges: [
		{
			name: "READ",
			applies: ({ properties }) => !properties.URL,
			rule: "READ is for internal stages, on an external one it is USAGE",
		},
		{
			name: "USAGE",
			applies: ({ properties }) => Boolean(properties.URL),
			rule: "USAGE is for external stages, on an internal one it is READ and WRITE",
		},
		{
			name: "WRITE",
			applies: ({ properties }) => !properties.URL,
			rule: "WRITE is for internal stages, on an external one it is USAGE",
		},
	],
};
