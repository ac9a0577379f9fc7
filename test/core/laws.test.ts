import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { participant } from "../../src/conversations/participant";
import type { Definition } from "../../src/core/lifecycle/definition";
import { get, type Props } from "../../src/core/lifecycle/props";
import { type ArbitraryResource, arbitraryResources, attributes } from "../support/arbitraries";
import { Crash, unknown } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

// A failure prints the counterexample; the fixed seed makes every run the same.
const seed = 20_261_123;
const law = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number, holds: (value: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(arbitrary, holds), { seed, numRuns, endOnFailure: true });

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const all = Object.entries(arbitraryResources);
const isSingleton = ({ definition }: ArbitraryResource) => definition.singleton === true;

describe.each(all)("%s", (_name, resource) => {
  const { definition, args, drift = {}, runs } = resource;
  // A singleton exists before the program runs.
  const count = isSingleton(resource) ? 0 : 1;

  it("changes nothing when the program is applied a second time", () =>
    law(args, runs, async (some) => {
      const { engine, program, created } = await oneResource(twilio, definition);
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      expect(await created()).toHaveLength(count);
      await expectSettled(twilio, engine, program(some));
    }));

  it("reads back what was written", () =>
    law(args, runs, async (some) => {
      const { engine, program } = await oneResource(twilio, definition);
      await engine.up(program(some));
      const written = engine.state;
      twilio.requests();
      expect(await engine.refresh()).toEqual({});
      expect(engine.state).toEqual(written);
      expect(twilio.writes()).toEqual([]);
      await expectSettled(twilio, engine, program(some));
    }));

  // A service has no property that can be changed.
  if (Object.keys(drift).length > 0)
    it("detects a change by somebody else on refresh, and repairs it on the next update", () =>
      law(args, runs, async (some) => {
        const { engine, program, live } = await oneResource(twilio, definition);
        await engine.up(program(some));
        const wanted = await live();
        const theirs = Object.assign({}, ...Object.values(drift).map(({ form }) => form));
        await twilio.rest("POST", ...twilio.pathOf(definition.type, engine.of("it").id), theirs);
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
        await expectSettled(twilio, engine, program(some));
      }));

  it("recovers the object of a create whose response was lost: one object, and no second request", () =>
    law(args, runs, async (some) => {
      const { engine, program, created } = await oneResource(twilio, definition);
      await twilio.control("POST", "faults", { method: "POST", nth: 1, drop: "after" });
      twilio.requests();
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      expect(await created()).toEqual(isSingleton(resource) ? [] : [engine.of("it").id.split("/").at(-1)]);
      const creates = twilio.writes().filter((write) => !write.includes(String(engine.of("it").outputs.sid)));
      if (isSingleton(resource)) expect(creates.length).toBeLessThanOrEqual(1);
      else expect(creates).toHaveLength(1);
      await expectSettled(twilio, engine, program(some));
    }));

  it("updates from any properties to any others with the same result as a create", () =>
    law(fc.tuple(args, args), runs, async ([first, then]) => {
      const { engine, program, comparable, created } = await oneResource(twilio, definition);
      await engine.up(program(first));
      twilio.requests();
      const { it: step } = await engine.up(program(then));
      if (step === "update") expect(twilio.writes().length).toBeLessThanOrEqual(1);
      // A singleton gets its former value back.
      const kept = step === "replace" || isSingleton(resource) ? {} : keptWhenRemoved(definition, first, then);
      const changed = await comparable();
      await expectSettled(twilio, engine, program(then));
      if (step === "replace" && definition.onDelete?.[0] !== "retain") expect(await created()).toHaveLength(1);

      const other = await oneResource(twilio, definition);
      await other.engine.up(other.program({ ...then, ...kept }));
      expect(changed).toEqual(await other.comparable());
    }));

  it("previews without a write, and sends no unknown value to Twilio", () =>
    law(fc.tuple(args, fc.infiniteStream(fc.boolean())), runs, async ([some, coins]) => {
      const { engine, program } = await oneResource(twilio, definition);
      const hidden = (value: unknown): unknown => {
        if (coins.next().value) return unknown;
        if (Array.isArray(value)) return value.map(hidden);
        if (typeof value !== "object" || value === null) return value;
        return Object.fromEntries(Object.entries(value).map(([inner, part]) => [inner, hidden(part)]));
      };
      const partly = Object.fromEntries(Object.entries(some).map(([property, value]) => [property, hidden(value)]));
      expect(await engine.preview(program(partly))).toEqual({ it: "create" });
      expect(twilio.writes()).toEqual([]);
      await engine.up(program(some));
      twilio.requests();
      const before = engine.state;
      await engine.preview(program(partly));
      expect(twilio.writes()).toEqual([]);
      expect(engine.state).toEqual(before);
    }));
});

