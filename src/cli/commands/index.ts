import type { Command } from "../command.ts";
import { applyCommand } from "./apply.ts";
import { doctorCommand } from "./doctor.ts";
import { driftCommand } from "./drift.ts";
import { emulatorReset, emulatorStart, emulatorStatus, emulatorTick } from "./emulator.ts";
import { explainCommand } from "./explain.ts";
import { forgetCommand } from "./forget.ts";
import { historyCommand } from "./history.ts";
import { migrateBaseline, migrateRepair } from "./migrate.ts";
import { migrateNew } from "./migrate-new.ts";
import { migrateStatus } from "./migrate-status.ts";
import { planCommand } from "./plan.ts";
import { renderCommand } from "./render.ts";
import { sqlCommand } from "./sql.ts";
import { unlockCommand } from "./unlock.ts";
import { validateCommand } from "./validate.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
	renderCommand,
	validateCommand,
	planCommand,
	applyCommand,
	driftCommand,
	migrateNew,
	migrateStatus,
	migrateBaseline,
	migrateRepair,
	forgetCommand,
	historyCommand,
	unlockCommand,
	doctorCommand,
	sqlCommand,
	explainCommand,
	emulatorStart,
	emulatorTick,
	emulatorReset,
	emulatorStatus,
];
