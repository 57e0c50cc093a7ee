import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { QualifiedName } from "../model/identifier.ts";
import type { Connector } from "../model/port.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Waiting } from "./ask.ts";
import type { Journal } from "./journal.ts";
import type { Lease, LeaseRequest } from "./lease.ts";
import type { Ledger } from "./ledger.ts";
import type { Proof } from "./proof.ts";
import type { OperationContext } from "./run-operation.ts";
import type { SecretSource } from "./secrets.ts";
import type { Sessions } from "./sessions.ts";
import type { LineReader } from "./statement-failure.ts";

/** What apply tells while it runs. */
export type ApplyEvent =
	| {
			readonly type: "start" | "done" | "failed" | "restored";
			readonly step: Step;
			readonly milliseconds?: number;
	  }
	| ({ readonly type: "waiting"; readonly step: Step } & Waiting)
	| { readonly type: "interrupted" };

/** A deployment that was cut off and goes on: what it has done so far. */
export interface Progress {
	/** Steps that are finished. */
	readonly finished: ReadonlySet<string>;
	/** How many operations of a step that was begun are done. */
	readonly operations: ReadonlyMap<string, number>;
	/** Captured values by name. */
	readonly captured: ReadonlyMap<string, string>;
	/** What checks have shown. */
	readonly proof: readonly Proof[];
	/** The number of the journal's last line. */
	readonly sequence: number;
}

/** Everything apply needs besides the plan. */
export interface ApplyOptions {
	readonly connector: Connector;
	readonly records: QualifiedName;
	readonly secrets: SecretSource;
	readonly readLine: LineReader;
	readonly now: () => Date;
	readonly deployment: string;
	readonly actor: string;
	readonly gitCommit?: string;
	readonly ciJob?: string;
	readonly planHash?: string;
	readonly concurrency: number;
	readonly report: (event: ApplyEvent) => void;
	readonly signal: AbortSignal;
	readonly lease: Pick<LeaseRequest, "seconds" | "alone">;
	/** Called when the lease is held and before anything runs, with how the deployments stand now; throws when the plan is stale. */
	readonly checkAgain?: (head: string) => Promise<void>;
	/**
	 * Called when every step is done and on record, and before the deployment is closed: gives what is not as the plan
	 * was to bring it about. Then the deployment has failed.
	 */
	readonly verify?: () => Promise<readonly Diagnostic[]>;
	/** Goes on with the deployment of this id. */
	readonly resume?: Progress;
	/** Runs a migration's statements; steps of action `migrate` have no operations of their own. */
	readonly migrate: (step: Step, context: OperationContext, connector: Connector) => Promise<void>;
	/** Hashes of an object's secrets for the ledger. */
	readonly secretHashes: (
		key: string,
	) => Readonly<Record<string, { readonly salt: string; readonly hash: string }>>;
}

/** What was done and what was not. */
export interface ApplyResult {
	readonly deployment: string;
	readonly done: readonly string[];
	readonly failed: readonly string[];
	readonly notStarted: readonly string[];
	/** Empty when everything was done. */
	readonly failures: readonly Diagnostic[];
	/** What checks have shown, in the order in which they passed. */
	readonly proof: readonly Proof[];
	/** Another run took the lease: nothing was restored or recorded any more, that is now its business. */
	readonly leaseLost: boolean;
}

/** A run under way. */
export interface Run {
	readonly plan: Plan;
	readonly options: ApplyOptions;
	readonly sessions: Sessions;
	readonly journal: Journal;
	readonly ledger: Ledger;
	readonly context: OperationContext;
	readonly started: Set<string>;
	readonly done: Set<string>;
	readonly failed: Set<string>;
	/** How many operations of a step that was begun are done, or may be. */
	readonly operations: Map<string, number>;
	readonly failures: Diagnostic[];
	readonly proof: Proof[];
	lease?: Lease;
	lost: boolean;
}
