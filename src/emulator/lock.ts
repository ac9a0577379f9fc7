/**
 * Ensures that one emulator serves a state folder. `lock.json` is created exclusively. It names the process and, when
 * the emulator listens, its URL. The lock of a process that no longer exists is taken over by one process at a time.
 */
import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeAtomically } from "./persistence";

/** The content of the lock file. */
interface LockInfo {
  /** Unlike the process ID, it is never reused. */
  instance: string;
  pid: number;
  host: string;
  /** Null while the emulator starts. */
  url: string | null;
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
/** An empty lock file belongs to a process that died while writing it. */
const EMPTY_LOCK_MS = 2000;

/** Acquires the folder's lock. If a live emulator holds it, waits for its URL and throws {@link FolderInUse}. */
export async function acquireLock(folder: string): Promise<HeldLock> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "lock.json");
  const mine: LockInfo = { instance: randomUUID(), pid: process.pid, host: hostname(), url: null };
  const deadline = Date.now() + TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (createExclusively(path, JSON.stringify(mine))) return hold(path, mine);
    const info = readLock(path);
    const state = await stateOf(path, info);
    if (state === "serving" && info?.url) throw new FolderInUse(folder, { ...info, url: info.url });
    if (state === "dead") removeStale(path, info);
    else await sleep(RETRY_MS);
  }
  throw new Error(
    `The state folder ${folder} is locked, but its emulator does not respond. If no process uses the folder, delete ${path}.`,
  );
}

function hold(path: string, mine: LockInfo): HeldLock {
  const release = () => {
    process.off("exit", release);
    if (readLock(path)?.instance === mine.instance) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return { instance: mine.instance, publish: (url) => writeAtomically(path, JSON.stringify({ ...mine, url })), release };
}

function createExclusively(path: string, text: string): boolean {
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, text);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readLock(path: string): LockInfo | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as LockInfo;
  } catch {
    return undefined;
  }
}

async function stateOf(path: string, info: LockInfo | undefined): Promise<"serving" | "starting" | "dead"> {
  if (!info) return ageOf(path) > EMPTY_LOCK_MS ? "dead" : "starting";
  // The processes of another machine or container that shares the folder are not visible here.
  const isHere = info.host === hostname();
  if (isHere && !isAlive(info.pid)) return "dead";
  if (info.url === null) return "starting";
  const answer = await askHealth(info.url);
  if (answer === info.instance) return "serving";
  // Another process may have the process ID or the port by now.
  return isHere && answer !== undefined ? "dead" : "starting";
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The instance that responds at the URL, "" if none does, or undefined after a timeout. */
async function askHealth(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/_emulator/health`, { signal: AbortSignal.timeout(2000) });
    const { instance } = (await response.json()) as { instance?: unknown };
    return typeof instance === "string" ? instance : "";
  } catch (error) {
    return (error as Error).name === "TimeoutError" ? undefined : "";
  }
}

/** Removes a stale lock. The guard prevents the removal of a new lock that another process acquired meanwhile. */
function removeStale(path: string, dead: LockInfo | undefined): void {
  const guard = `${path}.takeover`;
  if (!createExclusively(guard, "")) {
    if (ageOf(guard) > EMPTY_LOCK_MS) rmSync(guard, { force: true });
    return;
  }
  try {
    if (readLock(path)?.instance === dead?.instance) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}
