import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Outcome } from "../support/engine";
import type { Lab } from "./lab";

/** Where the state has a secret output. */
interface Place {
  readonly resource: string;
  readonly output: string;
}

/** Expects the secret in no output, event or file of the stack, and ciphertext in the state. */
export async function expectHidden(
  { stack }: Lab,
  secret: string,
  { resource, output }: Place,
  operation: string,
  { text, events }: Outcome,
): Promise<void> {
  for (const [where, searched] of [
    ["prints", text],
    ["publishes", events],
  ] as const) {
    const at = searched.indexOf(secret);
    expect(at < 0 ? "" : `what ${operation} ${where}: ${searched.slice(Math.max(0, at - 300), at)}`).toBe("");
  }
  const entries = await readdir(stack.folder, { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    const file = join(parentPath, name);
    expect((await readFile(file, "latin1")).includes(secret), file).toBe(false);
  }
  expect((await stack.state())[resource]?.outputs[output]).toHaveProperty("ciphertext");
}
