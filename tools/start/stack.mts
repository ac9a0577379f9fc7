import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { hasCode, isAlive } from "../engine/lock.mts";
import { operate, pulumi } from "./cli.mts";
import { STACK, type Workspace } from "./workspace.mts";

/** Makes sure that the stack exists and that nothing an ended run left behind is in the way. The caller holds the workspace's lock. */
export async function prepareStack(workspace: Workspace, display: { quiet: boolean }): Promise<void> {
  const checkpoint = await readCheckpoint(workspace);
  if (checkpoint === undefined) {
    // From a folder with a copy of the project's file: the CLI writes its encryption's salt beside that.
    const code = await pulumi(workspace, ["stack", "init", STACK, "--no-select"], { quiet: true, cwd: workspace.folder });
    if (code !== 0) throw new Error(`The stack ${STACK} could not be made in ${workspace.folder}; the CLI's own words are above.`);
    return;
  }
  await releaseStaleLock(workspace);
  if (checkpoint.latest?.pending_operations?.length) {
    // Creates that were cut off: the resources find again by their natural key what they had created, so the entries can go.
    await operate(workspace, "refresh", display, ["--clear-pending-creates"]);
  }
}

interface Checkpoint {
  latest?: { pending_operations?: unknown[] };
}

async function readCheckpoint({ folder, project }: Workspace): Promise<Checkpoint | undefined> {
  try {
    const text = await readFile(join(folder, ".pulumi/stacks", project, `${STACK}.json`), "utf8");
    return (JSON.parse(text) as { checkpoint: Checkpoint }).checkpoint;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Cancels the update of a CLI that was killed. A living one keeps its lock, and is named. */
async function releaseStaleLock(workspace: Workspace): Promise<void> {
  const folder = join(workspace.folder, ".pulumi/locks/organization", workspace.project, STACK);
  const names = await readdir(folder).catch(() => []);
  const locks = names.filter((name) => name.endsWith(".json"));
  if (locks.length === 0) return;
  for (const name of locks) {
    const { pid, hostname: host } = JSON.parse(await readFile(join(folder, name), "utf8")) as { pid: number; hostname: string };
    if (host !== hostname() || (await isPulumi(pid))) {
      throw new Error(
        `The local stack is being worked on by process ${pid} of ${host}. Let it end; if it is gone for good:
  PULUMI_BACKEND_URL=${workspace.backend} pulumi cancel --yes --stack ${STACK}`,
      );
    }
  }
  await pulumi(workspace, ["cancel", "--yes", "--stack", STACK], { quiet: true });
}

/** Whether a process is alive and, where the system tells names, is the CLI: ids are given again to others. */
async function isPulumi(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "pulumi");
  return name.startsWith("pulumi");
}
