// Completes dist after the compiler: npm run build
import { chmod, copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildPages } from "./pages.mts";

/** Adds to dist what the compiler does not write. */
export async function completeBuild(root: string): Promise<void> {
  await Promise.all([buildPages(root), makeExecutable(root), copyImageFiles(root)]);
}

/** Copies the files from which users build the emulator's container image. */
async function copyImageFiles(root: string): Promise<void> {
  const [from, to] = [join(root, "src", "container"), join(root, "dist", "container")];
  await mkdir(to, { recursive: true });
  await Promise.all(["Dockerfile", "Dockerfile.dockerignore"].map((name) => copyFile(join(from, name), join(to, name))));
}

/** Makes the package's commands executable. npm does so when it installs a package, but in a clone it links them before dist exists. */
export async function makeExecutable(root: string): Promise<void> {
  const { bin } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { bin: Record<string, string> };
  await Promise.all(Object.values(bin).map((path) => chmod(join(root, path), 0o755)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await completeBuild(join(import.meta.dirname, "../.."));
