import { readdir, rm, stat, utimes } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { completeBuild } from "../build/main.mts";
import { run } from "../engine/run.mts";

/**
 * Makes sure that `dist` is not older than `src`: the engine's provider process loads the package as its users do, built.
 * Returns whether it had to be built.
 */
export async function ensureBuilt(root: string, signal: AbortSignal): Promise<boolean> {
  const stamp = join(root, "dist/.tsbuildinfo");
  const entries = ["dist/index.js", "dist/chat/page/main.js", "dist/emulator/console/page/main.js"].map((path) => timeOf(join(root, path)));
  const [entry, built, source] = await Promise.all([
    Promise.all(entries).then((times) => Math.min(...times)),
    timeOf(stamp),
    newest(join(root, "src")),
  ]);
  if (entry > 0 && built >= source) return false;
  // Without its stamp the incremental compiler does not believe that what it wrote before is still there.
  if (entry === 0) await rm(stamp, { force: true });
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { code, tail } = await run(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, signal });
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`The package does not compile; \`npm run build\` shows this too:\n${tail}`);
  await completeBuild(root);
  // The compiler leaves its stamp alone when a file was touched but not changed.
  const now = new Date();
  await utimes(stamp, now, now);
  return true;
}

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const times = await Promise.all(entries.map((entry) => timeOf(join(folder, entry))));
  return Math.max(0, ...times);
}

/** When a file was last written; 0 where there is none. */
async function timeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}
