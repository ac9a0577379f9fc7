import { execFile } from "node:child_process";
import { cp, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A folder on a disk that can be filled. */
export interface FillableDisk {
  /** A separate file system or, if mounting is not permitted, a limit on the size of files that the process writes. */
  readonly method: "tmpfs" | "prlimit";
  /** Fills the disk up to this many free bytes for the process that writes to it. */
  fill(freeBytes: number, pid: number): Promise<void>;
  /** Makes room again. */
  free(): Promise<void>;
  /** Unmounts the file system; the folder is then empty. */
  remove(): Promise<void>;
}

const diskBytes = 8 * 1024 * 1024;

/** Moves a folder with its contents to a small separate disk. No process may have the folder open. */
export async function fillableDisk(folder: string): Promise<FillableDisk> {
  const backup = `${folder}-backup`;
  await rename(folder, backup);
  await mkdir(folder);
  const isMounted = await run("mount", ["-t", "tmpfs", "-o", `size=${diskBytes}`, "tmpfs", folder]).then(
    () => true,
    () => false,
  );
  await cp(backup, folder, { recursive: true });
  await rm(backup, { recursive: true });
  return isMounted ? tmpfsDisk(folder) : limitedDisk(folder);
}

function tmpfsDisk(folder: string): FillableDisk {
  const filler = join(folder, "filler");
  return {
    method: "tmpfs",
    async fill(freeBytes) {
      const { stdout } = await run("df", ["--output=avail", "-B1", folder]);
      const available = Number(stdout.trim().split("\n").at(-1));
      // Other processes write to the disk meanwhile, so it may be full before the filler is complete.
      await writeFile(filler, Buffer.alloc(Math.max(0, available - freeBytes))).catch(() => {});
    },
    free: () => rm(filler, { force: true }),
    // A lazy unmount succeeds even if a process still has a file open.
    remove: async () => void (await run("umount", ["--lazy", folder])),
  };
}

function limitedDisk(folder: string): FillableDisk {
  let limited: number | undefined;
  const limit = (value: string) => run("prlimit", ["--pid", String(limited), `--fsize=${value}:`]);
  return {
    method: "prlimit",
    async fill(freeBytes, pid) {
      const names = await readdir(folder, { recursive: true });
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0));
      limited = pid;
      await limit(String(Math.max(...sizes) + freeBytes));
    },
    // The process may have ended because of the limit.
    free: async () => void (await limit("unlimited").catch(() => {})),
    remove: async () => {},
  };
}
