/**
 * Ensures that one emulator serves a state folder. `lock.json` is created exclusively. It names the process and, when
 * the emulator listens, its URL. The lock of a process that no longer exists is taken over by one process at a time.
 */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeAtomically } from "../process/atomic-write";
import { isLoopbackUrl } from "../process/loopback-url";
import { isAbandoned, isOnThisHost, type LockHolder, newHolder, readHolder, removeAbandoned, tryLock, unlock } from "../process/pid-lock";
import { createFolder, isOwn } from "../process/private-folder";

/** The content of the lock file. */
interface LockInfo extends LockHolder {
  /** Null while the emulator starts. */
  readonly url: string | null;
}

/** A lock that this process holds. */
export interface HeldLock {
  instance: string;
  publish(url: string): void;
  release(): void;
}

/** Another emulator serves the folder. */
export class FolderInUse extends Error {
  readonly info: LockInfo & { url: string };
  constructor(folder: string, info: LockInfo & { url: string }) {
    super(
      `The state folder ${folder} is already served by the emulator at ${info.url} (process ${info.pid}). ` +
        "Use that one, stop it, or choose another folder.",
    );
    this.info = info;
  }
}

const RETRY_MS = 20;
const TIMEOUT_MS = 20_000;

/** Acquires the folder's lock. If a live emulator holds it, waits for its URL and throws {@link FolderInUse}. */
export async function acquireLock(folder: string): Promise<HeldLock> {
  createFolder(folder);
  const path = join(folder, "lock.json");
  const mine: LockInfo = { ...newHolder(), url: null };
  const deadline = Date.now() + TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (tryLock(path, mine)) return hold(path, mine);
    const info = readHolder<LockInfo>(path);
    checkTrusted(path, folder, info);
    const state = await stateOf(path, info);
    if (state === "serving" && info?.url) throw new FolderInUse(folder, { ...info, url: info.url });
    if (state === "dead") removeAbandoned(path, info);
    else await sleep(RETRY_MS);
  }
  throw new Error(
    `The state folder ${folder} is locked, but its emulator does not respond. If no process uses the folder, delete ${path}.`,
  );
}

/**
 * Refuses a lock that sends clients to another machine, or that another user created. It may have come with a repository, and clients send
 * credentials to its URL.
 */
function checkTrusted(path: string, folder: string, info: LockInfo | undefined): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isFile()) throw new Error(`${path} must be a file. Delete it.`);
  if (!isOwn(stats) && stats.uid !== lstatSync(folder).uid)
    throw new Error(`${path} belongs to another user, who is not the owner of the folder. Delete it.`);
  const url = info?.url;
  if (typeof url === "string" && !isLoopbackUrl(url)) {
    throw new Error(
      `${path} must name an emulator on this machine (http://127.0.0.1:…), but names ${JSON.stringify(url)}. If no emulator uses the folder, delete the file.`,
    );
  }
}

function hold(path: string, mine: LockInfo): HeldLock {
  const release = () => {
    process.off("exit", release);
    unlock(path, mine);
  };
  process.on("exit", release);
  return { instance: mine.instance, publish: (url) => writeAtomically(path, JSON.stringify({ ...mine, url })), release };
}

async function stateOf(path: string, info: LockInfo | undefined): Promise<"serving" | "starting" | "dead"> {
  if (isAbandoned(path, info)) return "dead";
  if (!info || info.url === null) return "starting";
  const answer = await askHealth(info.url);
  if (answer === info.instance) return "serving";
  // The process id may belong to another process by now, and so may the port.
  return isOnThisHost(info) && answer !== undefined ? "dead" : "starting";
}

/** The instance that responds at the URL, "" if none does, or undefined after a timeout. */
async function askHealth(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/_emulator/health`, { redirect: "error", signal: AbortSignal.timeout(2000) });
    const { instance } = (await response.json()) as { instance?: unknown };
    return typeof instance === "string" ? instance : "";
  } catch (error) {
    return (error as Error).name === "TimeoutError" ? undefined : "";
  }
}
