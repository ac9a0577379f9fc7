import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Writes a file that is there whole or not at all, whenever the process ends. `isPrivate`: for its owner only. */
export function writeWhole(path: string, text: string, { isPrivate = false } = {}): void {
  const part = join(dirname(path), `.${basename(path)}.part`);
  rmSync(part, { force: true });
  writeFileSync(part, text, { mode: isPrivate ? 0o600 : 0o666 });
  renameSync(part, path);
}
