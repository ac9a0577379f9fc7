import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { Conversation, ConversationService, TwilioProvider } from "../../src/index";
import type { Account, Outcome } from "../support/engine";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import { type EmulatorClient, emulatorClient, fetchOrUndefined } from "./twilio";

let emulator: Emulator;
let main: EmulatorClient;
let sub: Account;

beforeAll(async () => {
  emulator = await startEmulator();
  main = emulatorClient(emulator);
  const { sid, auth_token } = await main.rest<{ sid: string; auth_token: string }>("api.twilio.com/2010-04-01/Accounts.json", {
    FriendlyName: "Sub",
  });
  sub = { url: emulator.url, accountSid: sid, authToken: auth_token };
});
afterAll(() => emulator.close());

/** The messages of an operation about its backend and account. */
const accountMessages = ({ diagnostics }: Outcome) =>
  diagnostics.map(({ message }) => message).filter((message) => message.startsWith("Twilio: "));
const service = async () => void new ConversationService("support", { friendlyName: "Support" });

describe("the account of a stack", () => {
  it("is remembered: preview, up, refresh and destroy refuse another account and change nothing", async () => {
    const lab = await openLab({ twilio: main, program: service });
    try {
      expectOk(await lab.stack.up());
      const { support } = await lab.stack.state();
      await lab.stack.stack.setAllConfig({
        "twilio:accountSid": { value: sub.accountSid },
        "twilio:authToken": { value: sub.authToken, secret: true },
      });
      await main.forgetCalls();
      for (const operation of ["preview", "up", "refresh", "destroy"] as const) {
        const outcome = await lab.stack[operation]();
        expect(outcome.ok, operation).toBe(false);
        expect(outcome.text).toContain(
          `ConversationService ${support?.id} belongs to account ${main.accountSid}, but the credentials are those of account ${sub.accountSid}. Nothing was changed.`,
        );
      }
      expect(await main.writes()).toEqual([]);
      await lab.stack.stack.setAllConfig({
        "twilio:accountSid": { value: main.accountSid },
        "twilio:authToken": { value: main.authToken, secret: true },
      });
      expectNothing(await lab.stack.up());
      expectOk(await lab.stack.destroy());
    } finally {
      await lab.close();
    }
  });

  it("is verified before anything is created, even if new resources come first and no preview runs", async () => {
    const lab = await openLab({ twilio: main, program: service });
    const subaccount = emulatorClient(sub);
    const services = async () => (await subaccount.client.conversations.v1.services.list()).length;
    try {
      expectOk(await lab.stack.up());
      const before = await services();
      lab.stack.program = async () => {
        for (const name of ["one", "two", "three"]) new ConversationService(name, { friendlyName: name });
        await service();
      };
      await lab.stack.stack.setAllConfig({
        "twilio:accountSid": { value: sub.accountSid },
        "twilio:authToken": { value: sub.authToken, secret: true },
      });
      await main.forgetCalls();
      // The Automation API runs `up` without a preview.
      const outcome = await lab.stack.up();
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toContain(`belongs to account ${main.accountSid}, but the credentials are those of account ${sub.accountSid}`);
      expect(await main.writes()).toEqual([]);
      expect(await services()).toBe(before);
      await lab.stack.stack.setAllConfig({
        "twilio:accountSid": { value: main.accountSid },
        "twilio:authToken": { value: main.authToken, secret: true },
      });
      expect((await lab.stack.up()).changes).toEqual({ one: "create", two: "create", three: "create" });
      expectOk(await lab.stack.destroy());
    } finally {
      await lab.close();
    }
  });
});

