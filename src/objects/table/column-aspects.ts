import { typeChange } from "../../model/data-type.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import { formatIdentifier } from "../../model/identifier.ts";
import { sameValue } from "../../model/value.ts";
import type { How } from "../define/property.ts";
import { unmasked } from "../shared/masking.ts";
import type { Column, Identity } from "./column.ts";
import { conversion } from "./conversion.ts";
import {
	canonicalDefault,
	canonicalExpression,
	identifiersIn,
	isLiteralFor,
	sequenceOf,
} from "./expression.ts";

/** One aspect in which a column differs, and how that is brought about. */
export interface Aspect {
	readonly name:
		| "TYPE"
		| "NULLABLE"
		| "DEFAULT"
		| "IDENTITY"
		| "COLLATION"
		| "EXPRESSION"
		| "MASKING POLICY"
		| "COMMENT";
	readonly from: string | boolean | null;
	readonly to: string | boolean | null;
	readonly how: How;
	readonly hazards?: readonly HazardDraft[];
	/** What SELECT gives from the column changes. */
	readonly reshapes?: boolean;
	/** Nothing can bring it about: why, and what to do instead. */
	readonly refused?: string;
}

/** What dropping a column loses. */
export const COLUMN_LOST = (name: string): HazardDraft => ({
	code: "DATA_LOSS",
	message: `column ${formatIdentifier(name)} is dropped with its values`,
});

/** The hazard of values that must fit. */
export function narrowing(message: string): readonly HazardDraft[] {
	return [{ code: "NARROWING", message }];
}

/**
 * How a column becomes what ALTER COLUMN cannot make of it: another column takes its place, where ADD COLUMN can
 * say what it is to be; its default can only be a literal, and it cannot count by itself.
 */
function anew(after: Column): How {
	const { default: value, identity, type } = after;
	const addable = identity === null && (value === null || isLiteralFor(value, type));
	return addable ? "substitute" : "rebuild";
}

function typeAspect(before: Column, after: Column): readonly Aspect[] {
	const change = typeChange(before.type, after.type);
	if (change === "same") return [];
	const aspect = { name: "TYPE", from: before.type, to: after.type, reshapes: true } as const;
	if (change === "impossible") {
		const name = formatIdentifier(after.name);
		const casts = conversion(before.type, after.type);
		return [
			casts
				? {
						...aspect,
						how: anew(after),
						hazards: casts.loses ? narrowing(`each value of ${name} ${casts.loses}`) : [],
					}
				: {
						...aspect,
						how: "substitute",
						refused: `column ${name} cannot become ${after.type}: nothing casts ${before.type} to it. Declare another column, fill it in a migration, and drop ${name} then`,
					},
		];
	}
	const hazards = narrowing(
		`values of ${formatIdentifier(after.name)} must fit ${after.type}, and Time Travel cannot restore wider ones`,
	);
	return [{ ...aspect, how: "alter", hazards: change === "narrowing" ? hazards : [] }];
}

function nullableAspect(before: Column, after: Column, evolving: boolean): readonly Aspect[] {
	// Schema evolution drops NOT NULL by itself: that is state of the running table, not drift.
	if (before.nullable === after.nullable || (evolving && before.nullable)) return [];
	const hazards = narrowing(
		`rows where ${formatIdentifier(after.name)} is NULL make it fail, and streams that still hold such rows`,
	);
	return [
		{
			name: "NULLABLE",
			from: before.nullable,
			to: after.nullable,
			how: "alter",
			hazards: after.nullable ? [] : hazards,
		},
	];
}

/** Only taking a default away, and changing from one sequence to another, are possible in place. */
function defaultAspect(before: Column, after: Column): readonly Aspect[] {
	const from = canonicalDefault(before.default, before.type);
	const to = canonicalDefault(after.default, after.type);
	if (from === to) return [];
	const possible =
		to === null ||
		(sequenceOf(before.default) !== undefined && sequenceOf(after.default) !== undefined);
	const how = possible ? "alter" : anew(after);
	return [{ name: "DEFAULT", from: before.default, to: after.default, how }];
}

