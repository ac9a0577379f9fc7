import { renameSync, rmSync, writeFileSync } from "node:fs";

/** For the file's owner only. */
export const PRIVATE = 0o600;

/**
 * Replaces a file in one step: a reader sees the old text or the new text, never a part, whenever the process ends. A killed process may leave
 * its temporary file, `NAME.PID.tmp`.
 */
export function writeAtomically(path: string, text: string | Uint8Array, mode = PRIVATE): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    // A file that an earlier process with this id left may have another mode.
    rmSync(temporary, { force: true });
    // Exclusively, so that nobody can put a link here that leads to another file.
    writeFileSync(temporary, text, { mode, flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    // On a full disk, a part of a file would take space that others need.
    rmSync(temporary, { force: true });
    throw error;
  }
}
