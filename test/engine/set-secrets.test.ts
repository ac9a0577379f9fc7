import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Input, secret } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ConversationArgs } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import { storesWith } from "./stores";

vi.setConfig({ testTimeout: 120_000 });

const canary = "c4nary-7f3a91d2-sesame";

describe("a secret in an item of a set", () => {
  let lab: Lab;
  let items: Record<string, Input<ConversationArgs>> = {};
  beforeAll(async () => {
    lab = await openLab({ program: storesWith(() => items) });
  });
  afterAll(() => lab.close());

  /** Runs an operation, and searches what it prints, its events and the files of the backend. */
  async function run(operation: "preview" | "up" | "refresh" | "destroy") {
    const outcome = await lab.stack[operation]({ debug: true });
    expect(outcome.text).not.toContain(canary);
    for (const event of outcome.events.split("\n")) {
      const at = event.indexOf(canary);
      expect(at < 0 ? "" : event.slice(Math.max(0, at - 300), at + 60)).toBe("");
    }
    const entries = await readdir(lab.stack.folder, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      const file = join(entry.parentPath, entry.name);
      expect((await readFile(file, "latin1")).includes(canary), file).toBe(false);
    }
    return outcome;
  }

  it("is in no output and no file", async () => {
    items = { a: { attributes: { token: secret(canary) } }, b: secret({ friendlyName: canary }), c: { friendlyName: "C" } };
    expectOk(await run("preview"));
    expectOk(await run("up"));
    expectNothing(await run("preview"));
    expectOk(await run("refresh"));
    items = { ...items, a: { attributes: { token: secret(`${canary}-2`) } } };
    expect((await run("preview")).text).toContain('items["a"].attributes: [secret] => [secret]');
    expectOk(await run("up"));
  });

  it("stays encrypted where the item is no longer declared, and cannot be removed or changed yet", async () => {
    await lab.twilio.fault({ method: "DELETE", status: 403 });
    await lab.twilio.fault({ method: "POST", status: 403 });
    items = { b: { friendlyName: "plain" }, c: { friendlyName: "C" } };
    const failed = await run("up");
    expect(failed.ok).toBe(false);
    expect(failed.text).toContain("2 of 2 items of ConversationSet failed");
    await lab.twilio.forgetFaults();
    expectOk(await run("refresh"));
    expectOk(await run("up"));
    expectOk(await run("destroy"));
  });
});
