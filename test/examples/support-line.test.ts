import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { answer, type MessageAdded } from "../../examples/support-line/agent.mts";
import { type Emulator, startEmulator } from "../../src/emulator";
import { useReceiver } from "../emulator/support/receiver";
import { openWorkspace } from "../engine/cli-project";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { engineEnv, startCli } from "../support/engine";

vi.setConfig({ testTimeout: 240_000 });

const phone = "+15558675310";
const receiver = useReceiver();
let workspace: Awaited<ReturnType<typeof openWorkspace>>;
let emulator: Emulator;
let twilio: EmulatorClient;
beforeAll(async () => {
  workspace = await openWorkspace();
  emulator = await startEmulator();
  twilio = emulatorClient(emulator);
});
afterAll(async () => {
  await emulator.close();
  await workspace.close();
});

it("examples/support-line: a text creates a conversation, the webhook receives it, the agent's answer reaches the phone, and destroy restores", async () => {
  const cwd = join(workspace.folder, "support-line");
  await cp(join(import.meta.dirname, "../../examples/support-line"), cwd, { recursive: true });
  await mkdir(join(workspace.folder, "state"));
  const { url, accountSid, authToken } = emulator;
  const login = { TWILIO_BASE_URL: url, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
  const env = { ...engineEnv(join(workspace.folder, "state")), ...login, PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
  const pulumi = async (...args: string[]) => {
    const { code, stdout, stderr } = await startCli(args, { cwd, env }).ended;
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  };
  const { conversations } = twilio.client;
  const settings = () => conversations.v1.configuration.webhooks().fetch();
  const former = (await settings()).toJSON();

  await pulumi("stack", "init", "dev");
  await pulumi("config", "set", "--secret", "webhookUrl", `${receiver.url}/hook?key=hidden-key`);
  await pulumi("config", "set", "forceDestroy", "true");
  expect(await pulumi("up", "--yes")).toContain("+ 7 created");
  const { phoneNumber, serviceSid, messagingServiceSid } = JSON.parse(await pulumi("stack", "output", "--json"));
  const messagingService = twilio.client.messaging.v1.services(messagingServiceSid);
  expect(await messagingService.phoneNumbers.list()).toMatchObject([{ phoneNumber }]);
  const { changeSummary } = JSON.parse(await pulumi("preview", "--json"));
  expect(changeSummary).toEqual({ same: 7 });
  expect(await readFile(join(workspace.folder, "state/.pulumi/stacks/support-line/dev.json"), "utf8")).not.toContain("hidden-key");

  const text = (body: string) =>
    fetch(`${url}/_emulator/inbound`, { method: "POST", body: JSON.stringify({ from: phone, to: phoneNumber, body }) });
  await text("Where is my order?");
  const [added, message] = await receiver.waitFor(2);
  expect(receiver.events()).toEqual(["onConversationAdded", "onMessageAdded"]);
  expect(message?.parameters).toMatchObject({
    Author: phone,
    Body: "Where is my order?",
    ConversationSid: added?.parameters.ConversationSid,
  });
  expect(message?.isSigned(authToken)).toBe(true);
  await answer(twilio.client, serviceSid, message?.parameters as unknown as MessageAdded);
  const outbox = await fetch(`${url}/_emulator/outbox?to=${encodeURIComponent(phone)}`).then((response) => response.json());
  expect((outbox as { messages: unknown[] }).messages).toMatchObject([{ from: phoneNumber, body: "You wrote: Where is my order?" }]);
  await text("Thanks");
  const there = await conversations.v1.services(serviceSid).conversations.list();
  expect(there).toMatchObject([{ sid: added?.parameters.ConversationSid, messagingServiceSid }]);

  await pulumi("destroy", "--yes");
  expect((await settings()).toJSON()).toEqual(former);
  expect(await conversations.v1.addressConfigurations.list()).toEqual([]);
  const pools = await twilio.client.messaging.v1.services.list();
  expect(pools.map(({ sid }) => sid)).not.toContain(messagingServiceSid);
  expect((await conversations.v1.services.list()).map(({ sid }) => sid)).not.toContain(serviceSid);
  expect(await twilio.client.incomingPhoneNumbers.list()).toMatchObject([{ phoneNumber }]);
});
