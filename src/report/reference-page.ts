import { formatString } from "../model/identifier.ts";
import type { Value } from "../model/value.ts";
import type { ObjectType, Reaction } from "../objects/define/object-type.ts";
import type { Property } from "../objects/define/property.ts";

function cell(text: string): string {
	return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function defaultText(property: Property): string {
	if (property.required) return "required";
	if (typeof property.default === "function") return "depends on other properties";
	const value: Value | undefined = property.default;
	if (value === undefined || value === null) return "";
	return typeof value === "string"
		? `\`${/^[A-Z0-9_]+$/.test(value) ? value : formatString(value)}\``
		: `\`${JSON.stringify(value)}\``;
}

const COMPARED: Readonly<Record<Property["compare"], string>> = {
	always: "",
	declared: "only where declared",
	reported: "where declared and reported",
	never: "never: only at creation",
	hashed: "by hash: a secret",
};

function changeText(property: Property): string {
	if (property.compare === "never") return "not changed";
	if (typeof property.change === "function") return "depends on the change";
	const how = {
		alter: "altered in place",
		substitute: "a part takes its place",
		replace: "makes the object anew",
		rebuild: "makes the table anew",
	}[property.change];
	return property.change === "alter" && property.unset === "replace"
		? `${how}; taking it away makes the object anew`
		: how;
}

function whenText(property: Property): string {
	if (!property.when) return "";
	const values = property.when.in.map((v) => (v === null ? "not written" : String(v)));
	return `where ${property.when.property} is ${values.join(", ")}`;
}

function row(property: Property): string {
	const notes = [
		whenText(property),
		COMPARED[property.compare] && `compared ${COMPARED[property.compare]}`,
		property.note ?? "",
	].filter((n) => n !== "");
	return `| \`${cell(property.name)}\` | ${cell(`\`${property.clause.shape.replaceAll("`", "")}\``)} | ${cell(defaultText(property))} | ${changeText(property)} | ${cell(notes.join("; "))} |`;
}

const REACTIONS: Readonly<Record<Reaction, string>> = {
	replace: "it is made anew",
	relink: "it is linked again",
	relay: "it stays, and what depends on it is told",
	drain: "it is drained before",
};

function reactions(type: ObjectType): readonly string[] {
	return Object.entries(type.on).flatMap(([kind, events]) =>
		Object.entries(events).map(([event, reaction]) => {
			const answer =
				typeof reaction === "string" ? REACTIONS[reaction] : `it is made anew ${reaction.where}`;
			return `- ${kind} ${event}: ${answer}`;
		}),
	);
}

function section(title: string, lines: readonly string[]): readonly string[] {
	return lines.length === 0 ? [] : ["", `## ${title}`, "", ...lines];
}

/** How a kind's objects get another name. */
const RENAMING = {
	"in place": "By `-- renamed from: OLD`: ALTER … RENAME TO.",
	refused:
		"Not possible: the plan drops the old one and creates the new one, with the hazards of that.",
	succession:
		"By `-- renamed from: OLD`: a new one takes over from the old one, whatever named the old one names the new one, and the old one is dropped.",
} as const;

/** The reference page of a kind, made from its property table. */
export function referencePage(type: ObjectType): string {
	return [
		`# ${type.kind}`,
		"",
		`How Snowline reads, compares and changes it. Snowflake's page: https://docs.snowflake.com/en/${type.page}`,
		"",
		"| property | written | default | a change | |",
		"|---|---|---|---|---|",
		...type.properties.map(row),
		...section(
			"Rules",
			type.constraints.map((c) => `- ${c.rule}`),
		),
		...section("When what it depends on changes", reactions(type)),
		...section(
			"Not taken",
			Object.entries(type.refused).map(([clause, why]) => `- \`${clause}\`: ${why}`),
		),
		...section("Renaming", [
			RENAMING[typeof type.rename === "object" ? "succession" : type.rename],
		]),
		"",
	].join("\n");
}
