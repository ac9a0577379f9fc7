import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Declared } from "../support/mini-engine";
import { Crash } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

describe("a purchase that Twilio completes after the client timed out", () => {
  it("is waited for, and no other number is bought while Twilio refuses to sell this one", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber, { "twilio:callTimeout": "1" });
    const path = "*/IncomingPhoneNumbers.json";
    // Twilio processes the first request and sells the number to nobody else meanwhile.
    await twilio.control("POST", "faults", { method: "POST", path, delayMs: 3500, times: 1 });
    await twilio.control("POST", "faults", { method: "POST", path, nth: 2, times: 1, status: 400, code: 21422 });
    await engine.up(program({ areaCode: "415" }));
    expect(twilio.log.join()).toContain("may still carry out an earlier create of this PhoneNumber");
    expect(await created()).toEqual([engine.of("it").id]);
    await expectSettled(twilio, engine, program({ areaCode: "415" }));
  });
});

describe("two concurrent runs of one program, each with its own backend and notes", () => {
  it.each([{ areaCode: "415" }, { search: { country: "US", areaCode: "415" } }])("buy one number and share it (%j)", async (way) => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    const other = twilio.engine({}, new Map());
    await Promise.all([engine.up(program(way)), other.up(program(way))]);
    expect(await created()).toEqual([engine.of("it").id]);
    expect(other.of("it").id).toBe(engine.of("it").id);
  });

  it("buy one number with a friendly name: a run that finds it fails instead of buying a second", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    const other = twilio.engine({}, new Map());
    const named = program({ areaCode: "415", friendlyName: "Front desk" });
    const ended = await Promise.allSettled([engine.up(named), other.up(named)]);
    expect(await created()).toHaveLength(1);
    for (const end of ended) if (end.status === "rejected") expect(String(end.reason)).toContain("must not be the name of another number");
    expect(ended.some(({ status }) => status === "fulfilled")).toBe(true);
  });
});

describe("a number that still carries the ownership mark of its resource's former name", () => {
  it("is not taken over by a new resource with that name", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await engine.up(program({ areaCode: "415" }));
    const number = engine.of("it").outputs.phoneNumber;
    const later = twilio.engine();
    const moved: Declared[] = [{ name: "main-line", definition: phoneNumber, args: { adopt: number } }];
    await later.up(moved);
    await later.up([...moved, ...program({ areaCode: "415" })]);
    expect(later.of("it").outputs.phoneNumber).not.toBe(number);
    expect(await created()).toHaveLength(2);
  });
});

describe("a number found by search and given a friendly name", () => {
  const wanted: Props = { areaCode: "415", friendlyName: "Front desk" };

  it("is recovered through the note of its purchase when the run was killed before it saved the state", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await expect(engine.up(program(wanted), { crashAfterCreating: "it" })).rejects.toThrow(Crash);
    await engine.up(program({ ...wanted, onDelete: "release" }));
    expect(await created()).toEqual([engine.of("it").id]);
    await engine.destroy();
    expect(await created()).toEqual([]);
  });

  it("is not taken on the note of a purchase that was finished: the error names it", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await engine.up(program(wanted));
    await expect(twilio.engine().up(program(wanted))).rejects.toThrow(/with this name, and nothing was bought/);
    expect(await created()).toEqual([engine.of("it").id]);
  });

  it("is not bought a second time when the notes are lost too: the error names it", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await engine.up(program(wanted));
    twilio.notes.clear();
    const { id, outputs } = engine.of("it");
    twilio.requests();
    const again = twilio.engine();
    await expect(again.preview(program(wanted))).rejects.toThrow(
      `the account has ${outputs.phoneNumber} (${id}) with this name, and nothing was bought`,
    );
    expect(twilio.writes()).toEqual([]);
    await again.up(program({ adopt: outputs.phoneNumber, friendlyName: "Front desk" }));
    expect(await created()).toEqual([id]);
  });

  it("may share its name with other numbers of the program", async () => {
    const { engine, created } = await oneResource(twilio, phoneNumber);
    const several = (...names: string[]): Declared[] => names.map((name) => ({ name, definition: phoneNumber, args: wanted }));
    await engine.up(several("one", "two"));
    await engine.up(several("one", "two", "three"));
    twilio.notes.clear();
    await engine.up(several("one", "two", "three", "four"));
    expect(await created()).toHaveLength(4);
  });
});

describe("several numbers with the same search", () => {
  it("get one number each, which their previews showed", async () => {
    const { engine, created } = await oneResource(twilio, phoneNumber);
    const program: Declared[] = ["one", "two", "three"].map((name) => ({ name, definition: phoneNumber, args: { areaCode: "415" } }));
    await engine.up(program);
    expect(await created()).toHaveLength(3);
    const bought = program.map(({ name }) => engine.of(name).outputs.phoneNumber);
    expect(new Set(bought).size).toBe(3);
    for (const number of bought) expect(twilio.log.filter((line) => line.startsWith(`will buy ${number} `)).length).toBeGreaterThan(0);
    await expectSettled(twilio, engine, program);
  });
});
