import { formatIdentifier } from "../../model/identifier.ts";
import type { Row } from "../../model/port.ts";
import type { Value } from "../../model/value.ts";
import { samples } from "../define/domain.ts";
import { asGroup, type GroupValue, groupValue } from "../define/group-value.ts";
import { assignment, nameReferences } from "../define/properties.ts";
import type { Property, PropertyChange } from "../define/property.ts";
import { given, yes } from "../define/rows.ts";
import { booleanValue, nameValue, stringValue } from "../define/value-syntax.ts";

/** What holds where a directory is not written. */
const OFF: GroupValue = { ENABLE: false };

/** A directory with its defaults; what only matters while it is created, or while it is on, is left out. */
function canonical(value: Value): GroupValue {
	const group = asGroup(value);
	if (group.ENABLE !== true) return OFF;
	const { AUTO_REFRESH = false, AWS_SNS_TOPIC, NOTIFICATION_INTEGRATION } = group;
	return {
		ENABLE: true,
		AUTO_REFRESH,
		...(AWS_SNS_TOPIC != null && { AWS_SNS_TOPIC }),
		...(NOTIFICATION_INTEGRATION != null && { NOTIFICATION_INTEGRATION }),
	};
}

/** Only ENABLE has an ALTER; the rest is settled when the stage is made. */
function differences(
	before: Value | undefined,
	after: Value | undefined,
): readonly PropertyChange[] {
	const from = canonical(before ?? OFF);
	const to = canonical(after ?? OFF);
	const change = (key: string, how: "alter" | "replace"): PropertyChange => ({
		property: `DIRECTORY ${key}`,
		from: from[key] ?? null,
		to: to[key] ?? null,
		how,
		hazards:
			key === "ENABLE" && from.ENABLE === true
				? [
						{
							code: "DIRECTORY_RESET",
							message: "the directory table is dropped, and streams on the stage break",
						},
					]
				: [],
		emits: [],
	});
	if (to.ENABLE === false) return [change("ENABLE", "alter")];
	// The account does not report the notification integration everywhere; unreported is not different.
	const keys = [
		"AUTO_REFRESH",
		"AWS_SNS_TOPIC",
		...(from.NOTIFICATION_INTEGRATION === undefined ? [] : ["NOTIFICATION_INTEGRATION"]),
	];
	const replacing = keys.filter((key) => (from[key] ?? false) !== (to[key] ?? false));
	return [
		...(from.ENABLE === true ? [] : [change("ENABLE", "alter")]),
		...replacing.map((key) => change(key, "replace")),
	];
}

/**
 * The directory table of a stage. Switching it on and off is an ALTER of its own; automatic refresh and what
 * notifies of new files need a new stage, whose directory is empty until it is refreshed.
 * https://docs.snowflake.com/en/sql-reference/sql/alter-stage#directory-table-syntax
 */
export const directory: Property = assignment(
	"DIRECTORY",
	groupValue(
		{
			ENABLE: booleanValue,
			AUTO_REFRESH: booleanValue,
			REFRESH_ON_CREATE: booleanValue,
			AWS_SNS_TOPIC: stringValue,
			NOTIFICATION_INTEGRATION: nameValue("NOTIFICATION INTEGRATION", "account", {
				print: "string",
			}),
		},
		{
			domain: samples(
				{ ENABLE: false },
				{ ENABLE: true },
				{ ENABLE: true, REFRESH_ON_CREATE: false },
				{ ENABLE: true, AUTO_REFRESH: true },
				{
					ENABLE: true,
					AUTO_REFRESH: true,
					AWS_SNS_TOPIC: "arn:aws:sns:eu-west-1:001234567890:files",
				},
			),
		},
	),
	{
		change: "alter",
		unset: "default",
		default: OFF,
		canonical,
		differences,
		alter: (change, object) => [
			`ALTER ${object} SET DIRECTORY = (ENABLE = ${change.to === true ? "TRUE" : "FALSE"})`,
		],
		references: (value) => {
			const { NOTIFICATION_INTEGRATION } = asGroup(value);
			return NOTIFICATION_INTEGRATION === undefined
				? []
				: nameReferences(
						"DIRECTORY",
						["NOTIFICATION INTEGRATION"],
						"account",
					)(NOTIFICATION_INTEGRATION, { kind: "STAGE", name: [], properties: {} });
		},
		note: "REFRESH_ON_CREATE counts only when the stage is made.",
	},
);

/** The directory as the DIRECTORY rows of DESCRIBE STAGE tell it. */
export function reportedDirectory(rows: readonly Row[]): GroupValue {
	const cell = (name: string) =>
		given(rows.find((row) => row.property?.toUpperCase() === name)?.property_value);
	if (!yes(cell("ENABLE"))) return OFF;
	const topic = cell("AWS_SNS_TOPIC");
	const integration = cell("NOTIFICATION_INTEGRATION");
	return {
		ENABLE: true,
		...(yes(cell("AUTO_REFRESH")) && { AUTO_REFRESH: true }),
		...(topic !== null && { AWS_SNS_TOPIC: topic }),
		...(integration !== null && { NOTIFICATION_INTEGRATION: formatIdentifier(integration) }),
	};
}
