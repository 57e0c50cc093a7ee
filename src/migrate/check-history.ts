import { type Diagnostic, errorAt } from "../diagnostics/diagnostic.ts";
import { compareVersions } from "../project/migration-name.ts";
import type { Standing } from "./history.ts";

function refusal(code: string, summary: string, hint: string): Diagnostic {
	return errorAt(undefined, code, summary, { hint });
}

/** How commands call a migration: by its version, or a repeatable one by its file. */
function targetOf({ version, file }: Standing): string {
	return version === "" ? file : version;
}

/** How a person settles whether the statement ran at which a migration was cut off. */
export function repairHint(standing: Standing): string {
	const statement = (standing.record?.done ?? 0) + 1;
	return `look it up in the query history, then run \`snowline migrate repair ${targetOf(standing)} --statement ${statement} --done\` or \`… --retry\``;
}

/** Why a migration that was applied before stands in the way of a plan. */
export function checkHistory(standing: Standing): readonly Diagnostic[] {
	const { file, state, record } = standing;
	const target = targetOf(standing);
	if (state === "missing")
		return [
			refusal(
				"MIGRATION_MISSING",
				`${file} was applied here, and migrations/ does not have it`,
				`put the file back, or run \`snowline migrate repair ${target}\` to forget it`,
			),
		];
	if (state === "changed")
		return [
			record && record.file !== file
				? refusal(
						"MIGRATION_CHANGED",
						`${file} was applied here as ${record.file}`,
						`rename it back, or run \`snowline migrate repair ${target}\` to record its new name`,
					)
				: refusal(
						"MIGRATION_CHANGED",
						`${file} was changed after it was applied here`,
						`take the change back and write a new migration, or run \`snowline migrate repair ${target}\` to accept the file as it is`,
					),
		];
	if (state === "undecided")
		return [
			refusal(
				"MIGRATION_UNDECIDED",
				`${file} was cut off while statement ${(record?.done ?? 0) + 1} ran, and whether it finished is not known`,
				repairHint(standing),
			),
		];
	return [];
}

/** A version that comes below one that was already applied in its phase would run too late. */
export function checkOrder(all: readonly Standing[]): readonly Diagnostic[] {
	return (["before", "after"] as const).flatMap((phase) => {
		const own = all.filter((s) => s.migration?.phase === phase && s.version !== "");
		const last = own.findLast((s) => s.state !== "pending");
		return own
			.filter((s) => s.state === "pending" && last && compareVersions(s.version, last.version) < 0)
			.map((s) =>
				refusal(
					"MIGRATION_OUT_OF_ORDER",
					`${s.file} is new, and ${last?.file} was already applied here`,
					"give it a version above, or run it all the same with --out-of-order",
				),
			);
	});
}
