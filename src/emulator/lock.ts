/**
 * One emulator per state folder. `lock.json` is created exclusively and names the process and, once it
 * listens, the URL. A lock whose process is gone is taken over, by one taker at a time.
 */
import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeWhole } from "./persistence";

/** What the lock file holds. */
interface LockInfo {
  /** Unlike the process id, never used again. */
  instance: string;
  pid: number;
  host: string;
  /** Null while the emulator is starting. */
  url: string | null;
}

/** A lock that is held by this process. */
export interface HeldLock {
  instance: string;
  publish(url: string): void;
  release(): void;
}

/** Somebody else serves the folder. */
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
const PATIENCE_MS = 20_000;
/** A lock file without a word in it belongs to a process that died while writing it. */
const EMPTY_LOCK_MS = 2000;

/** Takes the folder's lock; throws {@link FolderInUse} when a live emulator has it, after waiting for its URL. */
export async function acquireLock(folder: string): Promise<HeldLock> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "lock.json");
  const mine: LockInfo = { instance: randomUUID(), pid: process.pid, host: hostname(), url: null };
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    if (createExclusively(path, JSON.stringify(mine))) return held(path, mine);
    const info = readLock(path);
    const state = await stateOf(path, info);
    if (state === "serving" && info?.url) throw new FolderInUse(folder, { ...info, url: info.url });
    if (state === "dead") takeAway(path, info);
    else await sleep(RETRY_MS);
  }
  throw new Error(`The state folder ${folder} is locked, but its emulator does not answer. If no process uses it, delete ${path}.`);
}

function held(path: string, mine: LockInfo): HeldLock {
  const release = () => {
    process.off("exit", release);
    if (readLock(path)?.instance === mine.instance) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return { instance: mine.instance, publish: (url) => writeWhole(path, JSON.stringify({ ...mine, url })), release };
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
  // A folder shared with another machine or container: its processes cannot be seen from here.
  const isHere = info.host === hostname();
  if (isHere && !isAlive(info.pid)) return "dead";
  if (info.url === null) return "starting";
  const answer = await askHealth(info.url);
  if (answer === info.instance) return "serving";
  // The process id may have gone to somebody else since, and so may the port.
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
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The instance that answers at the URL, "" when nobody does, undefined when it is too busy to tell. */
async function askHealth(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/_emulator/health`, { signal: AbortSignal.timeout(2000) });
    const { instance } = (await response.json()) as { instance?: unknown };
    return typeof instance === "string" ? instance : "";
  } catch (error) {
    return (error as Error).name === "TimeoutError" ? undefined : "";
  }
}

/** Removes a dead lock. The guard makes sure that nobody removes the new lock of a faster taker. */
function takeAway(path: string, dead: LockInfo | undefined): void {
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
