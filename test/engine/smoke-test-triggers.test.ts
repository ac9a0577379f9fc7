import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Conversation, ConversationService, ConversationsSmokeTest, ConversationWebhook, Participant, PhoneNumber } from "../../src/index";
import { pathWithCommandPlugin } from "../support/command-plugin";
import type { Outcome } from "../support/engine";
import { expectOk, type Lab, openLab } from "./lab";

vi.setConfig({ testTimeout: 240_000 });

const TOKEN = "c4naryhook07f3a91d";

describe("a smoke test runs again when something that the chat depends on changes", () => {
  let receiver: Server;
  let lab: Lab;
  let status = 200;
  const declared = {
    smsUrl: undefined as string | undefined,
    hookUrl: "",
    hookFilters: ["onMessageAdded"],
    state: undefined as "active" | "inactive" | undefined,
    timers: undefined as { inactive: string } | undefined,
    phone: "+15558675310",
  };
  let args = declared;

  beforeAll(async () => {
    receiver = createServer((_, response) => void response.writeHead(status).end());
    await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
    declared.hookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?token=${TOKEN}`;
    lab = await openLab({ env: { PATH: pathWithCommandPlugin() } });
    lab.stack.program = async () => {
      const number = new PhoneNumber("front-desk", { search: { country: "US", smsEnabled: true }, smsUrl: args.smsUrl });
      const service = new ConversationService("support", { friendlyName: "Support" });
      const hello = new Conversation("hello", { service, state: args.state, timers: args.timers });
      const hook = new ConversationWebhook("hook", {
        conversation: hello,
        webhook: { url: pulumi.secret(args.hookUrl), filters: args.hookFilters as "onMessageAdded"[] },
      });
      const mobile = new Participant("mobile", { conversation: hello, sms: { address: args.phone, proxyAddress: number.phoneNumber } });
      const { hash } = new ConversationsSmokeTest("works", { service, conversations: [hello], resources: [number, hook, mobile] });
      return { hash };
    };
    expectOk(await lab.stack.up());
  });
  afterAll(async () => {
    await lab?.close();
    receiver.closeAllConnections();
    receiver.close();
  });

  const op = ({ steps }: Outcome) => steps.filter(({ type }) => type === "command:local:Command").map((step) => step.op);

  it("and not when nothing changes", async () => {
    expect((await lab.stack.preview()).changes).toEqual({});
  });

  it.each([
    ["the number's webhook", { smsUrl: "https://example.com/sms" }],
    ["the URL of the conversation's webhook", { hookUrl: "https://example.com/hook" }],
    ["the events of the conversation's webhook", { hookFilters: ["onMessageAdded", "onMessageRemoved"] }],
    ["the conversation's state", { state: "inactive" as const }],
    ["the conversation's timers", { timers: { inactive: "PT5M" } }],
    ["a participant's address", { phone: "+15558675311" }],
  ])("%s", async (_, change) => {
    args = { ...declared, ...change };
    const preview = await lab.stack.preview();
    args = declared;
    expectOk(preview);
    expect(op(preview)).toContain("replace");
  });

  it("a webhook whose new URL responds with 502 fails the deployment", async () => {
    status = 502;
    args = { ...declared, hookUrl: `${declared.hookUrl}&version=2` };
    const outcome = await lab.stack.up();
    status = 200;
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toMatch(/FAILED {3}webhooks .*responds with HTTP 502/);
    expectOk(await lab.stack.up());
  });

  it("the trigger shows no secret, and is a secret itself", async () => {
    const command = (await lab.stack.resources()).find(({ type }) => type === "command:local:Command");
    expect(JSON.stringify(command?.inputs.triggers)).toContain("ciphertext");
    expect(JSON.stringify(command)).not.toContain(TOKEN);
  });

  it("a conversation that was closed at Twilio fails the deployment after a refresh", async () => {
    const { support, hello } = await lab.stack.state();
    const sid = `${hello?.id}`.split("/")[1] as string;
    await lab.twilio.client.conversations.v1
      .services(support?.id as string)
      .conversations(sid)
      .update({ state: "closed" });
    expectOk(await lab.stack.refresh());
    const outcome = await lab.stack.up();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toMatch(/FAILED {3}conversations .*is closed/);
  });
});

it("a smoke test that could not check the token passes with a warning", async () => {
  const program = async () => {
    const service = new ConversationService("support", { friendlyName: "Support" });
    return { checks: new ConversationsSmokeTest("works", { service }).checks };
  };
  const lab = await openLab({ env: { PATH: pathWithCommandPlugin() }, program });
  const outcome = await lab.stack.up();
  expectOk(outcome);
  const warnings = outcome.diagnostics.filter(({ severity }) => severity === "warning").map(({ message }) => message);
  expect(warnings.join("\n")).toContain("The smoke test could not check: token.");
  expect((await lab.stack.outputs()).checks).toContainEqual({ name: "token", ok: false, skipped: true, ms: expect.any(Number) });
  await lab.close();
});
