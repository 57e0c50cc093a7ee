export { openAccount } from "./account/account.ts";
export { type Covered, coverage } from "./account/coverage.ts";
export { overview } from "./account/overview.ts";
export { fileEvents } from "./load/file-events.ts";
export { follow } from "./run/follow.ts";
export { type TickEvent, type TickOptions, type TickReport, tick } from "./run/tick.ts";
export type { Fault, FaultPlan } from "./server/faults.ts";
export { type Server, startServer as serve } from "./server/server.ts";
export type { Account, AccountOptions } from "./types.ts";
