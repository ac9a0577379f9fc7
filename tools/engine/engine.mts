import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "./build.mts";
import { install } from "./install.mts";
import { CLI, engineHome, isComplete, isExecutable, LANGUAGE_HOST, placeDynamicHost, publish, VERSION } from "./layout.mts";
import { withLock } from "./lock.mts";
import { findOnPath } from "./path.mts";
import { Progress } from "./progress.mts";

/** Options of {@link ensureEngine}. */
export interface EngineOptions {
  /** Gives up and leaves nothing running. */
  signal?: AbortSignal | undefined;
}

/**
 * Makes sure of a Pulumi CLI, its Node.js language host and its host of dynamic providers, and returns the folder that holds them, to be
 * put on PATH. In this order: what is on PATH; what an earlier call put into the cache; Pulumi's own installer; a build from the Go
 * modules. Progress goes to stderr. Safe to call from several processes at once.
 */
export async function ensureEngine({ signal }: EngineOptions = {}): Promise<string> {
  const progress = new Progress();
  const found = await findOnPath();
  if (found && "folder" in found) return found.folder;
  if (found) progress.say(`${found.reason}: not used`);

  const bin = join(engineHome, "bin");
  if (!(await hasBinaries(bin))) {
    await mkdir(join(engineHome, ".."), { recursive: true });
    try {
      await withLock(`${engineHome}.lock`, () => make(bin, progress, signal), {
        signal,
        onWait: (pid) => progress.begin(`waiting for process ${pid}, which is making the engine`),
      });
    } finally {
      progress.end("ended");
    }
  }
  await placeDynamicHost(bin);
  if (!(await isComplete(bin))) throw new Error(`The engine in ${bin} is incomplete. Remove that folder and run this again.`);
  return bin;
}

async function make(bin: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  progress.end();
  // Another process may have made it while this one waited.
  if (await hasBinaries(bin)) return;
  await publish(engineHome, async (draft) => {
    progress.begin(`installing Pulumi ${VERSION} from Pulumi's own site`);
    const refused = await install(draft, progress, signal);
    if (refused === undefined) return progress.end();
    progress.end(`failed: ${refused}`);
    const failed = await build(join(draft, "bin"), progress, signal);
    if (failed !== undefined) throw new Error(explain(refused, failed));
  });
}

async function hasBinaries(bin: string): Promise<boolean> {
  return (await isExecutable(join(bin, CLI))) && (await isExecutable(join(bin, LANGUAGE_HOST)));
}

function explain(refused: string, failed: string): string {
  return `There is no Pulumi engine, and none could be made.
  Pulumi's own installer: ${refused}
  Build from Go modules: ${failed}
Any one of these three will do:
  1. install Pulumi and put it on PATH: https://www.pulumi.com/docs/install/
  2. let this machine reach Pulumi's download site (https://get.pulumi.com), if need be through HTTPS_PROXY, and run this again
  3. install Go 1.26 or newer, which builds it here: https://go.dev/doc/install`;
}
