import { openAccount, serve } from "../../src/emulator/index.ts";

/** Serves the account of a directory until the process ends; the first line on stdout is the port. */
const account = await openAccount({ path: process.argv[2] ?? "", buckets: {} });
const { port } = await serve(account);
process.stdout.write(`${port}\n`);
