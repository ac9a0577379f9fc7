import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { subaccount } from "../../src/iam/subaccount";
import { startDisturbingProxy } from "../../tools/harness/disturbing-proxy.mts";
import { accounts, sub, subaccountsOf } from "../support/subaccounts";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
let there: ReturnType<typeof subaccountsOf>;
beforeAll(async () => {
  twilio = await TestTwilio.open();
  there = subaccountsOf(twilio);
});
afterAll(() => twilio.close());
beforeEach(() => twilio.reset());

describe("the auth token", () => {
  it("is an output that signs in, and stays after refreshes and updates", async () => {
    const engine = twilio.engine();
    await engine.up([sub()]);
    const { authToken } = engine.of("sub").outputs;
    expect(await there.statusOf(engine.of("sub").outputs)).toBe(200);
    for (const args of [{ friendlyName: "Acme Inc" }, { friendlyName: "Acme Inc", onDelete: "retain" }]) {
      expect(await engine.refresh()).toEqual({});
      await engine.up([sub(args)]);
      expect(engine.of("sub").outputs.authToken).toBe(authToken);
    }
    expect(await there.all()).toEqual([expect.objectContaining({ friendly_name: "Acme Inc", status: "active" })]);
  });

  it("stays where Twilio does not return it, as it does to an API key", async () => {
    const engine = twilio.engine();
    await engine.up([sub()]);
    const { authToken } = engine.of("sub").outputs;
    // The emulator's own key is a main key, which may manage subaccounts.
    const { apiKey, apiSecret } = twilio.emulator;
    const settings = { "twilio:authToken": "", "twilio:apiKey": apiKey, "twilio:apiSecret": apiSecret };
    expect(await twilio.engine(settings).get(subaccount, engine.of("sub").id)).not.toHaveProperty("authToken");
    const byKey = twilio.engine(settings);
    byKey.state = engine.state;
    expect(await byKey.refresh()).toEqual({});
    await byKey.up([sub({ friendlyName: "Acme Inc" })]);
    expect(byKey.of("sub").outputs.authToken).toBe(authToken);
  });

  it("is also that of an adopted or recovered subaccount, and of `get`", async () => {
    const { sid, auth_token } = await there.create("Acme");
    const engine = twilio.engine();
    await engine.up([sub({ adopt: "Acme" })]);
    expect(engine.of("sub")).toMatchObject({ id: sid, outputs: { authToken: auth_token } });
    expect(await engine.get(subaccount, String(sid))).toMatchObject({ authToken: auth_token, status: "active" });
    await engine.destroy();
    expect(await there.statuses()).toEqual(["active"]);
  });

  it("is in no error and no message, also where Twilio repeats it", async () => {
    const proxy = await startDisturbingProxy(twilio.emulator.url);
    const engine = twilio.engine({ "twilio:baseUrl": proxy.url });
    await engine.up([sub()]);
    await engine.refresh();
    const token = String(engine.of("sub").outputs.authToken);
    proxy.disturbance = async ({ method }, send) =>
      method === "POST" ? { status: 400, body: JSON.stringify({ code: 20001, message: `Invalid name ${token}`, status: 400 }) } : send();
    const failure = await engine.up([sub({ friendlyName: "Acme Inc" })]).catch(String);
    expect(failure).toContain("Invalid name ***");
    expect([...twilio.log, failure].join("\n")).not.toContain(token);
    await proxy.close();
  });
});

describe("a create", () => {
  it("whose response is lost creates one subaccount, with its token, beside one of the same name", async () => {
    const { sid: older } = await there.create("Acme");
    await twilio.control("POST", "clock", { advanceSeconds: 120 });
    await twilio.control("POST", "faults", { method: "POST", path: "*/Accounts.json", drop: "after", times: 1 });
    const engine = twilio.engine();
    await engine.up([sub()]);
    expect(engine.of("sub").id).not.toBe(older);
    expect((await there.all()).map(({ sid }) => sid).sort()).toEqual([String(older), engine.of("sub").id].sort());
    expect(await there.statusOf(engine.of("sub").outputs)).toBe(200);
  });

  it("that the engine did not survive is found again", async () => {
    const engine = twilio.engine();
    await expect(engine.up([sub()], { crashAfterCreating: "sub" })).rejects.toThrow("after AC");
    const [lost] = await there.all();
    await engine.up([sub()]);
    expect(engine.of("sub")).toMatchObject({ id: lost?.sid, outputs: { authToken: lost?.auth_token } });
    expect(await there.all()).toHaveLength(1);
    expect(there.logged(/Recovered Subaccount AC\w+, which an interrupted run created/)).toHaveLength(1);
    await engine.destroy();
    expect(await there.statuses()).toEqual(["suspended"]);
  });

  it("of a suspended one sends the status afterwards, and of a closed one is refused", async () => {
    const engine = twilio.engine();
    twilio.requests();
    await engine.up([sub({ status: "suspended" })]);
    expect(twilio.writes()).toEqual([`post ${accounts}.json`, `post ${accounts}/${engine.of("sub").id}.json`]);
    expect(await there.statuses()).toEqual(["suspended"]);
    await expect(engine.preview([sub({ status: "closed" }, "another")])).rejects.toThrow(
      'status must not be "closed" for a new subaccount',
    );
  });

  it("with an API key says who manages subaccounts", async () => {
    const { accountSid: AccountSid } = twilio.emulator;
    const key = await twilio.rest("POST", "iam", "/v1/Keys", { AccountSid, FriendlyName: "ci" });
    const settings = { "twilio:authToken": "", "twilio:apiKey": String(key.sid), "twilio:apiSecret": String(key.secret) };
    await expect(twilio.engine(settings).up([sub()])).rejects.toThrow(
      /20003[\s\S]*managed with the auth token of the account that owns them/,
    );
  });
});

describe("adopt", () => {
  it("refuses the account itself, by SID and by name", async () => {
    const { sid, friendly_name } = await twilio.rest("GET", "api", `${twilio.accountPath()}.json`);
    for (const adopt of [sid, friendly_name])
      await expect(twilio.engine().up([sub({ adopt, friendlyName: "x" })])).rejects.toThrow(/must be a subaccount|must name a Subaccount/);
    expect(await there.statuses()).toEqual([]);
  });

  it("leaves a status that the program does not declare, ignores closed namesakes, and refuses two of a name", async () => {
    const { sid } = await there.create("Acme");
    await there.setStatus((await there.create("Acme")).sid, "closed");
    await there.setStatus(sid, "suspended");
    const engine = twilio.engine();
    await engine.up([sub({ adopt: "Acme" })]);
    expect(engine.of("sub")).toMatchObject({ id: sid, outputs: { status: "suspended" } });
    await there.create("Acme");
    await expect(twilio.engine().preview([sub({ adopt: "Acme" })])).rejects.toThrow(/2 subaccounts have this name/);
  });
});
