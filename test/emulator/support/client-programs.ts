/** Programs of others that tests install once and keep, where their registries can be reached. */
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder of the programs that use them. */
export const sources = join(import.meta.dirname, "..", "clients");

/** A command that runs the program, or why there is none. */
export type Prepared = { readonly command: readonly [string, ...string[]] } | { readonly reason: string };

/** Prepares a program once for each version. */
export async function prepared(name: string, prepare: (folder: string) => Promise<Prepared>): Promise<Prepared> {
  const folder = join(tmpdir(), "twilio-test-clients", name);
  await mkdir(folder, { recursive: true });
  return prepare(folder).catch((error: Error) => ({ reason: error.message.split("\n")[0] as string }));
}
