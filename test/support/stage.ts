/** One resource on an empty stage: a fresh Twilio, an engine before it, and what a test wants to see of both. */
import { expect } from "vitest";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import type { Declared, MiniEngine } from "./mini-engine";
import type { Fixture, World } from "./world";

type Things = Record<string, string>;

function thingsOf(world: World, { numbers, ...rest }: Fixture): Things {
  const [number0, number1] = numbers;
  return { ...rest, number0, number1, forSale: world.forSale[2] as string, forSale2: world.forSale[3] as string };
}

/** Puts things in where a text has their names in guillemets. */
function bind(args: Props, things: Things): Props {
  return JSON.parse(JSON.stringify(args), (_key, value) =>
    typeof value === "string" ? value.replace(/«(\w+)»/g, (_all, thing: string) => things[thing] as string) : value,
  );
}

/** Puts names in where a text has the things. */
function unbind(text: string, things: Things): string {
  const longestFirst = Object.entries(things).sort(([, a], [, b]) => b.length - a.length);
  return longestFirst.reduce((known, [name, thing]) => known.replaceAll(thing, `«${name}»`), text);
}

/** A fresh Twilio with an engine before it; programs of one resource, `it`. */
export async function stage(world: World, definition: Definition, settings: Record<string, string> = {}) {
  await world.reset();
  const fixture = await world.fixture();
  const things = thingsOf(world, fixture);
  const before = await world.all(definition.type, fixture);
  const engine = world.engine(settings);
  const live = () => world.read(definition.type, engine.of("it").id);
  return {
    engine,
    fixture,
    program: (args: Props): Declared[] => [{ name: "it", definition, args: bind(args, things) }],
    named: (value: unknown): unknown => (typeof value === "string" ? unbind(value, things) : value),
    made: async () => (await world.all(definition.type, fixture)).filter((found) => !before.includes(found)),
    live,
    /** The object without what differs from one making to the next; what else there is, by its name. */
    essence: async () => {
      const { date_created: _created, date_updated: _updated, timers, attributes, ...rest } = await live();
      const essence = { ...rest, timers: Object.keys(timers ?? {}).sort(), attributes: JSON.parse((attributes as string) ?? "{}") };
      const text = unbind(JSON.stringify(essence), { ...things, it: String(rest.sid) });
      return JSON.parse(text.replace(/\b(IS|MG|RL|CH)[0-9a-f]{32}\b/g, "«some $1»"));
    },
  };
}

/** A second time is empty: nothing to do, nothing written. */
export async function expectSettled(world: World, engine: MiniEngine, program: Declared[]): Promise<void> {
  const nothing = Object.fromEntries(program.map(({ name }) => [name, "same"]));
  world.requests();
  await world.control("DELETE", "calls");
  expect(await engine.preview(program)).toEqual(nothing);
  expect(await engine.up(program)).toEqual(nothing);
  expect(world.writes()).toEqual([]);
  const { calls } = await world.control("GET", "calls");
  expect((calls as { method: string }[]).filter(({ method }) => method !== "GET")).toEqual([]);
}
