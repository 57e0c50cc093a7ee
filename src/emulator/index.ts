export { openAccount } from "./account/account.ts";
export type { Fault, FaultPlan } from "./server/faults.ts";
export { type Server, startServer as serve } from "./server/server.ts";
export type { Account, AccountOptions } from "./types.ts";
