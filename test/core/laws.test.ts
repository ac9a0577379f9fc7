import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { participant } from "../../src/conversations/participant";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { get } from "../../src/core/lifecycle/props";
import { arbitraryResources, attributes } from "../support/arbitraries";
import { Crash, unknown } from "../support/mini-engine";
import { expectSettled, stage } from "../support/stage";
import { World } from "../support/world";

// A failure prints the counterexample; the fixed seed makes every run the same.
const seed = 20_261_123;
const law = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number, holds: (value: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(arbitrary, holds), { seed, numRuns, endOnFailure: true });

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

describe.each(Object.entries(arbitraryResources))("%s", (_name, { definition, args, drift = {}, runs }) => {
  it("changes nothing when the program is applied a second time", () =>
    law(args, runs, async (some) => {
      const { engine, program, made } = await stage(world, definition);
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      expect(await made()).toHaveLength(1);
      await expectSettled(world, engine, program(some));
    }));

  it("reads back what was written", () =>
    law(args, runs, async (some) => {
      const { engine, program } = await stage(world, definition);
      await engine.up(program(some));
      const written = engine.state;
      world.requests();
      expect(await engine.refresh()).toEqual({});
      // A read gets no inputs; the identity comes back with the next check.
      const withoutIdentity = written.map(({ inputs: { __id, ...inputs }, ...state }) => ({ ...state, inputs }));
      expect(engine.state).toEqual(withoutIdentity);
      expect(world.writes()).toEqual([]);
      await expectSettled(world, engine, program(some));
    }));

  // A service has no property that can be changed.
  if (Object.keys(drift).length > 0)
    it("detects a change by somebody else on refresh, and repairs it on the next update", () =>
      law(args, runs, async (some) => {
        const { engine, program, live } = await stage(world, definition);
        await engine.up(program(some));
        const wanted = await live();
        const theirs = Object.assign({}, ...Object.values(drift).map(({ form }) => form));
        await world.rest("POST", ...world.pathOf(definition.type, engine.of("it").id), theirs);
        const found = await live();
        const { inputs } = engine.of("it");
        await engine.refresh();
        await engine.up(program(some));
        const repaired = await live();
        for (const [property, { at }] of Object.entries(drift)) {
          // A property that the program does not declare keeps the other value.
          const isOurs = get(inputs, property) !== undefined;
          if (at === "attributes") expect(JSON.parse(repaired[at] as string)).toMatchObject((inputs[property] ?? {}) as object);
          else expect(get(repaired, at) || null, property).toEqual(get(isOurs ? wanted : found, at) || null);
        }
        await expectSettled(world, engine, program(some));
      }));

  it("detects a deletion by somebody else on refresh, and creates the object again on the next update", () =>
    law(args, runs, async (some) => {
      const { engine, program, made } = await stage(world, definition);
      await engine.up(program(some));
      await world.rest("DELETE", ...world.pathOf(definition.type, engine.of("it").id));
      expect(await engine.refresh()).toEqual({ it: "gone" });
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      expect(await made()).toHaveLength(1);
      await expectSettled(world, engine, program(some));
    }));

  it("recovers the object of a run that died before it saved the state: one object, not two", () =>
    law(args, runs, async (some) => {
      const { engine, program, made } = await stage(world, definition);
      await expect(engine.up(program(some), { crashAfterCreating: "it" })).rejects.toThrow(Crash);
      expect(engine.state).toEqual([]);
      const [orphan] = await made();
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      expect(await made()).toEqual([orphan]);
      expect(engine.of("it").id).toContain(orphan);
      await expectSettled(world, engine, program(some));
    }));

  it("recovers the object of a create whose response was lost: one object, and no second request", () =>
    law(args, runs, async (some) => {
      const { engine, program, made } = await stage(world, definition);
      await world.control("POST", "faults", { method: "POST", nth: 1, drop: "after" });
      world.requests();
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      expect(await made()).toEqual([engine.of("it").id.split("/").at(-1)]);
      const creates = world.writes().filter((write) => !write.includes(String(engine.of("it").outputs.sid)));
      expect(creates).toHaveLength(1);
      await expectSettled(world, engine, program(some));
    }));

  it("updates from any properties to any others with the same result as a create", () =>
    law(fc.tuple(args, args), runs, async ([first, then]) => {
      const { engine, program, essence, made } = await stage(world, definition);
      await engine.up(program(first));
      world.requests();
      const { it: step } = await engine.up(program(then));
      if (step === "update") expect(world.writes().length).toBeLessThanOrEqual(1);
      const kept = step === "replace" ? {} : keptWhenRemoved(definition, first, then);
      const changed = await essence();
      await expectSettled(world, engine, program(then));
      if (step === "replace" && definition.onDelete?.[0] !== "retain") expect(await made()).toHaveLength(1);

      const other = await stage(world, definition);
      await other.engine.up(other.program({ ...then, ...kept }));
      expect(changed).toEqual(await other.essence());
    }));

  it("previews without a write, and sends no unknown value to Twilio", () =>
    law(fc.tuple(args, fc.infiniteStream(fc.boolean())), runs, async ([some, coins]) => {
      const { engine, program } = await stage(world, definition);
      const hidden = (value: unknown): unknown => {
        if (coins.next().value) return unknown;
        if (Array.isArray(value)) return value.map(hidden);
        if (typeof value !== "object" || value === null) return value;
        return Object.fromEntries(Object.entries(value).map(([inner, part]) => [inner, hidden(part)]));
      };
      const partly = Object.fromEntries(Object.entries(some).map(([property, value]) => [property, hidden(value)]));
      expect(await engine.preview(program(partly))).toEqual({ it: "create" });
      expect(world.writes()).toEqual([]);
      await engine.up(program(some));
      world.requests();
      const before = engine.state;
      await engine.preview(program(partly));
      expect(world.writes()).toEqual([]);
      expect(engine.state).toEqual(before);
    }));

  it("deletes the object on destroy, or keeps it if the type is retained by default; destroys an object that is already gone", () =>
    law(args, runs, async (some) => {
      const { engine, program, made } = await stage(world, definition);
      await engine.up(program(some));
      await engine.up(program(some));
      const { id } = engine.of("it");
      await engine.destroy();
      expect(engine.state).toEqual([]);
      const stays = definition.onDelete?.[0] === "retain" && some.onDelete !== "release";
      expect(await made()).toHaveLength(stays ? 1 : 0);
      await engine.up(program(some));
      if (stays) expect(engine.of("it").id).toBe(id);
      await world.rest("DELETE", ...world.pathOf(definition.type, engine.of("it").id));
      await engine.destroy();
      expect(engine.state).toEqual([]);
    }));
});

