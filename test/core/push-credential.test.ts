import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushCredential } from "../../src/conversations/push-credential";
import { responseChecks } from "../../src/core/lifecycle/response-check";
import { type Declared, unknown } from "../support/mini-engine";
import { certificate, privateKey, serviceAccount } from "../support/push-secrets";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const credential = (args: object, name = "push"): Declared => ({
  name,
  definition: pushCredential,
  args: { friendlyName: "Android", ...args },
});
const android = (canary: string, args: object = {}, name?: string) =>
  credential({ fcm: { secret: serviceAccount(canary) }, ...args }, name);
const ios = (canary: string, sandbox?: boolean) =>
  credential({ apn: { certificate: certificate(canary), privateKey: privateKey(canary), ...(sandbox === undefined ? {} : { sandbox }) } });

async function opened() {
  await twilio.reset();
  return twilio.engine();
}

type Engine = Awaited<ReturnType<typeof opened>>;

/** The forms of the writes since the previous call, without a `Type` in small letters. */
const sent = () =>
  twilio
    .requests()
    .flatMap(({ method, form }) => (method === "get" ? [] : [Object.fromEntries(form as unknown as Iterable<[string, string]>)]));
const live = (engine: Engine) => twilio.rest("GET", "conversations", `/v1/Credentials/${engine.of("push").id}`);
const byHand = (engine: Engine, form: Record<string, string>) =>
  twilio.rest("POST", "conversations", `/v1/Credentials/${engine.of("push").id}`, form);
const digest = /^sha256:[\w-]{16}:[\w-]{43}$/;

describe("the secrets of a push credential", () => {
  it("reach Twilio, and the state has digests alone", async () => {
    const engine = await opened();
    expect(await engine.up([android("c4nary")])).toEqual({ push: "create" });
    expect(sent()).toEqual([{ FriendlyName: "Android", Type: "fcm", Secret: serviceAccount("c4nary") }]);
    const { inputs, outputs } = engine.of("push");
    expect(inputs.fcm).toEqual({ secret: expect.stringMatching(digest) });
    expect(outputs.fcm).toEqual(inputs.fcm);
    expect(JSON.stringify(engine.state)).not.toContain("c4nary");
    expect(twilio.log.join("\n")).not.toContain("c4nary");
  });

  it("are sent again when one changes, and only then", async () => {
    const engine = await opened();
    await engine.up([ios("one")]);
    sent();
    expect(await engine.up([ios("one")])).toEqual({ push: "same" });
    expect(await engine.refresh()).toEqual({});
    expect(await engine.up([ios("one", true)])).toEqual({ push: "update" });
    expect(sent()).toEqual([{ Sandbox: "true" }]);
    expect(await engine.preview([ios("two", true)])).toEqual({ push: "update" });
    expect(await engine.up([ios("two", true)])).toEqual({ push: "update" });
    expect(sent()).toEqual([{ Certificate: certificate("two"), PrivateKey: privateKey("two") }]);
    expect(await engine.up([ios("two", true)])).toEqual({ push: "same" });
    expect(JSON.stringify(engine.state)).not.toContain(certificate("two"));
  });

  it("have a salt of their own in each resource, which stays in the resource", async () => {
    const engine = await opened();
    const program = [android("same"), android("same", {}, "other")];
    await engine.up(program);
    const secretOf = (name: string) => (engine.of(name).inputs.fcm as { secret: string }).secret;
    const before = secretOf("push");
    expect(before).not.toBe(secretOf("other"));
    await engine.up([android("changed"), program[1] as Declared]);
    expect(secretOf("push").split(":")[1]).toBe(before.split(":")[1]);
    expect(secretOf("push")).not.toBe(before);
  });

  it("are known to be unknown in a preview", async () => {
    const engine = await opened();
    expect(await engine.preview([credential({ fcm: { secret: unknown } })])).toEqual({ push: "create" });
    expect(await engine.preview([credential({ fcm: unknown })])).toEqual({ push: "create" });
  });

  it("stay as they are where the program ignores changes, and cannot be sent then", async () => {
    const engine = await opened();
    await engine.up([android("first")]);
    const kept = engine.of("push").inputs.fcm as object;
    sent();
    expect(await engine.up([credential({ friendlyName: "Renamed", fcm: kept })])).toEqual({ push: "update" });
    expect(sent()).toEqual([{ FriendlyName: "Renamed" }]);
  });

  it("are not taken for digests where the program passes one that is not in the state", async () => {
    const engine = await opened();
    await engine.up([android("first")]);
    const { secret } = engine.of("push").inputs.fcm as { secret: string };
    const changed = `${secret.slice(0, -4)}AAAA`;
    await expect(engine.up([credential({ fcm: { secret: changed } })])).rejects.toThrow("fcm.secret must be the text of the JSON file");
  });

  it("are sent when a credential is adopted, and left when the program declares none", async () => {
    const engine = await opened();
    const { sid } = await twilio.rest("POST", "conversations", "/v1/Credentials", { Type: "fcm", FriendlyName: "Android", Secret: "{}" });
    expect(await engine.up([credential({ adopt: sid, fcm: {} })])).toEqual({ push: "create" });
    expect(sent()).toEqual([]);
    expect(await engine.refresh()).toEqual({});
    expect(await engine.up([credential({ adopt: sid, friendlyName: "Renamed", fcm: {} })])).toEqual({ push: "update" });
    expect(sent()).toEqual([{ FriendlyName: "Renamed" }]);
    expect(await engine.up([android("mine", { adopt: sid })])).toEqual({ push: "update" });
    expect(sent()).toEqual([{ FriendlyName: "Android", Secret: serviceAccount("mine") }]);
    const other = await opened();
    const again = await twilio.rest("POST", "conversations", "/v1/Credentials", { Type: "fcm", FriendlyName: "Android", Secret: "{}" });
    await other.up([android("theirs", { adopt: again.sid })]);
    expect(sent()).toEqual([{ Secret: serviceAccount("theirs") }]);
    expect(await other.up([android("theirs", { adopt: again.sid })])).toEqual({ push: "same" });
  });

  it("are sent by the next update where the adoption failed halfway", async () => {
    const engine = await opened();
    const { sid } = await twilio.rest("POST", "conversations", "/v1/Credentials", { Type: "fcm", FriendlyName: "Android", Secret: "{}" });
    await twilio.control("POST", "faults", { method: "POST", status: 400, code: 20001, times: 1 });
    await expect(engine.up([android("mine", { adopt: sid })])).rejects.toThrow("is not yet as declared");
    sent();
    expect(await engine.up([android("mine", { adopt: sid })])).toEqual({ push: "update" });
    expect(sent()).toEqual([{ Secret: serviceAccount("mine") }]);
  });

  const account = JSON.parse(serviceAccount("c4nary"));
  it.each<[string, object, string]>([
    ["no JSON", { fcm: { secret: "AAAAc4nary" } }, "fcm.secret must be the text of the JSON file"],
    ["the configuration of an application", { fcm: { secret: '{"project_info":"c4nary"}' } }, '`type` must be "service_account"'],
    ["an account without a key", { fcm: { secret: JSON.stringify({ ...account, private_key: "" }) } }, "it has no `private_key`"],
    ["a key that is none", { fcm: { secret: JSON.stringify({ ...account, private_key: "c4nary" }) } }, "its `private_key` is none"],
    [
      "a key for a certificate",
      { apn: { certificate: privateKey("c4nary"), privateKey: privateKey("c4nary") } },
      "apn.certificate must be one",
    ],
    [
      "a key with a passphrase",
      { apn: { certificate: certificate("c4nary"), privateKey: privateKey("c4nary", "ENCRYPTED PRIVATE KEY") } },
      "without a passphrase",
    ],
    ["no secret", { fcm: {} }, "fcm.secret is missing"],
    ["half of the secrets", { apn: { certificate: certificate("c4nary") } }, "apn.privateKey is missing"],
    ["both services", { apn: {}, fcm: {} }, "must not be declared together"],
  ])("are refused in a preview and not shown: %s", async (_what, args, reason) => {
    const engine = await opened();
    const failure = await engine.preview([credential(args)]).catch((error: Error) => error.message);
    expect(failure).toContain(reason);
    expect(failure).not.toContain("c4nary");
    expect(sent()).toEqual([]);
  });
});

