import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { VERSION } from "./layout.mts";
import type { Progress } from "./progress.mts";
import { run } from "./run.mts";

/** The download is aborted if it makes no progress for this time. */
const STALL_MS = 60_000;

/**
 * Installs the CLI into a folder with Pulumi's installer. The installer runs in a separate process group, because the SDK's call cannot be
 * canceled. It is aborted after a minute without progress, so a slow connection may take its time and a blocked one may not. Returns the
 * reason of a failure, or `undefined`.
 */
export async function install(root: string, progress: Progress, signal?: AbortSignal): Promise<string | undefined> {
  const stalled = new AbortController();
  const stop = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;
  let [bytes, since] = [0, Date.now()];
  const scratch = join(root, "tmp");
  await mkdir(scratch, { recursive: true });
  const watch = setInterval(async () => {
    const now = await sizeOf(root);
    if (now > bytes) [bytes, since] = [now, Date.now()];
    if (now > 0) progress.detail(`${Math.round(now / 1e6)} MB`);
    if (Date.now() - since > STALL_MS) stalled.abort();
  }, 1_000);
  try {
    const script = join(import.meta.dirname, "installer.mts");
    // A known folder for temporary files shows the progress. Node.js uses the proxy settings only with NODE_USE_ENV_PROXY.
    const env = { ...process.env, TMPDIR: scratch, NODE_USE_ENV_PROXY: "1" };
    const { code, tail } = await run(process.execPath, [script, VERSION, root], { signal: stop, env });
    signal?.throwIfAborted();
    if (stalled.signal.aborted) return `no data for ${STALL_MS / 1000} s`;
    return code === 0 ? undefined : (tail.split("\n").findLast((line) => line.trim() !== "") ?? `exit code ${code}`);
  } finally {
    clearInterval(watch);
    await rm(scratch, { recursive: true, force: true });
  }
}

async function sizeOf(folder: string): Promise<number> {
  try {
    const names = await readdir(folder, { recursive: true });
    const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then((found) => (found.isFile() ? found.size : 0))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    // The installer moves files meanwhile.
    return 0;
  }
}
