import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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

describe("the status", () => {
  it("is suspended and made active again in place, and a change by hand is drift", async () => {
    const engine = twilio.engine();
    await engine.up([sub()]);
    for (const [status, expected] of [
      ["suspended", "suspended"],
      [undefined, "active"],
    ] as const) {
      twilio.requests();
      expect(await engine.up([sub({ status })])).toEqual({ sub: "update" });
      const [write, ...more] = twilio.requests().filter(({ method }) => method !== "get");
      expect([...(write?.form ?? [])]).toEqual([["Status", expected]]);
      expect(more).toEqual([]);
      expect(await there.statuses()).toEqual([expected]);
    }
    await there.setStatus(engine.of("sub").id, "suspended");
    expect(await engine.refresh()).toEqual({ sub: "changed" });
    expect(await engine.up([sub()])).toEqual({ sub: "update" });
    expect(await there.statuses()).toEqual(["active"]);
  });

  it("closed is refused without forceDestroy, with what is lost, and is final with it", async () => {
    const engine = twilio.engine();
    await engine.up([sub()]);
    const { id, outputs } = engine.of("sub");
    const number = await there.buyIn(id);
    for (const operation of ["preview", "up"] as const)
      await expect(engine[operation]([sub({ status: "closed" })])).rejects.toThrow(
        new RegExp(
          `Closing Subaccount ${id} is final: .*never opens.*releases its number \\(${number.sid}\\)\\. Suspend it, or set forceDestroy`,
        ),
      );
    expect(await there.statuses()).toEqual(["active"]);
    await engine.preview([sub({ status: "closed", forceDestroy: true })]);
    expect(there.logged(/Subaccount AC\w+ is closed: .*releases its number/)).toHaveLength(1);
    expect(await there.statuses()).toEqual(["active"]);
    twilio.requests();
    await engine.up([sub({ status: "closed", forceDestroy: true })]);
    const writes = twilio.requests().filter(({ method }) => method !== "get");
    expect(writes.map(({ form }) => form.get("Status"))).toEqual(["closed"]);
    expect(await there.statuses()).toEqual(["closed"]);
    await there.expectReleased(number.phone_number);
    expect(await there.statusOf(outputs)).toBe(401);
    // It stays in the state as the program declares it, and cannot be opened.
    expect(await engine.refresh()).toEqual({});
    expect(await engine.up([sub({ status: "closed", forceDestroy: true })])).toEqual({ sub: "same" });
    await expect(engine.preview([sub()])).rejects.toThrow(/is closed, and Twilio never opens or changes a closed account again/);
    await engine.destroy();
    expect(there.logged(/is closed already/)).toHaveLength(1);
  });

  it("that Twilio accepts and ignores is an error, at an update and at a destroy", async () => {
    const proxy = await startDisturbingProxy(twilio.emulator.url);
    try {
      const engine = twilio.engine({ "twilio:baseUrl": proxy.url });
      await engine.up([sub({ onDelete: "close", forceDestroy: true })]);
      const { id } = engine.of("sub");
      // As Twilio does with a parameter that it does not know.
      proxy.disturbance = async ({ method }, send) => {
        if (method !== "POST") return send();
        const account = await twilio.rest("GET", "api", `${accounts}/${id}.json`);
        return { status: 200, body: JSON.stringify(account) };
      };
      const ignored = /accepted the update of Subaccount AC\w+, but its status is "active" and not "(closed|suspended)"/;
      await expect(engine.up([sub({ status: "suspended", onDelete: "close", forceDestroy: true })])).rejects.toThrow(ignored);
      await expect(engine.destroy()).rejects.toThrow(ignored);
      proxy.disturbance = undefined;
      await engine.destroy();
      expect(await there.statuses()).toEqual(["closed"]);
    } finally {
      await proxy.close();
    }
  });

  it("is changed, and the name too, although another change of the account comes first", async () => {
    const engine = twilio.engine();
    await engine.up([sub({ forceDestroy: true, onDelete: "close" })]);
    const { id } = engine.of("sub");
    const conflict = { method: "POST", path: `${accounts}/${id}.json`, status: 409, code: 20409, nth: 1, times: 1 };
    for (const args of [{ status: "suspended" }, { status: "active" }, { friendlyName: "Acme Inc" }]) {
      await twilio.control("POST", "faults", conflict);
      twilio.requests();
      expect(await engine.up([sub({ forceDestroy: true, onDelete: "close", ...args })])).toEqual({ sub: "update" });
      expect(twilio.writes()).toEqual([`post ${accounts}/${id}.json`, `post ${accounts}/${id}.json`]);
    }
    expect(await there.all()).toMatchObject([{ friendly_name: "Acme Inc", status: "active" }]);
    await twilio.control("POST", "faults", conflict);
    await engine.destroy();
    expect(await there.statuses()).toEqual(["closed"]);
  });

  it("closed by hand counts as gone: a refresh removes it, and the next run creates another one", async () => {
    const engine = twilio.engine();
    await engine.up([sub()]);
    const { id } = engine.of("sub");
    await there.setStatus(id, "closed");
    await expect(engine.up([sub({ friendlyName: "Acme Inc", status: "suspended" })])).rejects.toThrow(/21479[\s\S]*pulumi refresh/);
    expect(await engine.refresh()).toEqual({ sub: "gone" });
    await engine.up([sub()]);
    expect(engine.of("sub").id).not.toBe(id);
    expect((await there.statuses()).sort()).toEqual(["active", "closed"]);
  });
});

