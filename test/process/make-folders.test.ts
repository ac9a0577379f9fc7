import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noteStores } from "../../src/core/process/notes";
import { makeFolders } from "../../src/process/make-folders";
import { run } from "../tools/program";

describe("folders", () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "twilio-folders-"));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it("are created with those above them, for their owner only, and may exist", () => {
    const path = join(root, "a", "b", "c");
    for (let times = 0; times < 2; times++) makeFolders(path, 0o700);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, "a")).mode & 0o777).toBe(0o700);
  });

  it("cannot be where a file is, or a link that leads nowhere", () => {
    writeFileSync(join(root, "file"), "");
    symlinkSync(join(root, "nowhere"), join(root, "link"));
    for (const name of ["file", "link"]) expect(() => makeFolders(join(root, name))).toThrow(/must be a folder/);
    expect(() => makeFolders(join(root, "file", "below"))).toThrow(/cannot create the folder .*below: ENOTDIR/);
  });

  // Node's own function does not end there.
  describe.skipIf(!existsSync("/proc/self"))("below a folder that accepts none", () => {
    it("are an error, of the emulator too", async () => {
      const script = `require(${JSON.stringify(join(process.cwd(), "dist/process/make-folders"))}).makeFolders("/proc/none/below")`;
      const { status, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", timeout: 10_000 });
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("cannot create the folder /proc/none: ") });
      const ended = await run("dist/cli/main.js", ["emulator", "--port", "0", "--state", "/proc/none/below"]);
      expect(ended).toMatchObject({ code: 1, stdout: "" });
      expect(ended.stderr).toBe(
        "error: cannot create the folder /proc/none: the folder above it accepts no folders. Name another folder.\n",
      );
    });

    it("hold no notes, which the creation of an object reports", () => {
      expect(noteStores("/proc/none/notes")("account").write("key", {})).toBe(false);
    });
  });
});
