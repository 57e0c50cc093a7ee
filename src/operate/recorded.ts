import type { LedgerEntry } from "../apply/records.ts";
import { NO_DIRECTIVES, type ObjectModel } from "../model/catalog.ts";
import type { QualifiedName } from "../model/identifier.ts";
import type { Properties } from "../model/value.ts";
import { effective, sameFor } from "../objects/define/effective.ts";
import { objectType } from "../objects/index.ts";

/** What the ledger's text of an object holds. */
interface Recorded {
	readonly kind: string;
	readonly name: QualifiedName;
	readonly owner: string | null;
	readonly properties: Properties;
	readonly protect?: boolean;
	readonly ignore?: readonly string[];
}

/** An object as it was declared when it was last applied. */
export function recordedModel(entry: LedgerEntry): ObjectModel {
	const { kind, name, owner, properties, protect, ignore } = JSON.parse(entry.model) as Recorded;
	return {
		kind,
		name,
		properties,
		directives: { ...NO_DIRECTIVES, protect: protect ?? false, ignore: ignore ?? [] },
		...(owner === null ? {} : { owner }),
	};
}

/** Whether files still say of an object what they said when it was last applied. */
export function saysTheSame(recorded: ObjectModel, declared: ObjectModel): boolean {
	const { protect, ignore } = declared.directives;
	return (
		recorded.owner === declared.owner &&
		recorded.directives.protect === protect &&
		[...recorded.directives.ignore].sort().join() === [...ignore].sort().join() &&
		objectType(declared.kind).properties.every((property) =>
			sameFor(
				property,
				effective(property, recorded.properties),
				effective(property, declared.properties),
			),
		)
	);
}

/**
 * Whether the account made the object after the ledger was written: it was made anew under its name. Both times are
 * the account's.
 */
export function madeAnew(entry: LedgerEntry, live: ObjectModel | undefined): boolean {
	return live?.createdOn !== undefined && live.createdOn > entry.at;
}
