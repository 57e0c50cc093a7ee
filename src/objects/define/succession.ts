import type { ObjectModel } from "../../model/catalog.ts";
import type { HazardDraft } from "../../model/hazard.ts";
import type { EventName, PropertyChange } from "./property.ts";

/**
 * How an object that no statement renames gets another name: a new one takes over what only the old one has,
 * whatever named the old one names the new one, and then the old one is dropped.
 */
export interface Succession {
	/**
	 * How the new one is made: as a clone that is altered where files differ, or by a CREATE that says all of this
	 * model. `event` is what happens to something it depends on in the same plan.
	 */
	readonly made:
		| "clone"
		| ((old: ObjectModel, to: ObjectModel, event: EventName | undefined) => ObjectModel);
	/** What the new one cannot take over; `to` is the model it is made by. */
	hazards(
		old: ObjectModel,
		to: ObjectModel,
		changes: readonly PropertyChange[],
		event: EventName | undefined,
	): readonly HazardDraft[];
}
