import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { inject } from "vitest";

/** A PATH on which the engine finds itself and the stand-in for Pulumi's command plugin. */
export async function pathWithCommandPlugin(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-command-plugin-"));
  const file = join(folder, "pulumi-resource-command");
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, "pulumi-resource-command.mts")}" "$@"\n`);
  await chmod(file, 0o755);
  return [folder, inject("engine"), process.env.PATH].join(delimiter);
}
