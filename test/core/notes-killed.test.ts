import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { noteStores } from "../../src/core/process/notes";

const writer = `
const notes = require("./dist/core/process/notes.js").noteStores(process.argv[1])("here");
for (let count = 0; ; count += 1) {
  const key = "key " + (count % 50);
  if (count % 7 === 6) notes.remove(key);
  else if (!notes.write(key, { count, text: "x".repeat(count % 900) })) throw new Error("not written");
  require("node:fs").writeSync(1, JSON.stringify([key, count % 7 === 6 ? null : count]) + "\\n");
  if (count % 400 === 399) notes.tidy();
}`;

/** Starts a process that writes notes, kills it after so many, and returns the last acknowledged note of each key. */
async function killedAfter(folder: string, many: number): Promise<Map<string, number | null>> {
  const child = spawn(process.execPath, ["-e", writer, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged = new Map<string, number | null>();
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [key, count] = JSON.parse(line) as [string, number | null];
    acknowledged.set(key, count);
    lines += 1;
    if (lines === many) child.kill("SIGKILL");
  }
  return acknowledged;
}

it("a process that is killed at any moment has left every note that it was told is written", async () => {
  const folder = mkdtempSync(join(tmpdir(), "notes-killed-"));
  try {
    let before = new Map<string, number | null>();
    for (const many of [1, 3, 40, 399, 400, 401, 777, 1200, 1999]) {
      const acknowledged = new Map([...before, ...(await killedAfter(folder, many))]);
      expect(acknowledged.size).toBeGreaterThanOrEqual(Math.min(many, 50));
      const notes = noteStores(folder)("here");
      for (const [key, count] of acknowledged) {
        const found = notes.read<{ count: number; text: string }>(key);
        // Only the one write that was in progress when the process was killed may be there without an acknowledgement.
        if (count === null || found === undefined) continue;
        expect(found.text).toBe("x".repeat(found.count % 900));
      }
      const differing = [...acknowledged].filter(([key, count]) => (notes.read<{ count: number }>(key)?.count ?? null) !== count);
      expect(differing.length).toBeLessThanOrEqual(1);
      before = new Map([...acknowledged].map(([key]) => [key, notes.read<{ count: number }>(key)?.count ?? null]));
    }
    const account = join(folder, readdirSync(folder)[0] as string);
    expect(readdirSync(account).filter((name) => name.endsWith(".jsonl")).length).toBeLessThanOrEqual(9);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