describe("the type of a push credential", () => {
  it("switches in place, with all that the new type needs", async () => {
    const engine = await opened();
    await engine.up([android("one")]);
    const { id } = engine.of("push");
    sent();
    expect(await engine.up([ios("two")])).toEqual({ push: "update" });
    expect(engine.of("push").id).toBe(id);
    expect(sent()).toEqual([{ Type: "apn", Certificate: certificate("two"), PrivateKey: privateKey("two"), Sandbox: "false" }]);
    expect((await live(engine)).type).toBe("apn");
  });

  it("is restored where somebody has changed it", async () => {
    const engine = await opened();
    await engine.up([android("one")]);
    await byHand(engine, { Type: "apn", Certificate: "x", PrivateKey: "y" });
    expect(await engine.refresh()).toEqual({ push: "changed" });
    sent();
    expect(await engine.up([android("one")])).toEqual({ push: "update" });
    expect(sent()).toEqual([{ Type: "fcm", Secret: serviceAccount("one") }]);
    expect(await engine.up([android("one")])).toEqual({ push: "same" });
  });

  it("may be called gcm by Twilio where it is fcm, and nothing else", () => {
    const { verifyCreated } = responseChecks(pushCredential);
    const context = { twilio: { accountSid: "AC1", skewMs: () => 0 } } as unknown as Parameters<typeof verifyCreated>[2];
    const created = (type: string) => () => {
      const body = { sid: `CR${"1".repeat(32)}`, friendly_name: "Android", type, date_created: new Date(2_000_000_000_000).toISOString() };
      verifyCreated(body, { friendlyName: "Android", fcm: { secret: "x" } }, context, 0);
    };
    expect(created("fcm")).not.toThrow();
    expect(created("gcm")).not.toThrow();
    expect(created("apn")).toThrow("whose type is not the one that was sent");
  });

  it("shows a sandbox that somebody has switched on", async () => {
    const engine = await opened();
    await engine.up([ios("one", false)]);
    await byHand(engine, { Sandbox: "true" });
    expect(await engine.refresh()).toEqual({ push: "changed" });
    sent();
    expect(await engine.up([ios("one", false)])).toEqual({ push: "update" });
    expect(sent()).toEqual([{ Sandbox: "false" }]);
  });
});
