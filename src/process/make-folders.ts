import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder with the folders above it, unless they exist. Node's own `recursive` never ends below a folder that accepts no folders and says
 * that they do not exist, such as /proc.
 */
export function makeFolders(path: string, mode?: number): void {
  const missing: string[] = [];
  for (let folder = path; statSync(folder, { throwIfNoEntry: false }) === undefined; folder = dirname(folder)) {
    missing.push(folder);
    if (dirname(folder) === folder) break;
  }
  for (const folder of missing.reverse()) makeOne(folder, mode);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Error(`${path} must be a folder, but is a file, or a link that leads nowhere. Remove it, or name another folder.`);
}

function makeOne(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, mode);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Another process was faster.
    if (code === "EEXIST") return;
    const why = code === "ENOENT" ? "the folder above it accepts no folders" : message;
    throw new Error(`cannot create the folder ${folder}: ${why}. Name another folder.`);
  }
}
