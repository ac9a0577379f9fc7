// The pages that the package serves, bundled into dist.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** Folders below `src`. Each has a `main.ts`, and files that are copied without a change. */
const PAGES = [
  { folder: "chat/page", files: ["index.html", "style.css", "icon.svg"] },
  { folder: "emulator/console/page", files: ["index.html", "style.css", "icon.svg"] },
];

/** Bundles all pages. */
export async function buildPages(root: string): Promise<void> {
  await Promise.all(PAGES.map((page) => buildPage(root, page)));
}

async function buildPage(root: string, { folder, files }: (typeof PAGES)[number]): Promise<void> {
  const [from, to] = [join(root, "src", folder), join(root, "dist", folder)];
  const bundle = await rolldown({ input: join(from, "main.ts"), cwd: root, platform: "browser" });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  await bundle.close();
  await mkdir(to, { recursive: true });
  const [{ code, moduleIds }] = output;
  await writeFile(join(to, "main.js"), code);
  await writeFile(join(to, "licenses.txt"), await licenses(moduleIds));
  await Promise.all(files.map((name) => cp(join(from, name), join(to, name))));
}

/** The licenses of the bundled packages. They require that a copy goes with the bundle. */
async function licenses(moduleIds: readonly string[]): Promise<string> {
  const folders = new Set(moduleIds.flatMap((id) => id.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/)?.[0] ?? []));
  const texts = [...folders].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const text = await firstOf(folder, ["LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "license"]);
    return `${name} ${version} (${license})\n\n${text}`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n`);
}

async function firstOf(folder: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const text = await readFile(join(folder, name), "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  return "";
}