const ordinary = all.filter(([, resource]) => !isSingleton(resource));
const singletons = all.filter(([, resource]) => isSingleton(resource));

describe.each(ordinary)("%s", (_name, { definition, args, runs }) => {
  it("detects a deletion by somebody else on refresh, and creates the object again on the next update", () =>
    law(args, runs, async (some) => {
      const { engine, program, created } = await oneResource(twilio, definition);
      await engine.up(program(some));
      await twilio.rest("DELETE", ...twilio.pathOf(definition.type, engine.of("it").id));
      expect(await engine.refresh()).toEqual({ it: "gone" });
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      expect(await created()).toHaveLength(1);
      await expectSettled(twilio, engine, program(some));
    }));

  it("recovers the object of a run that died before it saved the state: one object, not two", () =>
    law(args, runs, async (some) => {
      const { engine, program, created } = await oneResource(twilio, definition);
      await expect(engine.up(program(some), { crashAfterCreating: "it" })).rejects.toThrow(Crash);
      expect(engine.state).toEqual([]);
      const [orphan] = await created();
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      expect(await created()).toEqual([orphan]);
      expect(engine.of("it").id).toContain(orphan);
      await expectSettled(twilio, engine, program(some));
    }));

  it("deletes the object on destroy, or keeps it if the type is retained by default; destroys an object that is already gone", () =>
    law(args, runs, async (some) => {
      const { engine, program, created } = await oneResource(twilio, definition);
      await engine.up(program(some));
      await engine.up(program(some));
      const { id } = engine.of("it");
      await engine.destroy();
      expect(engine.state).toEqual([]);
      const stays = definition.onDelete?.[0] === "retain" && some.onDelete !== "release";
      expect(await created()).toHaveLength(stays ? 1 : 0);
      await engine.up(program(some));
      if (stays) expect(engine.of("it").id).toBe(id);
      await twilio.rest("DELETE", ...twilio.pathOf(definition.type, engine.of("it").id));
      await engine.destroy();
      expect(engine.state).toEqual([]);
    }));
});

describe.each(singletons)("%s, a singleton,", (_name, { definition, args, runs }) => {
  it("has the declared values after a run that died before it saved the state", () =>
    law(args, runs, async (some) => {
      const { engine, program } = await oneResource(twilio, definition);
      await expect(engine.up(program(some), { crashAfterCreating: "it" })).rejects.toThrow(Crash);
      expect(engine.state).toEqual([]);
      expect(await engine.up(program(some))).toEqual({ it: "create" });
      await expectSettled(twilio, engine, program(some));
    }));

  it("has its former values after destroy, whatever the program changed before", () =>
    law(fc.tuple(args, args), runs, async ([first, then]) => {
      const { engine, program, fixture } = await oneResource(twilio, definition);
      const owner = definition.sid === "IS" ? fixture.service : "";
      const read = async () => ({ ...(await twilio.read(definition.type, owner)), date_updated: undefined });
      const former = await read();
      await engine.up(program(first));
      await engine.up(program(then));
      await engine.refresh();
      await engine.destroy();
      expect(engine.state).toEqual([]);
      expect(await read()).toEqual(former);
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
      const { engine, program, live } = await oneResource(twilio, participant);
      const who = { conversation: "«conversation»", identity: "ada" };
      await engine.up(program({ ...who, attributes: mine }));
      const together = JSON.stringify({ ...theirs, ...mine });
      await twilio.rest("POST", ...twilio.pathOf(participant.type, engine.of("it").id), { Attributes: together });
      await engine.up(program({ ...who, attributes: later }));
      const untouched = Object.fromEntries(Object.entries(theirs).filter(([key]) => !Object.hasOwn(mine, key)));
      expect(JSON.parse((await live()).attributes as string)).toEqual({ ...untouched, ...later });
      await expectSettled(twilio, engine, program({ ...who, attributes: later }));
      await engine.refresh();
      await expectSettled(twilio, engine, program({ ...who, attributes: later }));
    }));
});
