import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { Conversation, ConversationService, Participant, PhoneNumber } from "../../src/index";
import { expectOk, type Lab, openLab } from "./conformance";

describe("the auth token", () => {
  let emulator: Emulator;
  let lab: Lab;
  let canaries: string[];
  let proxyAddress: string | undefined;
  /** Everything that was shown, event by event. */
  let shown = "";

  beforeAll(async () => {
    emulator = await startEmulator({ seed: "canary" });
    const { accountSid, authToken } = emulator;
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    canaries = [authToken, base64(authToken), base64(`${accountSid}:${authToken}`)];
    lab = await openLab({
      twilio: emulator,
      program: async () => {
        const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true } });
        const service = new ConversationService("support", { friendlyName: "Support" });
        const hello = new Conversation("hello", { service });
        const sms = { address: "+15558675310", proxyAddress: proxyAddress ?? number.phoneNumber };
        new Participant("mobile", { conversation: hello, sms });
      },
    });
  });
  afterAll(async () => {
    await lab.close();
    await emulator.close();
  });

  async function run(operation: "preview" | "up" | "refresh" | "destroy"): Promise<boolean> {
    const { ok, text, events } = await lab.stack[operation]();
    shown += text + events;
    return ok;
  }

  it("is nowhere in what a run shows, whether it succeeds or fails", async () => {
    expect(await run("preview")).toBe(true);
    // A number that is not the account's: Twilio refuses.
    proxyAddress = "+15005550006";
    expect(await run("up")).toBe(false);
    proxyAddress = undefined;
    // No answer at all: the error of the HTTP client holds the request with its headers.
    await lab.twilio.fault({ method: "POST", path: "*/Participants", drop: "before" });
    expect(await run("up")).toBe(false);
    await lab.twilio.forgetFaults();
    expect(await run("up")).toBe(true);
    expect(await run("refresh")).toBe(true);
    await lab.twilio.fault({ method: "DELETE", path: "*/Participants/*", status: 400, body: "html" });
    expect(await run("destroy")).toBe(false);
    await lab.twilio.forgetFaults();
    expect(shown).toContain("front-desk");
    for (const canary of canaries) expect(shown).not.toContain(canary);
  });

  it("is nowhere in state, history, notes and configuration, but as ciphertext", async () => {
    const { default: provider } = await lab.stack.state();
    expect(provider?.inputs["twilio:authToken"]).toHaveProperty("ciphertext");
    for (const folder of [lab.stack.folder, lab.stack.stack.workspace.workDir]) {
      const names = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        const text = await readFile(file, "utf8");
        for (const canary of canaries) expect(text.includes(canary), file).toBe(false);
      }
    }
    expectOk(await lab.stack.destroy());
  });
});