describe("a destroy", () => {
  it("suspends by default, says so, and keeps the numbers", async () => {
    const engine = twilio.engine();
    await engine.up([sub()]);
    const { id } = engine.of("sub");
    await there.buyIn(id);
    await engine.destroy();
    expect(await there.statuses()).toEqual(["suspended"]);
    const numbers = await twilio.rest("GET", "api", `${accounts}/${id}/IncomingPhoneNumbers.json`);
    expect(numbers.incoming_phone_numbers).toHaveLength(1);
    expect(there.logged(new RegExp(`Subaccount ${id} is suspended and stays at Twilio.*adopt: "${id}"`))).toHaveLength(1);
    await engine.up([sub({ adopt: id, status: "active", onDelete: "suspend" })]);
    expect(await there.statuses()).toEqual(["active"]);
    await engine.destroy();
    expect(await there.statuses()).toEqual(["suspended"]);
  });

  it("with onDelete: retain leaves it active", async () => {
    const engine = twilio.engine();
    await engine.up([sub({ onDelete: "retain" })]);
    await engine.destroy();
    expect(await there.statuses()).toEqual(["active"]);
  });

  it("closes only if the program says it twice; the preview of that says what will be lost", async () => {
    const engine = twilio.engine();
    await engine.up([sub({ onDelete: "close" })]);
    const { id } = engine.of("sub");
    const number = await there.buyIn(id);
    await expect(engine.destroy()).rejects.toThrow(/Closing Subaccount AC\w+ is final: .*Nothing was changed.*forceDestroy: true/);
    expect(await there.statuses()).toEqual(["active"]);
    await engine.preview([sub({ onDelete: "close", forceDestroy: true })]);
    expect(there.logged(new RegExp(`A destroy closes Subaccount ${id}: .*\\(${number.sid}\\)`))).toHaveLength(1);
    await engine.up([sub({ onDelete: "close", forceDestroy: true })]);
    twilio.requests();
    await engine.destroy();
    const writes = twilio.requests().filter(({ method }) => method !== "get");
    expect(writes.map(({ form }) => [...form])).toEqual([[["Status", "closed"]]]);
    expect(await there.statuses()).toEqual(["closed"]);
    await there.expectReleased(number.phone_number);
  });

  it("that the engine did not record is completed by the next run: the subaccount is active again", async () => {
    const engine = twilio.engine();
    await engine.up([sub()]);
    const { id } = engine.of("sub");
    const before = engine.state;
    await engine.destroy();
    engine.state = before;
    expect(await there.statuses()).toEqual(["suspended"]);
    await engine.up([sub()]);
    expect(engine.of("sub").id).toBe(id);
    expect(await there.statuses()).toEqual(["active"]);
  });
});
