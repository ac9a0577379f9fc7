import { access, chmod, constants, copyFile, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const windows = process.platform === "win32";

/** The version to install or build: the newest one whose Go module is available. */
export const VERSION = "3.276.0";

/** The oldest supported CLI: 3.254 is the first version that imports resources together with their inputs and outputs. */
export const MINIMUM = "3.254.0";

/** The executables of an engine folder. */
export const CLI = windows ? "pulumi.exe" : "pulumi";
export const LANGUAGE_HOST = windows ? "pulumi-language-nodejs.exe" : "pulumi-language-nodejs";
const DYNAMIC_HOST = windows ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs";

/** The cache folder, outside of the repository. */
export const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-twilio-conversations");

/** The folder of all engines, one folder per version and platform. */
export const engineRoot = join(cacheRoot, "engine");

/** The folder of the engine. Its executables are in `bin`, as in Pulumi's own installation. */
export const engineHome = join(engineRoot, `${VERSION}-${process.platform}-${process.arch}`);

/** Whether a folder contains all three executables. */
export async function isComplete(folder: string): Promise<boolean> {
  const found = await Promise.all([CLI, LANGUAGE_HOST, DYNAMIC_HOST].map((name) => isExecutable(join(folder, name))));
  return found.every(Boolean);
}

/** Whether a file exists and is executable. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies the SDK's dynamic provider host into the folder of the CLI. It would also work elsewhere on PATH, but then the CLI would print a
 * warning in every run. Does nothing if the folder already contains the same file.
 */
export async function copyDynamicHost(folder: string): Promise<void> {
  const sdk = dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
  const [source, target] = [join(sdk, DYNAMIC_HOST), join(folder, DYNAMIC_HOST)];
  const [wanted, existing] = await Promise.all([readFile(source), readFile(target).catch(() => undefined)]);
  if (existing?.equals(wanted)) return;
  const copy = `${target}.${process.pid}`;
  await copyFile(source, copy);
  await chmod(copy, 0o755);
  await rename(copy, target);
}

/**
 * Creates a folder atomically: fills a draft folder next to it, then renames the draft. Must be called under the folder's lock, because it
 * removes the drafts of runs that were killed.
 */
export async function publish(home: string, fill: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${home}.draft-${process.pid}`;
  await removeDrafts(home);
  await mkdir(join(draft, "bin"), { recursive: true });
  try {
    await fill(draft);
    await rm(home, { recursive: true, force: true });
    await rename(draft, home);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function removeDrafts(home: string): Promise<void> {
  const root = dirname(home);
  for (const name of await readdir(root)) {
    if (join(root, name).startsWith(`${home}.draft-`)) await rm(join(root, name), { recursive: true, force: true });
  }
}
