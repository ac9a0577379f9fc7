import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { scan } from "../../src/cli/commands/export/scan";
import { openScanFile } from "../../src/cli/commands/export/scan-file";
import { connect } from "../../src/core/twilio/connection";
import { openTwilio } from "../../src/core/twilio/transport";
import { type Emulator, startEmulator } from "../../src/emulator";
import { emulatorClient } from "../engine/twilio";

let emulator: Emulator;
let folder: string;
beforeAll(async () => {
  emulator = await startEmulator();
  folder = await mkdtemp(join(tmpdir(), "twilio-scan-"));
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

const progress = { stage() {}, step() {}, total() {}, say() {}, end() {} };

/** Scans the account's subaccounts, or what else is included, with these credentials; `path` is the scan file. */
async function scanned(credentials: Record<string, string>, path?: string, included = "subaccounts") {
  const env = { TWILIO_ACCOUNT_SID: emulator.accountSid, TWILIO_BASE_URL: emulator.url, ...credentials };
  const openEmbedded = () => Promise.reject(new Error("the embedded emulator was opened"));
  const twilio = openTwilio(await connect({ env, cwd: folder, config: () => undefined, openEmbedded }));
  const file = openScanFile(path, { accountSid: emulator.accountSid, place: "", what: "" });
  const { objects, leftOut } = await scan({ twilio, file, progress, include: new Set([included]), service: undefined });
  const isIncluded = (body: object) => included !== "subaccounts" || "owner_account_sid" in body;
  const found = objects.flatMap(({ body }) => (body !== undefined && isIncluded(body) ? [body] : []));
  return { found, leftOut: leftOut.filter(({ what }) => what.includes(included.replace("-", " "))) };
}

it("the subaccounts of an account are read without their tokens, which the scan file does not contain; an API key reads none", async () => {
  const { accounts } = emulatorClient(emulator).client.api.v2010;
  const sub = await accounts.create({ friendlyName: "Acme" });
  const path = join(folder, "scan.jsonl");
  const { found, leftOut } = await scanned({ TWILIO_AUTH_TOKEN: emulator.authToken }, path);
  expect(found).toEqual([expect.objectContaining({ sid: sub.sid, friendly_name: "Acme", status: "active" })]);
  expect(leftOut).toEqual([]);
  const text = await readFile(path, "utf8");
  expect(text).toContain(sub.sid);
  for (const token of [sub.authToken, emulator.authToken]) expect(text + JSON.stringify(found)).not.toContain(token);

  const key = await emulatorClient(emulator).client.newKeys.create({ friendlyName: "export" });
  expect(await scanned({ TWILIO_API_KEY: key.sid, TWILIO_API_SECRET: key.secret })).toEqual({
    found: [],
    leftOut: [{ what: "subaccounts", why: "only the account's auth token can read them, and an API key signs in" }],
  });
});

it("both messaging services that Twilio creates itself are left out, and others of such a name are not", async () => {
  const { services } = emulatorClient(emulator).client.messaging.v1;
  // Twilio creates the first for conversations, and this one for messages that name no service.
  await services.create({ friendlyName: "[Auto-generated] Default Messaging Service" });
  await services.create({ friendlyName: "Default" });
  expect((await services.list()).map(({ friendlyName }) => friendlyName).sort()).toEqual([
    "Default",
    "Default Messaging Service for Conversations",
    "[Auto-generated] Default Messaging Service",
  ]);
  const { found, leftOut } = await scanned({ TWILIO_AUTH_TOKEN: emulator.authToken }, undefined, "messaging-services");
  expect(found.map(({ friendly_name: name }) => name)).toEqual(["Default"]);
  expect(leftOut).toEqual([{ what: "default messaging services", count: 2, why: "Twilio creates and uses them itself" }]);
});
