import { execFile } from "node:child_process";
import { cp, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A folder on a disk that can be full. */
export interface SmallDisk {
  /** How: a file system of its own or, where that may not be mounted, a limit on the size of what a process writes. */
  readonly means: "tmpfs" | "prlimit";
  /** Leaves so many bytes, to the process that writes there. */
  fill(room: number, pid: number): Promise<void>;
  /** There is room again. */
  free(): Promise<void>;
  /** The folder is an ordinary one again, and empty. */
  remove(): Promise<void>;
}

const bytes = 8 * 1024 * 1024;

/** Puts a folder, with what it holds, on a disk of its own. No process may have it open. */
export async function smallDisk(folder: string): Promise<SmallDisk> {
  const aside = `${folder}-aside`;
  await rename(folder, aside);
  await mkdir(folder);
  const isMounted = await run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]).then(
    () => true,
    () => false,
  );
  await cp(aside, folder, { recursive: true });
  await rm(aside, { recursive: true });
  return isMounted ? onTmpfs(folder) : byLimit(folder);
}

function onTmpfs(folder: string): SmallDisk {
  const ballast = join(folder, "ballast");
  return {
    means: "tmpfs",
    async fill(room) {
      const { stdout } = await run("df", ["--output=avail", "-B1", folder]);
      const available = Number(stdout.trim().split("\n").at(-1));
      // Others write there meanwhile, so that it may be full before that is written.
      await writeFile(ballast, Buffer.alloc(Math.max(0, available - room))).catch(() => {});
    },
    free: () => rm(ballast, { force: true }),
    // What is slow to let go of it keeps no folder from being removed.
    remove: async () => void (await run("umount", ["--lazy", folder])),
  };
}

function byLimit(folder: string): SmallDisk {
  let limited: number | undefined;
  const limit = (value: string) => run("prlimit", ["--pid", String(limited), `--fsize=${value}:`]);
  return {
    means: "prlimit",
    async fill(room, pid) {
      const names = await readdir(folder, { recursive: true });
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0));
      limited = pid;
      await limit(String(Math.max(...sizes) + room));
    },
    // A process that did not bear it is gone, and its limit with it.
    free: async () => void (await limit("unlimited").catch(() => {})),
    remove: async () => {},
  };
}
