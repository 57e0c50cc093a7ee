/** Objects of a session are no part of a deployment. */
export const TEMPORARY: Readonly<Record<string, string>> = {
	TEMP: "it lives in one session; create it in the session that uses it",
	TEMPORARY: "it lives in one session; create it in the session that uses it",
	VOLATILE: "it lives in one session; create it in the session that uses it",
};

/** A copy of another object is an action, not a state. */
export const CLONED: Readonly<Record<string, string>> = {
	CLONE: "cloning belongs in a migration; declare what the object is",
};

/** Tags are edges between an object and a tag, not clauses of the object. */
export const TAGGED: Readonly<Record<string, string>> = {
	TAG: "tags on this kind are not managed; set them with ALTER … SET TAG in a migration",
};
