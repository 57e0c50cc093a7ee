import * as z from "zod";

const proofSchema = z.object({
	object: z.string(),
	what: z.string(),
	before: z.string().nullable(),
	after: z.string(),
});

/**
 * What a check has shown, of which object: a value before and after, the same where the run was to keep it; or, where
 * there is nothing to compare it with, only the value it was to find.
 */
export type Proof = z.infer<typeof proofSchema>;

/** A proof as the journal keeps it. */
export function proofText(proof: Proof): string {
	return JSON.stringify(proof);
}

/** The proof that a line of the journal holds; other values are none. */
export function readProofs(value: string | null | undefined): readonly Proof[] {
	if (!value?.startsWith("{")) return [];
	try {
		return [proofSchema.parse(JSON.parse(value))];
	} catch {
		return [];
	}
}
