/** `twilio-conversations snapshot`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { emulatorClient } from "../engine/twilio";
import { run } from "../tools/program";

const CLI = "dist/cli/main.js";
let folder: string;
let emulator: Emulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "twilio-cli-"));
  emulator = await startEmulator();
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true });
});

type Account = Pick<Emulator, "url" | "accountSid" | "authToken">;

/** Runs the command with the credentials of an account of the emulator. */
function snapshot({ url, accountSid, authToken }: Account, ...args: string[]) {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)));
  const login = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_BASE_URL: url, PULUMI_CONFIG: "{}" };
  return run(CLI, ["snapshot", ...args], { ...own, ...login });
}

it("saves, lists, restores and deletes the state of the emulator, and of the namespace whose credentials it has", async () => {
  const namespace = await emulator.createNamespace();
  const { conversations } = emulatorClient(emulator).client;
  expect(await snapshot(emulator, "save", "empty")).toMatchObject({ code: 0, stdout: "saved empty\n" });
  await conversations.v1.conversations.create();
  expect((await snapshot(emulator, "list")).stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}empty\n$/);
  expect(JSON.parse((await snapshot(namespace, "list", "--json")).stdout)).toEqual({ snapshots: [] });
  expect(await snapshot(namespace, "restore", "empty")).toMatchObject({
    code: 1,
    stderr: "error: the emulator refuses this: there is no snapshot empty; there is none yet.\n",
  });
  expect(await conversations.v1.conversations.list()).toHaveLength(1);
  expect((await snapshot(emulator, "restore", "empty")).stdout).toMatch(/^restored empty, as it was saved at \d{4}-.*Z\n$/);
  expect(await conversations.v1.conversations.list()).toEqual([]);
  expect(JSON.parse((await snapshot(emulator, "delete", "empty", "--json")).stdout)).toEqual({ name: "empty" });
  expect(await snapshot(emulator, "list")).toMatchObject({ code: 0, stdout: "no snapshots\n" });
}, 60_000);

it("explains a name that cannot be used, and an account at Twilio", async () => {
  expect(await snapshot(emulator, "save", "../state")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("the name of a snapshot must have 1 to 64 letters, digits, dots, hyphens and underscores"),
  });
  const real = await snapshot({ ...emulator, url: "https://example.com" }, "save", "a");
  expect([real.code, real.stderr]).toEqual([1, expect.stringContaining("only the emulator has snapshots")]);
}, 60_000);
