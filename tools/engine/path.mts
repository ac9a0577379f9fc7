import { createHash } from "node:crypto";
import { mkdir, rm, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { CLI, copyDynamicHost, engineRoot, isComplete, isExecutable, LANGUAGE_HOST, MINIMUM } from "./layout.mts";
import { run } from "./run.mts";

/** An engine on PATH, or the reason why the CLI on PATH cannot be used. */
export type Found = { folder: string; version: string } | { reason: string };

/** Looks for an engine on PATH. Returns `undefined` if there is no CLI. */
export async function findOnPath(): Promise<Found | undefined> {
  const cli = await which(CLI);
  if (cli === undefined) return undefined;
  const version = await versionOf(cli);
  if (version === undefined) return { reason: `${cli} does not report its version` };
  if (!isAtLeast(version, MINIMUM)) return { reason: `${cli} has version ${version}, but ${MINIMUM} or newer is required` };
  const folder = dirname(cli);
  if (await isComplete(folder)) return { folder, version };
  const language = (await isExecutable(join(folder, LANGUAGE_HOST))) ? join(folder, LANGUAGE_HOST) : await which(LANGUAGE_HOST);
  if (language === undefined) return { reason: `${LANGUAGE_HOST} is neither next to ${cli} nor on PATH` };
  return { folder: await linkEngine(cli, language), version };
}

async function which(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder !== "" && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

async function versionOf(cli: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(10_000);
  const { code, tail } = await run(cli, ["version"], { signal, env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
  return code === 0 ? tail.match(/^v?(\d+\.\d+\.\d+)/m)?.[1] : undefined;
}

/** Compares versions numerically, part by part. Ignores a suffix such as a pre-release or a build. */
function isAtLeast(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, "en", { numeric: true }) >= 0;
}

/** Creates a folder with links to the CLI and the language host, and with the SDK's dynamic provider host. */
async function linkEngine(cli: string, language: string): Promise<string> {
  const key = createHash("sha256").update(`${cli}\n${language}`).digest("hex").slice(0, 12);
  const folder = join(engineRoot, `path-${key}`);
  await mkdir(folder, { recursive: true });
  for (const [target, name] of [
    [cli, CLI],
    [language, LANGUAGE_HOST],
  ] as const) {
    if (await isExecutable(join(folder, name))) continue;
    await rm(join(folder, name), { force: true });
    await symlink(target, join(folder, name));
  }
  await copyDynamicHost(folder);
  return folder;
}
