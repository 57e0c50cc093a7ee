import { execFileSync } from "node:child_process";

type Variables = Readonly<Record<string, string | undefined>>;

/** Where a CI system says which job this is; the first that is set counts. */
const JOBS: readonly ((env: Variables) => string | undefined)[] = [
	// https://docs.github.com/en/actions/reference/workflows-and-actions/variables
	(env) =>
		env.GITHUB_RUN_ID &&
		`${env.GITHUB_SERVER_URL ?? "https://github.com"}/${env.GITHUB_REPOSITORY ?? ""}/actions/runs/${env.GITHUB_RUN_ID}`,
	// https://docs.gitlab.com/ci/variables/predefined_variables/
	(env) => env.CI_JOB_URL,
	// https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables
	(env) =>
		env.BUILD_BUILDID &&
		`${env.SYSTEM_TEAMFOUNDATIONCOLLECTIONURI ?? ""}${env.SYSTEM_TEAMPROJECT ?? ""}/_build/results?buildId=${env.BUILD_BUILDID}`,
	// https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
	(env) =>
		env.BITBUCKET_BUILD_NUMBER &&
		`${env.BITBUCKET_GIT_HTTP_ORIGIN ?? ""}/pipelines/results/${env.BITBUCKET_BUILD_NUMBER}`,
	(env) => env.CIRCLE_BUILD_URL,
	(env) => env.BUILDKITE_BUILD_URL,
	(env) => env.TRAVIS_JOB_WEB_URL,
	// Jenkins
	(env) => env.BUILD_URL,
];

/** The address of the CI job this runs in, where one can be found. */
export function ciJob(env: Variables): string | undefined {
	for (const job of JOBS) {
		const found = job(env);
		if (found) return found;
	}
	return undefined;
}

function git(dir: string, ...args: readonly string[]): string | undefined {
	try {
		return execFileSync("git", ["-C", dir, ...args], {
			encoding: "utf8",
			stdio: ["ignore", "pipe", "ignore"],
		}).trim();
	} catch {
		return undefined;
	}
}

/** The commit of the project's checkout, with a plus where files differ from it; or the one the CI system names. */
export function gitCommit(dir: string, env: Variables): string | undefined {
	const commit = git(dir, "rev-parse", "HEAD");
	if (commit === undefined)
		return env.GITHUB_SHA ?? env.CI_COMMIT_SHA ?? env.BUILD_SOURCEVERSION ?? env.GIT_COMMIT;
	return git(dir, "status", "--porcelain", "--", ".") === "" ? commit : `${commit}+`;
}
