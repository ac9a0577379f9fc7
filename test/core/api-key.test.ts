import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiKey } from "../../src/iam/api-key";
import { startDisturbingProxy } from "../../tools/harness/disturbing-proxy.mts";
import type { Declared } from "../support/mini-engine";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const read = "/twilio/messaging/messages/read";
const list = "/twilio/messaging/messages/list";
const key = (args: object = {}, name = "key"): Declared => ({ name, definition: apiKey, args: { friendlyName: "ci", ...args } });
const restricted = (...allow: string[]) => key({ policy: { allow } });

/** An empty account and an engine. */
async function opened(settings?: Record<string, string>) {
  await twilio.reset();
  return twilio.engine(settings);
}

interface Listed {
  readonly sid: string;
  readonly friendly_name: string;
}

/** The keys of the account, apart from the emulator's own. */
async function keysAtTwilio(): Promise<Listed[]> {
  const { keys } = await twilio.rest("GET", "iam", `/v1/Keys?AccountSid=${twilio.emulator.accountSid}`);
  return (keys as Listed[]).filter(({ sid }) => sid !== twilio.emulator.apiKey);
}
const policyOf = async (sid: string) => (await twilio.rest("GET", "iam", `/v1/Keys/${sid}`)).policy;

/** The status of a request that a key signs in to. */
async function statusOf({ sid, secret }: { sid?: unknown; secret?: unknown }, path = "/conversations.twilio.com/v1/Services") {
  const authorization = `Basic ${Buffer.from(`${sid}:${secret}`).toString("base64")}`;
  return (await fetch(twilio.emulator.url + path, { headers: { authorization } })).status;
}

const create = (form: Record<string, string>) =>
  twilio.rest("POST", "iam", "/v1/Keys", { AccountSid: twilio.emulator.accountSid, ...form });
const policy = (...allow: string[]) => ({ KeyType: "restricted", Policy: JSON.stringify({ allow }) });

describe("the secret of a key", () => {
  it("is an output that signs in, and stays after refreshes and updates", async () => {
    const engine = await opened();
    await engine.up([key()]);
    const { secret } = engine.of("key").outputs;
    expect(await statusOf(engine.of("key").outputs)).toBe(200);
    const expectKept = () => expect(engine.of("key").outputs.secret).toBe(secret);
    expect(await engine.refresh()).toEqual({});
    expectKept();
    await engine.up([key({ friendlyName: "build" })]);
    expectKept();
    await engine.up([key({ friendlyName: "build", onDelete: "retain" })]);
    expectKept();
    await twilio.rest("POST", "iam", `/v1/Keys/${engine.of("key").id}`, { FriendlyName: "by hand" });
    expect(await engine.refresh()).toEqual({ key: "changed" });
    expectKept();
    await engine.up([key({ friendlyName: "build", onDelete: "retain" })]);
    expectKept();
    expect((await keysAtTwilio()).map(({ friendly_name }) => friendly_name)).toEqual(["build"]);
  });

  it("is in no error and no message, also where Twilio repeats it", async () => {
    const engine = await opened();
    await engine.up([restricted(read)]);
    const secret = String(engine.of("key").outputs.secret);
    const failure = await engine.up([restricted(`/twilio/messaging/${secret}/read`)]).catch(String);
    expect(failure).toContain("assertion '/twilio/messaging/***/read' is invalid");
    expect([...twilio.log, failure].join("\n")).not.toContain(secret);
  });

  it("is undefined for a key that is adopted or read, which then sends no more requests", async () => {
    const engine = await opened();
    const { sid } = await create({ FriendlyName: "ci" });
    await engine.up([key({ adopt: "ci" })]);
    expect(engine.of("key").id).toBe(sid);
    expect(engine.of("key").outputs).not.toHaveProperty("secret");
    expect(await engine.get(apiKey, String(sid))).not.toHaveProperty("secret");
    twilio.requests();
    await engine.up([key({ adopt: "ci", onDelete: "delete" })]);
    expect(twilio.requests()).toEqual([]);
    await engine.destroy();
    expect(await keysAtTwilio()).toEqual([]);
  });
});

