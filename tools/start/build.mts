import { readdir, rm, stat, utimes } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { buildPages } from "../build/pages.mts";
import { run } from "../engine/run.mts";

/**
 * Builds the package if `dist` is older than `src`, because the engine's provider process loads the built package. Returns whether it was
 * built.
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
  // The incremental compiler would skip files that its stamp says are up to date, even if they are missing.
  if (entry === 0) await rm(stamp, { force: true });
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { code, tail } = await run(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, signal });
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`The package does not compile. Run \`npm run build\` to see the same errors:\n${tail}`);
  await buildPages(root);
  // The compiler does not update its stamp if a file was touched but not changed.
  const now = new Date();
  await utimes(stamp, now, now);
  return true;
}

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const times = await Promise.all(entries.map((entry) => timeOf(join(folder, entry))));
  return Math.max(0, ...times);
}

/** The modification time of a file; 0 if the file does not exist. */
async function timeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}
