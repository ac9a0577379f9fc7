import { access, chmod, constants, copyFile, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const windows = process.platform === "win32";

/** The version that is installed or built where none is at hand: the newest whose Go module is served. */
export const VERSION = "3.259.0";

/** The oldest CLI that will do: 3.254 is the first to import resources together with their inputs and outputs. */
export const MINIMUM = "3.254.0";

/** The executables of an engine folder. */
export const CLI = windows ? "pulumi.exe" : "pulumi";
export const LANGUAGE_HOST = windows ? "pulumi-language-nodejs.exe" : "pulumi-language-nodejs";
const DYNAMIC_HOST = windows ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs";

/** Where what can be made again is kept, outside the repository. */
export const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-twilio-conversations");

/** Where engines are kept, one folder each. */
export const engineRoot = join(cacheRoot, "engine");

/** The folder of one engine; its executables are in `bin`, as in Pulumi's own installation. */
export const engineHome = join(engineRoot, `${VERSION}-${process.platform}-${process.arch}`);

/** Whether a folder holds all three executables. */
export async function isComplete(folder: string): Promise<boolean> {
  const found = await Promise.all([CLI, LANGUAGE_HOST, DYNAMIC_HOST].map((name) => isExecutable(join(folder, name))));
  return found.every(Boolean);
}

/** Whether a file is there and may be run. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Puts the SDK's host of dynamic providers beside the CLI: found elsewhere on PATH it works too, but the CLI warns about it in every run.
 * Does nothing where the same file is there already.
 */
export async function placeDynamicHost(folder: string): Promise<void> {
  const sdk = dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
  const [source, target] = [join(sdk, DYNAMIC_HOST), join(folder, DYNAMIC_HOST)];
  const [wanted, there] = await Promise.all([readFile(source), readFile(target).catch(() => undefined)]);
  if (there?.equals(wanted)) return;
  const copy = `${target}.${process.pid}`;
  await copyFile(source, copy);
  await chmod(copy, 0o755);
  await rename(copy, target);
}

/**
 * Makes a folder by filling a neighbour of it and renaming that, so that nobody ever sees half of it. Call it under the folder's lock:
 * it removes what an earlier, killed run left.
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
