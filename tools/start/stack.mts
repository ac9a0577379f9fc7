import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { hasCode, isAlive } from "../engine/lock.mts";
import { operate, pulumi } from "./pulumi.mts";
import { STACK, type Workspace } from "./workspace.mts";

/** Creates the stack if it does not exist, and removes the leftovers of an interrupted run. The caller must hold the workspace's lock. */
export async function prepareStack(workspace: Workspace, display: { quiet: boolean }): Promise<void> {
  const checkpoint = await readCheckpoint(workspace);
  if (checkpoint === undefined) {
    // Runs in a folder with a copy of the project file, because the CLI writes its encryption salt next to that file.
    const code = await pulumi(workspace, ["stack", "init", STACK, "--no-select"], { quiet: true, cwd: workspace.folder });
    if (code !== 0) throw new Error(`Cannot create the stack ${STACK} in ${workspace.folder}; see the output of the CLI above.`);
    return;
  }
  await releaseStaleLock(workspace);
  if (checkpoint.latest?.pending_operations?.length) {
    // The entries of interrupted creates can be removed, because the resources find their objects by their natural keys.
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

/** Cancels the update of a CLI that was killed. Throws if the CLI is still running. */
async function releaseStaleLock(workspace: Workspace): Promise<void> {
  const folder = join(workspace.folder, ".pulumi/locks/organization", workspace.project, STACK);
  const names = await readdir(folder).catch(() => []);
  const locks = names.filter((name) => name.endsWith(".json"));
  if (locks.length === 0) return;
  for (const name of locks) {
    const { pid, hostname: host } = JSON.parse(await readFile(join(folder, name), "utf8")) as { pid: number; hostname: string };
    if (host !== hostname() || (await isPulumi(pid))) {
      throw new Error(
        `Process ${pid} on ${host} is working on the local stack. Wait until it ends. If it no longer exists, run:
  PULUMI_BACKEND_URL=${workspace.backend} pulumi cancel --yes --stack ${STACK}`,
      );
    }
  }
  await pulumi(workspace, ["cancel", "--yes", "--stack", STACK], { quiet: true });
}

/** Whether the process is alive and, if the system shows its name, is the CLI. Another process may have the same id by now. */
async function isPulumi(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "pulumi");
  return name.startsWith("pulumi");
}
