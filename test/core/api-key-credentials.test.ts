import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiKey } from "../../src/iam/api-key";
import type { Declared } from "../support/mini-engine";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const key = (args: object = {}, name = "key"): Declared => ({ name, definition: apiKey, args: { friendlyName: "ci", ...args } });
const create = (form: Record<string, string>) =>
  twilio.rest("POST", "iam", "/v1/Keys", { AccountSid: twilio.emulator.accountSid, ...form });
const policy = (...allow: string[]) => ({ KeyType: "restricted", Policy: JSON.stringify({ allow }) });

/** The SIDs of the account's keys, apart from the emulator's own. */
async function keysAtTwilio(): Promise<string[]> {
  const { keys } = await twilio.rest("GET", "iam", `/v1/Keys?AccountSid=${twilio.emulator.accountSid}`);
  return (keys as { sid: string }[]).map(({ sid }) => sid).filter((sid) => sid !== twilio.emulator.apiKey);
}

describe("the credentials of the run", () => {
  /** Signs in with a key. */
  const signingIn = async (form: Record<string, string>) => {
    await twilio.reset();
    const { sid, secret } = await create({ FriendlyName: "own", ...form });
    return {
      sid: String(sid),
      engine: twilio.engine({ "twilio:authToken": "", "twilio:apiKey": String(sid), "twilio:apiSecret": String(secret) }),
    };
  };

  it("that are a standard key manage no keys, and the error says what does", async () => {
    const { engine } = await signingIn({});
    await expect(engine.up([key()])).rejects.toThrow(
      /Twilio error 20003[\s\S]*keys are managed with the account's auth token, with a main API key, or with a restricted one[\s\S]*A standard API key cannot/,
    );
  });

  it("that are a restricted key without the permission are told which one is missing", async () => {
    const { engine } = await signingIn(policy("/twilio/iam/api-keys/read", "/twilio/iam/api-keys/list"));
    await expect(engine.up([key()])).rejects.toThrow(
      /required permission twilio\/iam\/api-keys\/create is missing[\s\S]*add this permission/,
    );
  });

  it("are a key that is neither deleted nor replaced; another key is", async () => {
    const { sid, engine } = await signingIn(policy("/twilio/iam/api-keys/*"));
    const own = (args: object = {}) =>
      key({ friendlyName: "own", policy: { allow: ["/twilio/iam/api-keys/*"] }, adopt: sid, onDelete: "delete", ...args });
    await engine.up([own(), key({}, "other")]);
    await engine.up([own()]);
    expect(await keysAtTwilio()).toEqual([sid]);
    await expect(engine.preview([own({ rotate: "now" })])).rejects.toThrow(/is the key with which the provider signs in/);
    await expect(engine.up([])).rejects.toThrow(/is the key with which the provider signs in[\s\S]*Nothing was deleted/);
    expect(await keysAtTwilio()).toEqual([sid]);
    await engine.up([own({ onDelete: "retain" })]);
    await engine.up([]);
    expect(await keysAtTwilio()).toEqual([sid]);
  });
});
