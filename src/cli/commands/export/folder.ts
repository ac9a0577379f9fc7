import { existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { UsageError } from "../../../core/twilio/errors";
import { writeWhole } from "../../shared/write-whole";
import type { Declared } from "./declare";
import { project } from "./project";

/** Where a project is written. */
export interface Folder {
  /** Where the scan is kept until the project is written. */
  readonly scanFile: string;
  /** Writes all files, then forgets the scan. Returns their names. */
  write(declared: Declared): string[];
}

/**
 * Opens the folder. A project that is there already is not written over: it may have been worked on. With a scan beside it, it is what an
 * interrupted export was writing.
 */
export function openFolder(out: string): Folder {
  const folder = resolve(out);
  const scanFile = join(folder, ".twilio-scan.jsonl");
  const isOurs = existsSync(scanFile);
  const inTheWay = (path: string) => {
    if (isOurs || !existsSync(join(folder, path))) return;
    throw new UsageError(`${out} holds a ${path} already, which export does not write over. Choose another folder, or move it away.`);
  };
  inTheWay("Pulumi.yaml");
  return {
    scanFile,
    write(declared) {
      const files = project(declared, basename(folder));
      for (const { path } of files) inTheWay(path);
      mkdirSync(folder, { recursive: true });
      for (const { path, text, isSecret } of files) {
        writeWhole(join(folder, path), text, { isPrivate: isSecret ?? false });
      }
      rmSync(scanFile, { force: true });
      return files.map(({ path }) => path);
    },
  };
}
