import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { Conversation, ConversationService, ConversationsSmokeTest, Participant, PhoneNumber } from "../../src/index";
import { pathWithCommandPlugin } from "../support/command-plugin";
import type { Outcome } from "../support/engine";
import { type LeakingProxy, startLeakingProxy } from "../support/leaking-proxy";
import { expectOk, type Lab, openLab } from "./lab";

const MOBILE = "+15558675310";
const middle = "c4nary0smoke07f3a91d27f3a91d2";
/** A secret that every encoding writes differently: URL, form, JSON and shell. Its middle part identifies it. */
const secretValue = `/+"%&= '\\${middle}\\' =&%"+/`;

describe("ConversationsSmokeTest on the real engine", () => {
  let emulator: Emulator;
  let twilio: LeakingProxy;
  let lab: Lab;
  let room = "hello";

  beforeAll(async () => {
    emulator = await startEmulator();
    twilio = await startLeakingProxy(emulator);
    lab = await openLab({
      twilio: emulator,
      login: false,
      env: { PATH: pathWithCommandPlugin() },
      config: { "twilio:baseUrl": twilio.url, "twilio:accountSid": emulator.accountSid, "twilio:apiKey": emulator.apiKey },
    });
    await lab.stack.stack.setAllConfig({ "twilio:apiSecret": { value: secretValue, secret: true } });
    lab.stack.program = async () => {
      const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true } });
      const service = new ConversationService("support", { friendlyName: "Support" });
      const hello = new Conversation(room, { service, forceDestroy: true });
      const mobile = new Participant("mobile", { conversation: hello, sms: { address: MOBILE, proxyAddress: number.phoneNumber } });
      const { checks, hash } = new ConversationsSmokeTest("works", { service, conversations: [hello], resources: [number, mobile] });
      return { checks, hash };
    };
  });
  afterEach(() => lab.twilio.forgetFaults());
  afterAll(async () => {
    await lab.close();
    await twilio.close();
    await emulator.close();
  });

  /** Counts the messages since the previous call: each verification sends one. */
  async function verifications(): Promise<number> {
    const sent = (await lab.twilio.writes()).filter(({ method, path }) => method === "POST" && path.endsWith("/Messages"));
    await lab.twilio.forgetCalls();
    return sent.reduce((total, { count }) => total + count, 0);
  }
  const op = ({ steps }: Outcome) => steps.filter(({ type }) => type === "command:local:Command").map((step) => step.op);

  async function expectNoCanary({ text, events }: Outcome): Promise<void> {
    const folders = [lab.stack.folder, lab.stack.stack.workspace.workDir];
    const entries = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })));
    const files = entries.flat().filter((entry) => entry.isFile());
    const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1")));
    const encoded = [0, 1, 2].map((before) =>
      Buffer.from(" ".repeat(before) + middle)
        .toString("base64")
        .slice(4, -4),
    );
    for (const trace of [middle, ...encoded]) {
      for (const where of [text, events, ...texts]) {
        const at = where.indexOf(trace);
        expect(at < 0 ? "" : where.slice(Math.max(0, at - 300), at + 60)).toBe("");
      }
    }
  }

  it("does not run in a preview", async () => {
    const preview = await lab.stack.preview({ debug: true });
    expectOk(preview);
    expect(op(preview)).toEqual(["create"]);
    expect(await verifications()).toBe(0);
    await expectNoCanary(preview);
  });

  it("fails the deployment with the reason if the chat does not work", async () => {
    await lab.twilio.fault({ method: "POST", path: "*/Messages", status: 500 });
    const outcome = await lab.stack.up({ debug: true });
    expect(outcome.ok).toBe(false);
    const said = outcome.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    expect(said.join("\n")).toContain("The chat does not work.");
    expect(said.join("\n")).toMatch(/FAILED {3}message .*Cannot send a message .*Internal Server Error/);
    expect(await verifications()).toBe(1);
    expect((await lab.stack.state()).works?.type).not.toBe("command:local:Command");
    await expectNoCanary(outcome);
  });

  it("passes if the chat works, stores names and results only, and sends no SMS", async () => {
    const outcome = await lab.stack.up({ debug: true });
    expectOk(outcome);
    expect(outcome.changes).toEqual({ works: "create" });
    expect(await verifications()).toBe(1);
    await expectNoCanary(outcome);
    const { checks, hash } = await lab.stack.outputs();
    expect(checks).toEqual(["message", "token", "conversations", "webhooks"].map((name) => ({ name, ok: true, ms: expect.any(Number) })));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const command = (await lab.stack.resources()).find(({ type }) => type === "command:local:Command");
    for (const secret of [command?.inputs.environment, command?.outputs.environment, command?.outputs.stdout, command?.outputs.stderr]) {
      expect(JSON.stringify(secret)).toContain("ciphertext");
    }
    expect((await lab.twilio.client.messages.list({ to: MOBILE })).length).toBe(0);
  });

  it("leaves no conversation and no user behind", async () => {
    const { support } = await lab.stack.state();
    const service = lab.twilio.client.conversations.v1.services(support?.id as string);
    expect((await service.conversations.list()).map(({ uniqueName }) => uniqueName)).toEqual([expect.stringMatching(/^hello~/)]);
    expect(await service.users.list()).toEqual([]);
  });

  it("does not run again if nothing changed", async () => {
    const preview = await lab.stack.preview();
    expect(preview.changes).toEqual({});
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(outcome.changes).toEqual({});
    expect(await verifications()).toBe(0);
  });

  it("runs again after a SID changed, as the preview shows", async () => {
    const { hash } = await lab.stack.outputs();
    room = "hello-again";
    expect(op(await lab.stack.preview())).toContain("replace");
    await lab.twilio.forgetCalls();
    const outcome = await lab.stack.up({ debug: true });
    expectOk(outcome);
    expect(outcome.changes.works).toBe("replace");
    expect(await verifications()).toBe(1);
    expect((await lab.stack.outputs()).hash).not.toBe(hash);
    await expectNoCanary(outcome);
  });

  it("does not run in a destroy", async () => {
    const outcome = await lab.stack.destroy({ debug: true });
    expectOk(outcome);
    expect(await verifications()).toBe(0);
    await expectNoCanary(outcome);
  });
});

