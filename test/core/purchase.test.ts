import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Declared } from "../support/mini-engine";
import { expectSettled, stage } from "../support/stage";
import { World } from "../support/world";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

describe("a purchase that Twilio completes after the client timed out", () => {
  it("is waited for, and no other number is bought while Twilio refuses to sell this one", async () => {
    const { engine, program, made } = await stage(world, phoneNumber, { "twilio:callTimeout": "1" });
    const path = "*/IncomingPhoneNumbers.json";
    // Twilio processes the first request and sells the number to nobody else meanwhile.
    await world.control("POST", "faults", { method: "POST", path, delayMs: 3500, times: 1 });
    await world.control("POST", "faults", { method: "POST", path, nth: 2, times: 1, status: 400, code: 21422 });
    await engine.up(program({ areaCode: "415" }));
    expect(world.log.join()).toContain("may still carry out an earlier create of this PhoneNumber");
    expect(await made()).toEqual([engine.of("it").id]);
    await expectSettled(world, engine, program({ areaCode: "415" }));
  });
});

describe("two concurrent runs of one program, each with its own backend and notes", () => {
  it.each([{ areaCode: "415" }, { search: { country: "US", areaCode: "415" } }])("buy one number and share it (%j)", async (way) => {
    const { engine, program, made } = await stage(world, phoneNumber);
    const other = world.engine({}, new Map());
    await Promise.all([engine.up(program(way)), other.up(program(way))]);
    expect(await made()).toEqual([engine.of("it").id]);
    expect(other.of("it").id).toBe(engine.of("it").id);
  });

  it("buy one number with a friendly name: a run that finds it fails instead of buying a second", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    const other = world.engine({}, new Map());
    const named = program({ areaCode: "415", friendlyName: "Front desk" });
    const ended = await Promise.allSettled([engine.up(named), other.up(named)]);
    expect(await made()).toHaveLength(1);
    for (const end of ended) if (end.status === "rejected") expect(String(end.reason)).toContain("must not be the name of another number");
    expect(ended.some(({ status }) => status === "fulfilled")).toBe(true);
  });
});

describe("a number that still carries the ownership mark of its resource's former name", () => {
  it("is not taken over by a new resource with that name", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    await engine.up(program({ areaCode: "415" }));
    const number = engine.of("it").outputs.phoneNumber;
    const later = world.engine();
    const moved: Declared[] = [{ name: "main-line", definition: phoneNumber, args: { adopt: number } }];
    await later.up(moved);
    await later.up([...moved, ...program({ areaCode: "415" })]);
    expect(later.of("it").outputs.phoneNumber).not.toBe(number);
    expect(await made()).toHaveLength(2);
  });
});

describe("a number found by search and given a friendly name", () => {
  const wanted: Props = { areaCode: "415", friendlyName: "Front desk" };

  it("is recovered through the note of its purchase when the state is lost", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    await engine.up(program(wanted));
    const again = world.engine();
    await again.up(program(wanted));
    expect(again.of("it").id).toBe(engine.of("it").id);
    expect(await made()).toHaveLength(1);
  });

  it("is not bought a second time when the notes are lost too: the error names it", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    await engine.up(program(wanted));
    world.notes.clear();
    const { id, outputs } = engine.of("it");
    world.requests();
    const again = world.engine();
    await expect(again.preview(program(wanted))).rejects.toThrow(
      `the account has ${outputs.phoneNumber} (${id}) with this name, and nothing was bought`,
    );
    expect(world.writes()).toEqual([]);
    await again.up(program({ adopt: outputs.phoneNumber, friendlyName: "Front desk" }));
    expect(await made()).toEqual([id]);
  });

  it("may share its name with other numbers of the program", async () => {
    const { engine, made } = await stage(world, phoneNumber);
    const several = (...names: string[]): Declared[] => names.map((name) => ({ name, definition: phoneNumber, args: wanted }));
    await engine.up(several("one", "two"));
    await engine.up(several("one", "two", "three"));
    world.notes.clear();
    await engine.up(several("one", "two", "three", "four"));
    expect(await made()).toHaveLength(4);
  });
});

describe("several numbers with the same search", () => {
  it("get one number each, which their previews showed", async () => {
    const { engine, made } = await stage(world, phoneNumber);
    const program: Declared[] = ["one", "two", "three"].map((name) => ({ name, definition: phoneNumber, args: { areaCode: "415" } }));
    await engine.up(program);
    expect(await made()).toHaveLength(3);
    const bought = program.map(({ name }) => engine.of(name).outputs.phoneNumber);
    expect(new Set(bought).size).toBe(3);
    for (const number of bought) expect(world.log.filter((line) => line.startsWith(`will buy ${number} `)).length).toBeGreaterThan(0);
    await expectSettled(world, engine, program);
  });
});
