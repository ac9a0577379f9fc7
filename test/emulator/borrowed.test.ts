/** An emulator for the few requests of a process that may end before the others do. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { attachEmulator } from "../../src/emulator";
import { borrowEmulator } from "../../src/emulator/start";
import { connect } from "./support/client";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "twilio-borrowed-"));
});
afterEach(() => rm(folder, { recursive: true }));

const lock = async () => JSON.parse(await readFile(join(folder, "lock.json"), "utf8"));

it("is found by nobody: who wants the folder waits for its end, then serves it with the same state", async () => {
  const borrowed = await borrowEmulator(folder);
  const { sid } = await connect(borrowed).conversations.services.create({ friendlyName: "Support" });
  expect((await lock()).url).toBe(null);
  let isAttached = false;
  const attaching = attachEmulator(folder).finally(() => {
    isAttached = true;
  });
  expect((await connect(borrowed).conversations.services(sid).fetch()).friendlyName).toBe("Support");
  expect(isAttached).toBe(false);
  await borrowed.close();
  const attached = await attaching;
  expect((await lock()).url).toBe(attached.url);
  expect((await connect(attached).conversations.services(sid).fetch()).friendlyName).toBe("Support");
  await attached.close();
});

it("is the one that serves the folder already, which then stays", async () => {
  const serving = await attachEmulator(folder);
  const borrowed = await borrowEmulator(folder);
  expect(borrowed.url).toBe(serving.url);
  await borrowed.close();
  expect(await connect(serving).conversations.services.list()).toHaveLength(1);
  await serving.close();
});
