/** Whether a name matches a pattern in which `*` stands for any run of characters, upper and lower case alike. */
export function matchesGlob(pattern: string, name: string): boolean {
	const source = pattern
		.split("*")
		.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
		.join(".*");
	return new RegExp(`^${source}$`, "i").test(name);
}
