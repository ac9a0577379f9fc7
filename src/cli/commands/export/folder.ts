import { existsSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { UsageError } from "../../../core/twilio/errors";
import { PRIVATE, writeAtomically } from "../../../process/atomic-write";
import { makeFolders } from "../../../process/make-folders";
import type { Declared } from "./declare";
import { project } from "./project";

/** The mode of files for everybody, less what the umask takes away. */
const PUBLIC = 0o666;

/** The folder to write a project into. */
export interface Folder {
  /** The file that holds the scan until the project is written. */
  readonly scanFile: string;
  /** Writes all files, then deletes the scan. Returns their names. */
  write(declared: Declared): string[];
}

/**
 * Opens the folder. An existing project is not overwritten, because somebody may have edited it. With a scan beside it, an interrupted export
 * was writing it.
 */
export function openFolder(out: string): Folder {
  const folder = resolve(out);
  const scanFile = join(folder, ".twilio-scan.jsonl");
  const isOurs = existsSync(scanFile);
  const refuseExisting = (path: string) => {
    if (isOurs || !existsSync(join(folder, path))) return;
    throw new UsageError(
      `${out} already contains a ${path}, which export does not overwrite. Choose another folder, or move the file away.`,
    );
  };
  refuseExisting("Pulumi.yaml");
  return {
    scanFile,
    write(declared) {
      const files = project(declared, basename(folder));
      for (const { path } of files) refuseExisting(path);
      makeFolders(folder);
      for (const { path, text, isSecret } of files) {
        writeAtomically(join(folder, path), text, isSecret ? PRIVATE : PUBLIC);
      }
      rmSync(scanFile, { force: true });
      return files.map(({ path }) => path);
    },
  };
}
