import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "./build.mts";
import { install } from "./install.mts";
import { CLI, copyDynamicHost, engineHome, isComplete, isExecutable, LANGUAGE_HOST, publish, VERSION } from "./layout.mts";
import { withLock } from "./lock.mts";
import { findOnPath } from "./path.mts";
import { Progress } from "./progress.mts";

/** Options of {@link ensureEngine}. */
export interface EngineOptions {
  /** Aborts the installation and ends its processes. */
  signal?: AbortSignal | undefined;
}

/**
 * Provides a Pulumi CLI, its Node.js language host and its dynamic provider host, and returns their folder for PATH. Tries in this order:
 * PATH, the cache of an earlier call, Pulumi's installer, a build from the Go modules. Reports progress on stderr. Several processes may call
 * this at the same time.
 */
export async function ensureEngine({ signal }: EngineOptions = {}): Promise<string> {
  const progress = new Progress();
  const found = await findOnPath();
  if (found && "folder" in found) return found.folder;
  if (found) progress.say(`${found.reason}; not used`);

  const bin = join(engineHome, "bin");
  if (!(await hasBinaries(bin))) {
    await mkdir(join(engineHome, ".."), { recursive: true });
    try {
      await withLock(`${engineHome}.lock`, () => create(bin, progress, signal), {
        signal,
        onWait: (pid) => progress.begin(`waiting for process ${pid}, which is installing the engine`),
      });
    } finally {
      progress.end("ended");
    }
  }
  await copyDynamicHost(bin);
  if (!(await isComplete(bin))) throw new Error(`The engine in ${bin} is incomplete. Remove this folder and try again.`);
  return bin;
}

async function create(bin: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  progress.end();
  // Another process may have installed it while this one waited.
  if (await hasBinaries(bin)) return;
  await publish(engineHome, async (draft) => {
    progress.begin(`installing Pulumi ${VERSION} from get.pulumi.com`);
    const installError = await install(draft, progress, signal);
    if (installError === undefined) return progress.end();
    progress.end(`failed: ${installError}`);
    const buildError = await build(join(draft, "bin"), progress, signal);
    if (buildError !== undefined) throw new Error(explain(installError, buildError));
  });
}

async function hasBinaries(bin: string): Promise<boolean> {
  return (await isExecutable(join(bin, CLI))) && (await isExecutable(join(bin, LANGUAGE_HOST)));
}

function explain(installError: string, buildError: string): string {
  return `Pulumi is not installed, and the automatic installation failed.
  Pulumi's installer: ${installError}
  Build from Go modules: ${buildError}
Do one of the following:
  1. Install Pulumi and add it to PATH: https://www.pulumi.com/docs/install/
  2. Give this machine access to https://get.pulumi.com (set HTTPS_PROXY if it needs a proxy), and try again.
  3. Install Go 1.26.6 or newer, so that Pulumi can be built here: https://go.dev/doc/install`;
}
