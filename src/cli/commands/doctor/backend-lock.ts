import { readdirSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { isAlive } from "../../../process/pid-lock";
import type { CliRun } from "../../shared/engine";
import { fail, type Result, warn } from "./finding";

interface Lock {
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

/**
 * The lock of a run in a file backend, which refuses every other run of the stack. A killed run leaves it. `whoami` is the output of `pulumi whoami
 * --json`; `urn` is one of the stack's.
 */
export function heldLock(whoami: CliRun | undefined, urn: string | undefined): Result | undefined {
  const [, stack, project] = /^urn:pulumi:(.*?)::(.*?)::/.exec(urn ?? "") ?? [];
  const folder = backendFolder(whoami);
  if (folder === undefined || stack === undefined || project === undefined) return undefined;
  const [lock] = locksIn(join(folder, ".pulumi", "locks", "organization", project, stack));
  if (!lock) return undefined;
  const what = `process ${lock.pid} on ${lock.hostname} has locked the stack since ${lock.timestamp}`;
  if (lock.hostname !== hostname() || isAlive(lock.pid)) return warn(what, "wait until that run ends; if it was killed, pulumi cancel");
  return fail(`${what}, and no longer runs`, "pulumi cancel, which removes the lock");
}

function backendFolder(whoami: CliRun | undefined): string | undefined {
  try {
    const { url } = JSON.parse(whoami?.stdout ?? "") as { url?: string };
    return url?.startsWith("file://") ? url.slice("file://".length).replace(/^~/, homedir()) : undefined;
  } catch {
    return undefined;
  }
}

function locksIn(folder: string): Lock[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    return names.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Lock);
  } catch {
    return [];
  }
}
