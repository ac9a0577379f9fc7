import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startEmulator } from "../../src/emulator";
import { type CliRun, engineEnv, processesOf, startCli } from "../support/engine";
import { emulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");

vi.setConfig({ testTimeout: 120_000 });

describe("the program of this repository, run by the real CLI and language host on the embedded emulator", () => {
  let folder: string;
  let stateDir: string;
  let configFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-cli-"));
    stateDir = join(folder, "twilio");
    configFile = join(folder, "Pulumi.dev.yaml");
    await copyFile(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await writeFile(configFile, `${(await readFile(join(root, "Pulumi.dev.yaml"), "utf8")).trimEnd()}\n  twilio:stateDir: ${stateDir}\n`);
    // In the folder of the copy, because the CLI writes its encryption salt there.
    expectDone(await startCli(["stack", "init", "dev", "--no-select"], { cwd: folder, env: engineEnv(folder) }).ended);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  // The first run checks the program's types, as it does for a user; later runs skip the check.
  let isChecked = false;
  const pulumi = async (...args: string[]) => {
    const env = { ...engineEnv(folder), ...(isChecked && { PULUMI_NODEJS_TRANSPILE_ONLY: "true" }) };
    isChecked = true;
    const run = await startCli([...args, "--stack", "dev", "--config-file", configFile], { cwd: root, env }).ended;
    expectDone(run);
    return run.stdout;
  };
  const outputs = async () =>
    JSON.parse((await startCli(["stack", "output", "--json", "--stack", "dev"], { cwd: root, env: engineEnv(folder) }).ended).stdout);

  it("previews without a running emulator, and the JSON contains the plan and no secret", async () => {
    const { steps, changeSummary } = JSON.parse(await pulumi("preview", "--json")) as Plan;
    expect(changeSummary).toEqual({ create: 6 });
    expect(steps.map(({ urn, op }) => `${op} ${urn.split("::").at(-1)}`).sort()).toEqual(
      ["front-desk", "hello", "mobile", "pineapple", "support", "twilio-conversations-dev"].map((name) => `create ${name}`),
    );
    const plan = steps.find(({ urn }) => urn.endsWith("::mobile"))?.newState.inputs as { sms: { proxyAddress: string } };
    expect(plan.sms.proxyAddress).toMatch(/^\+1\d{10}$/);
    const twilio = await startEmulator({ stateDir });
    const { authToken } = twilio;
    await twilio.close();
    expect(JSON.stringify(steps)).not.toContain(authToken);
  });

  it("creates all six resources, with the outputs that the README lists", async () => {
    const text = await pulumi("up", "--yes");
    expect(text).toContain("+ 6 created");
    expect(text).toMatch(/Twilio: the emulator at http:\/\/127\.0\.0\.1:\d+, account AC[0-9a-f]{32}; nothing is billed/);
    expect(await outputs()).toEqual({
      phoneNumber: expect.stringMatching(/^\+1\d{10}$/),
      phoneNumberSid: expect.stringMatching(/^PN[0-9a-f]{32}$/),
      serviceSid: expect.stringMatching(/^IS[0-9a-f]{32}$/),
      conversationSid: expect.stringMatching(/^CH[0-9a-f]{32}$/),
      smsParticipantSid: expect.stringMatching(/^MB[0-9a-f]{32}$/),
      chatParticipantSid: expect.stringMatching(/^MB[0-9a-f]{32}$/),
      mobileNumber: "+15558675310",
      chatIdentity: "testPineapple",
    });
  });

  it("changes nothing the second time", async () => {
    expect(await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")).toContain("6 unchanged");
  });

  it("creates the objects that its outputs name, and messages go from phone to chat and back", async () => {
    const known = await outputs();
    const emulator = await startEmulator({ stateDir });
    try {
      const { client } = emulatorClient(emulator);
      const conversation = client.conversations.v1.services(known.serviceSid).conversations(known.conversationSid);
      const inbound = await fetch(`${emulator.url}/_emulator/inbound`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ from: known.mobileNumber, to: known.phoneNumber, body: "Hello from the phone" }),
      });
      expect(await inbound.json()).toMatchObject({ conversationSid: known.conversationSid, participantSid: known.smsParticipantSid });
      await conversation.messages.create({ author: known.chatIdentity, body: "Hello from the chat" });
      const outbox = await fetch(`${emulator.url}/_emulator/outbox?to=${encodeURIComponent(known.mobileNumber)}`);
      expect(await outbox.json()).toMatchObject({ messages: [{ from: known.phoneNumber, body: "Hello from the chat" }] });
    } finally {
      await emulator.close();
    }
  });

  it("refreshes without a change", async () => {
    expect(await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")).toContain("6 unchanged");
  });

  it("destroys everything except the number, says so, and leaves no process behind", async () => {
    const { phoneNumber, phoneNumberSid } = await outputs();
    const text = await pulumi("destroy", "--yes", "--skip-preview");
    expect(text).toContain("- 6 deleted");
    expect(text).toContain(`PhoneNumber ${phoneNumber} stays at Twilio: onDelete: "retain", the default.`);
    const emulator = await startEmulator({ stateDir });
    const { client } = emulatorClient(emulator);
    expect((await client.conversations.v1.services.list()).map(({ friendlyName }) => friendlyName)).toEqual([
      "Default Conversations Service",
    ]);
    expect((await client.incomingPhoneNumbers.list()).map(({ sid }) => sid)).toEqual([phoneNumberSid]);
    await emulator.close();
    expect(await processesOf(folder)).toEqual([]);
  });

  it("uses the retained number again", async () => {
    await pulumi("up", "--yes", "--skip-preview");
    const emulator = await startEmulator({ stateDir });
    const numbers = await emulatorClient(emulator).client.incomingPhoneNumbers.list();
    await emulator.close();
    expect(numbers.map(({ sid }) => sid)).toEqual([(await outputs()).phoneNumberSid]);
  });
});

interface Plan {
  readonly changeSummary: Record<string, number>;
  readonly steps: readonly { readonly op: string; readonly urn: string; readonly newState: { readonly inputs: unknown } }[];
}

function expectDone({ code, stdout, stderr }: CliRun): void {
  expect(code, `${stdout}\n${stderr}`).toBe(0);
}