describe("a create whose response is lost", () => {
  it("leaves no key without a known secret: that one is deleted, which a line says, and another one is created", async () => {
    const engine = await opened();
    const { sid: older } = await create({ FriendlyName: "ci" });
    const { sid: other } = await create({ FriendlyName: "another" });
    await twilio.control("POST", "clock", { advanceSeconds: 60 });
    await twilio.control("POST", "faults", { method: "POST", path: "*/v1/Keys", drop: "after", times: 1 });
    await engine.up([key()]);
    expect(await statusOf(engine.of("key").outputs)).toBe(200);
    expect((await keysAtTwilio()).map(({ sid }) => sid).sort()).toEqual([older, other, engine.of("key").id].sort());
    expect(twilio.log.filter((line) => /^Deleted ApiKey SK\w+, which an interrupted create left/.test(line))).toHaveLength(1);
  });

  it("also of a run that the engine did not survive", async () => {
    const engine = await opened();
    await expect(engine.up([key()], { crashAfterCreating: "key" })).rejects.toThrow("after SK");
    const [lost] = await keysAtTwilio();
    await engine.up([key()]);
    expect(engine.of("key").id).not.toBe(lost?.sid);
    expect((await keysAtTwilio()).map(({ sid }) => sid)).toEqual([engine.of("key").id]);
    expect(await statusOf(engine.of("key").outputs)).toBe(200);
  });

  it("every time, is an error that leaves no key", async () => {
    const engine = await opened();
    await twilio.control("POST", "faults", { method: "POST", path: "*/v1/Keys", drop: "after" });
    await expect(engine.up([key()])).rejects.toThrow(/Cannot create ApiKey/);
    await twilio.control("DELETE", "faults");
    expect(await keysAtTwilio()).toEqual([]);
  });
});

it.each([{}, { policy: { allow: [read] } }])("a create that arrives twice is reported: %j", async (args) => {
  const proxy = await startDisturbingProxy(twilio.emulator.url);
  try {
    const engine = await opened({ "twilio:baseUrl": proxy.url });
    proxy.disturbance = async ({ method }, send) => {
      const first = await send();
      if (method === "POST") await send();
      return first;
    };
    await engine.up([key(args)]);
    const { id } = engine.of("key");
    const other = (await keysAtTwilio()).find(({ sid }) => sid !== id)?.sid;
    expect(twilio.log.join("\n")).toContain(`another ApiKey with the same values, ${other}, created at the same time as ${id}`);
  } finally {
    await proxy.close();
  }
});