describe("without the command plugin", () => {
  it("the package does not load @pulumi/command", () => {
    const text =
      'require("pulumi-twilio-conversations"); console.log(Object.keys(require.cache).filter((file) => /@pulumi.command/.test(file)).length)';
    expect(execFileSync(process.execPath, ["-e", text], { encoding: "utf8" })).toBe("0\n");
  });

  it("a program without a smoke test previews without mentioning the plugin", async () => {
    const lab = await openLab({ program: async () => void new ConversationService("support", { friendlyName: "Support" }) });
    const preview = await lab.stack.preview();
    expectOk(preview);
    expect(preview.text).not.toMatch(/command|plugin/);
    await lab.close();
  });
});

describe("on the embedded emulator", () => {
  it("verifies the chat on the emulator that the deployment started", async () => {
    const stateDir = await mkdtemp(join(tmpdir(), "twilio-embedded-"));
    const lab = await openLab({
      login: false,
      env: { PATH: pathWithCommandPlugin() },
      config: { "twilio:backend": "emulator", "twilio:stateDir": stateDir },
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        return { checks: new ConversationsSmokeTest("works", { service }).checks };
      },
    });
    expectOk(await lab.stack.up());
    const names = ["message", "token", "webhooks"];
    expect((await lab.stack.outputs()).checks).toEqual(names.map((name) => ({ name, ok: true, ms: expect.any(Number) })));
    await lab.close();
    await rm(stateDir, { recursive: true });
  });
});
