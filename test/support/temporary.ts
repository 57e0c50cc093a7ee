import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const SHARED_MEMORY = "/dev/shm";
const ROOM = 2 * 1024 ** 3;

/**
 * Where tests keep their accounts and projects: in memory where the machine has room there, since the
 * account waits for the disk at every commit, and a test has thousands.
 */
export function temporaryDirectory(): string {
	if (!existsSync(SHARED_MEMORY)) return tmpdir();
	const { bavail, bsize } = statfsSync(SHARED_MEMORY);
	return bavail * bsize > ROOM ? SHARED_MEMORY : tmpdir();
}