/** The properties that Twilio cannot clear: they keep their value when the program no longer declares them. */
function keptWhenRemoved(definition: Definition, first: Props, then: Props): Props {
  const sticky = Object.keys(definition.fields).filter((property) => {
    const field = definition.fields[property];
    return field?.computed && field.cleared === undefined && property !== "friendlyName";
  });
  return Object.fromEntries(
    sticky
      .filter((property) => then[property] === undefined && first[property] !== undefined)
      .map((property) => [property, first[property]]),
  );
}

describe("attributes that the application adds to those of the program", () => {
  it("survive every change of the program's attributes", () =>
    law(fc.tuple(attributes, attributes, attributes), 6, async ([mine, theirs, later]) => {
      const { engine, program, live } = await stage(world, participant);
      const who = { conversation: "«room»", identity: "ada" };
      await engine.up(program({ ...who, attributes: mine }));
      const together = JSON.stringify({ ...theirs, ...mine });
      await world.rest("POST", ...world.pathOf(participant.type, engine.of("it").id), { Attributes: together });
      await engine.up(program({ ...who, attributes: later }));
      const untouched = Object.fromEntries(Object.entries(theirs).filter(([key]) => !Object.hasOwn(mine, key)));
      expect(JSON.parse((await live()).attributes as string)).toEqual({ ...untouched, ...later });
      await expectSettled(world, engine, program({ ...who, attributes: later }));
      await engine.refresh();
      await expectSettled(world, engine, program({ ...who, attributes: later }));
    }));
});
