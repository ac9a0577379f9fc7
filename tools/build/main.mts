// Completes dist after the compiler: npm run build
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildPages } from "./pages.mts";

/** Adds to dist what the compiler does not write. */
export async function completeBuild(root: string): Promise<void> {
  await Promise.all([buildPages(root), makeExecutable(root)]);
}

/** Makes the package's commands executable. npm does so when it installs a package, but in a clone it links them before dist exists. */
export async function makeExecutable(root: string): Promise<void> {
  const { bin } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { bin: Record<string, string> };
  await Promise.all(Object.values(bin).map((path) => chmod(join(root, path), 0o755)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await completeBuild(join(import.meta.dirname, "../.."));