function identityText(identity: Identity | null): string | null {
	if (!identity) return null;
	const order = identity.order === null ? "" : identity.order ? " ORDER" : " NOORDER";
	return `START ${identity.start} INCREMENT ${identity.increment}${order}`;
}

/** A table that was rebuilt goes on counting where it was: its identity starts further on, in the same steps. */
function goesOn(from: Identity | null, to: Identity | null): boolean {
	if (!from || !to || from.increment !== to.increment || from.order !== to.order) return false;
	const steps = (from.start - to.start) / to.increment;
	return Number.isInteger(steps) && steps >= 0;
}

function identityAspect(before: Column, after: Column): readonly Aspect[] {
	// Without a word, ORDER comes from a parameter of the account, so it is nobody's difference.
	const from =
		before.identity && after.identity?.order === null
			? { ...before.identity, order: null }
			: before.identity;
	if (sameValue(from, after.identity) || goesOn(from, after.identity)) return [];
	const texts = { from: identityText(before.identity), to: identityText(after.identity) };
	return [{ name: "IDENTITY", ...texts, how: anew(after) }];
}

function collationAspect(before: Column, after: Column): readonly Aspect[] {
	if (after.collation === null || after.collation === (before.collation ?? "")) return [];
	return [{ name: "COLLATION", from: before.collation, to: after.collation, how: anew(after) }];
}

function commentAspect(before: Column, after: Column): readonly Aspect[] {
	if (before.comment === after.comment) return [];
	return [{ name: "COMMENT", from: before.comment, to: after.comment, how: "alter" }];
}

/** What USING names is told nowhere, so only the policy is compared. */
function maskingAspect(before: Column, after: Column): readonly Aspect[] {
	const from = before.masking?.policy ?? null;
	const to = after.masking?.policy ?? null;
	if (from === to) return [];
	const hazards = from !== null && to === null ? [unmasked(after.name, from)] : [];
	return [{ name: "MASKING POLICY", from, to, how: "alter", hazards }];
}

/** Virtual columns store nothing, so another expression or type is a drop and an add that lose nothing. */
function virtualAspects(
	before: Column,
	after: Column,
	columns: readonly Column[],
): readonly Aspect[] {
	const from = before.expression === null ? null : canonicalExpression(before.expression);
	const to = after.expression === null ? null : canonicalExpression(after.expression);
	const used = columns.some(
		(c) =>
			c.expression !== null &&
			c.name !== before.name &&
			identifiersIn(c.expression).has(before.name),
	);
	const how = from === null || to === null || used ? "rebuild" : "alter";
	const aspects: readonly Aspect[] = [
		...(from === to
			? []
			: [
					{
						name: "EXPRESSION",
						from: before.expression,
						to: after.expression,
						how,
						reshapes: true,
						hazards: from === null ? [COLUMN_LOST(after.name)] : [],
					} as const,
				]),
		...(before.type === after.type
			? []
			: [{ name: "TYPE", from: before.type, to: after.type, how, reshapes: true } as const]),
	];
	return [...aspects, ...maskingAspect(before, after), ...commentAspect(before, after)];
}

/** Everything in which a column differs, and how each is brought about. */
export function aspectsOf(
	before: Column,
	after: Column,
	columns: readonly Column[],
	evolving: boolean,
): readonly Aspect[] {
	if (before.expression !== null || after.expression !== null)
		return virtualAspects(before, after, columns);
	return [
		...typeAspect(before, after),
		...nullableAspect(before, after, evolving),
		...defaultAspect(before, after),
		...identityAspect(before, after),
		...collationAspect(before, after),
		...maskingAspect(before, after),
		...commentAspect(before, after),
	];
}