describe("a restricted key", () => {
  it("may do what its policy allows, and a change sends the whole policy in one update", async () => {
    const engine = await opened();
    await engine.up([restricted(read)]);
    const { id, outputs } = engine.of("key");
    const messages = `/api.twilio.com${twilio.accountPath()}/Messages.json`;
    expect(await statusOf(outputs, messages)).toBe(401);
    await engine.preview([restricted(list, read)]);
    expect(twilio.log).toContain(`Permissions of ApiKey ${id} gained: ${list}.`);
    twilio.requests();
    await engine.up([restricted(list, read)]);
    const [write, ...more] = twilio.requests().filter(({ method }) => method !== "get");
    expect(more).toEqual([]);
    expect([...(write?.form ?? [])]).toEqual([["Policy", JSON.stringify({ allow: [list, read] })]]);
    expect(await statusOf(outputs, messages)).toBe(200);
    expect(await policyOf(id)).toEqual({ allow: [list, read] });
    await engine.preview([restricted(list)]);
    expect(twilio.log).toContain(`Permissions of ApiKey ${id} lost: ${read}.`);
  });

  it("compares permissions without their order, and all actions of a resource with `*`", async () => {
    const engine = await opened();
    const all = ["update", "read", "list", "delete", "create"].map((action) => `/twilio/messaging/messages/${action}`);
    const some = ["read", "list", "create", "delete"].map((action) => `/twilio/messaging/services.phonenumbers/${action}`);
    await engine.up([restricted(...all, ...some)]);
    expect(await policyOf(engine.of("key").id)).toEqual({
      allow: ["/twilio/messaging/messages/*", "/twilio/messaging/services.phonenumbers/*"],
    });
    expect(await engine.refresh()).toEqual({});
    twilio.requests();
    expect(await engine.up([restricted(...some.toReversed(), "/twilio/messaging/messages/*")])).toEqual({ key: "same" });
    expect(await engine.refresh()).toEqual({});
    expect(twilio.writes()).toEqual([]);
    // Fewer than all are not all.
    await engine.up([restricted(...all.slice(1), ...some)]);
    expect(twilio.writes()).toHaveLength(1);
  });

  it("shows a policy that somebody changed", async () => {
    const engine = await opened();
    await engine.up([restricted(read)]);
    const { id } = engine.of("key");
    await twilio.rest("POST", "iam", `/v1/Keys/${id}`, { Policy: policy("/twilio/messaging/messages/*").Policy });
    expect(await engine.refresh()).toEqual({ key: "changed" });
    await engine.up([restricted(read)]);
    expect(await policyOf(id)).toEqual({ allow: [read] });
  });

  it("is another key than a standard one: a switch replaces", async () => {
    const engine = await opened();
    await engine.up([key()]);
    expect(await engine.up([restricted(read)])).toEqual({ key: "replace" });
    expect(await policyOf(engine.of("key").id)).toEqual({ allow: [read] });
    expect(await engine.up([key()])).toEqual({ key: "replace" });
    expect(await policyOf(engine.of("key").id)).toBeNull();
    expect(await keysAtTwilio()).toHaveLength(1);
  });

  it("cannot be adopted as a standard one, nor a standard one as restricted", async () => {
    const engine = await opened();
    await create({ FriendlyName: "standard" });
    await create({ FriendlyName: "restricted", ...policy(read) });
    await expect(engine.up([key({ adopt: "standard", policy: { allow: [read] } })])).rejects.toThrow(
      /its policy\.allow is not set, and Twilio cannot change that/,
    );
    await expect(engine.up([key({ adopt: "restricted" })])).rejects.toThrow(
      /its policy\.allow is \["\/twilio\/messaging\/messages\/read"\]/,
    );
    await engine.up([key({ adopt: "restricted", policy: { allow: [list] } })]);
    expect(await policyOf(engine.of("key").id)).toEqual({ allow: [list] });
  });

  it.each(["messaging/messages/read", "/twilio/messaging/messages", "/twilio/messages/read", "/twilio/messaging/messages/write", "*", 7])(
    "refuses %j with the form, in the preview",
    async (permission) => {
      const engine = await opened();
      await expect(engine.preview([restricted(permission as string)])).rejects.toThrow(
        "policy.allow must be /twilio/{product}/{resource}/{read|list|create|update|delete|*}, like /twilio/messaging/messages/read; received",
      );
    },
  );

  it("accepts a permission that this package does not know, and names the one that Twilio does not know", async () => {
    const engine = await opened();
    await engine.up([restricted("/twilio/conversations/messages/read")]);
    await expect(engine.up([restricted("/twilio/messaging/faxes/read")])).rejects.toThrow(
      /assertion '\/twilio\/messaging\/faxes\/read' is invalid[\s\S]*Twilio knows no such permission/,
    );
  });

  it("needs permissions", async () => {
    const engine = await opened();
    await expect(engine.preview([key({ policy: {} })])).rejects.toThrow("policy.allow is missing");
    await expect(engine.preview([restricted()])).rejects.toThrow("policy.allow must not be empty");
  });

  it.each(["/twilio/iam/api-keys/create", "/twilio/iam/api-keys/*"])("that gains %s causes a warning once", async (permission) => {
    const engine = await opened();
    await engine.up([restricted("/twilio/iam/api-keys/read")]);
    expect(twilio.log.filter((line) => line.includes("can create a standard key"))).toEqual([]);
    await engine.preview([restricted(permission)]);
    expect(twilio.log.filter((line) => line.includes(`contains ${permission}: with it, the key can create a standard key`))).toHaveLength(
      1,
    );
    await engine.up([restricted(permission)]);
    const { length } = twilio.log;
    await engine.up([restricted(permission)]);
    expect(twilio.log.slice(length).filter((line) => line.includes("can create a standard key"))).toEqual([]);
  });
});

describe("rotation", () => {
  it("creates the new key first, and sends nothing about it", async () => {
    const engine = await opened();
    await engine.up([key({ rotate: "2026-01" })]);
    const { id: old } = engine.of("key");
    twilio.requests();
    expect(await engine.up([key({ rotate: "2026-02" })])).toEqual({ key: "replace" });
    const { id, outputs } = engine.of("key");
    expect(twilio.writes()).toEqual(["post /v1/Keys", `delete /v1/Keys/${old}`]);
    expect(id).not.toBe(old);
    expect(await statusOf(outputs)).toBe(200);
    expect(await engine.up([key({ rotate: "2026-02" })])).toEqual({ key: "same" });
  });
});