describe("credentials", () => {
  const preview = async (env: Record<string, string>, config: Record<string, string> = {}) => {
    const lab = await openLab({ twilio: main, login: false, program: service, env, config });
    try {
      return await lab.stack.preview();
    } finally {
      await lab.close();
    }
  };
  const none = { TWILIO_ACCOUNT_SID: "", TWILIO_AUTH_TOKEN: "", TWILIO_API_KEY: "", TWILIO_API_SECRET: "", TWILIO_PROFILE: "" };

  it("from the environment are used, and one message names the source", async () => {
    const { accountSid, apiKey, apiSecret } = emulator;
    const outcome = await preview({ ...none, TWILIO_ACCOUNT_SID: accountSid, TWILIO_API_KEY: apiKey, TWILIO_API_SECRET: apiSecret });
    expectOk(outcome);
    expect(accountMessages(outcome)).toEqual([`Twilio: ${emulator.url}, account ${accountSid}, credentials from the environment`]);
  });

  it("that are missing fail the preview, which lists all sources", async () => {
    const outcome = await preview(none);
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("no Twilio credentials found. Set one of:");
    expect(outcome.text).toContain("pulumi config set twilio:backend emulator");
  });

  it("that are incomplete fail the preview, which names the missing part", async () => {
    const outcome = await preview({ ...none, TWILIO_ACCOUNT_SID: emulator.accountSid, TWILIO_API_KEY: emulator.apiKey });
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("incomplete credentials in the environment: TWILIO_API_SECRET is missing.");
  });

  it("from a profile of the Twilio CLI are used if the stack names the profile", async () => {
    const lab = await openLab({ twilio: main, login: false, program: service, env: none, config: { "twilio:profile": "local" } });
    try {
      const home = join(lab.stack.folder, "profiles");
      await mkdir(join(home, ".twilio-cli"), { recursive: true });
      const { accountSid, apiKey, apiSecret } = emulator;
      await writeFile(join(home, ".twilio-cli", "config.json"), JSON.stringify({ profiles: { local: { accountSid, apiKey, apiSecret } } }));
      Object.assign(lab.stack.stack.workspace.envVars, { HOME: home });
      const outcome = await lab.stack.up();
      expectOk(outcome);
      expect(accountMessages(outcome)).toEqual([
        `Twilio: ${emulator.url}, account ${accountSid}, credentials from the profile "local" of the Twilio CLI`,
      ]);
      expectOk(await lab.stack.destroy());
    } finally {
      await lab.close();
    }
  });

  it("that are wrong fail with their account and source, without the secret", async () => {
    const lab = await openLab({ twilio: { ...main, authToken: "f".repeat(32) }, program: service });
    try {
      const outcome = await lab.stack.up();
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toContain("Twilio error 20003, HTTP 401");
      expect(outcome.text).toContain(`the credentials are for account ${main.accountSid}, from the stack's configuration`);
      expect(outcome.events + outcome.text).not.toContain("f".repeat(32));
    } finally {
      await lab.close();
    }
  });
});

describe("a second account in one program", () => {
  let lab: Lab;
  let friendlyName = "Of the subaccount";
  beforeAll(async () => {
    lab = await openLab({
      twilio: main,
      program: async () => {
        const provider = new TwilioProvider("sub", { accountSid: sub.accountSid, authToken: sub.authToken });
        new ConversationService("own", { friendlyName: "Of the main account" });
        const other = new ConversationService("other", { friendlyName: "Of the subaccount" }, { provider });
        new Conversation("inside", { service: other, friendlyName }, { provider });
      },
    });
  });
  afterAll(() => lab.close());

  const inSub = async () => (await emulatorClient(sub).client.conversations.v1.services.list()).map(({ friendlyName }) => friendlyName);
  const inMain = async () => (await main.client.conversations.v1.services.list()).map(({ friendlyName }) => friendlyName);

  it("is used by resources with its provider, and one message names each account", async () => {
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(accountMessages(outcome).sort()).toEqual(
      [
        `Twilio: ${emulator.url}, account ${main.accountSid}, credentials from the stack's configuration`,
        `Twilio: ${emulator.url}, account ${sub.accountSid}, credentials from the provider "sub"`,
      ].sort(),
    );
    expect(await inSub()).toEqual(expect.arrayContaining(["Of the subaccount"]));
    expect(await inMain()).not.toContain("Of the subaccount");
    const state = await lab.stack.state();
    expect([state.own?.outputs.accountSid, state.other?.outputs.accountSid]).toEqual([main.accountSid, sub.accountSid]);
  });

  it("keeps its credentials encrypted in the state", async () => {
    const { sub: provider } = await lab.stack.state();
    for (const side of [provider?.inputs, provider?.outputs]) {
      expect(side?.["twilio:accountSid"]).toBe(sub.accountSid);
      expect(side?.["twilio:authToken"]).toHaveProperty("ciphertext");
    }
    expect(JSON.stringify(await lab.stack.state())).not.toContain(sub.authToken);
  });

  it("changes nothing the second time, updates in place, and is empty after destroy", async () => {
    expectNothing(await lab.stack.up());
    friendlyName = "Renamed";
    const updated = await lab.stack.up();
    expectOk(updated);
    expect(updated.changes).toEqual({ inside: "update" });
    const { inside, other } = await lab.stack.state();
    expectOk(await lab.stack.destroy());
    expect(await fetchOrUndefined(emulatorClient(sub).client.conversations.v1.services(String(other?.id)).fetch())).toBeUndefined();
    expect(inside?.id.startsWith(String(other?.id))).toBe(true);
    expect(await inSub()).toEqual(["Default Conversations Service"]);
  });
});
