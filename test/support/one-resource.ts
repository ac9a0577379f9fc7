/** A program of one resource, `it`, on an empty account. */
import { expect } from "vitest";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import type { Declared, MiniEngine } from "./mini-engine";
import type { Fixture, TestTwilio } from "./test-twilio";

/** What a name in guillemets stands for. */
type Values = Readonly<Record<string, string>>;

function valuesOf(twilio: TestTwilio, { numbers, ...rest }: Fixture): Values {
  const [number0, number1] = numbers;
  return { ...rest, number0, number1, forSale: twilio.forSale[2] as string, forSale2: twilio.forSale[3] as string };
}

/** Replaces each name in guillemets by its value. */
function withValues(args: Props, values: Values): Props {
  return JSON.parse(JSON.stringify(args), (_key, value) =>
    typeof value === "string" ? value.replace(/«(\w+)»/g, (_all, name: string) => values[name] as string) : value,
  );
}

/** Replaces each value by its name in guillemets. */
function withNames(text: string, values: Values): string {
  const longestFirst = Object.entries(values).sort(([, a], [, b]) => b.length - a.length);
  return longestFirst.reduce((replaced, [name, value]) => replaced.replaceAll(value, `«${name}»`), text);
}

/** Resets the account, creates the fixture, and opens an engine for programs of one resource. `settings` is configuration of the stack. */
export async function oneResource(twilio: TestTwilio, definition: Definition, settings: Record<string, string> = {}) {
  await twilio.reset();
  const fixture = await twilio.fixture();
  const values = valuesOf(twilio, fixture);
  const before = await twilio.sidsOf(definition.type, fixture);
  const engine = twilio.engine(settings);
  const live = () => twilio.read(definition.type, engine.of("it").id);
  return {
    engine,
    fixture,
    program: (args: Props): Declared[] => [{ name: "it", definition, args: withValues(args, values) }],
    /** A value of a response, with the names of the fixture's values. */
    named: (value: unknown): unknown => (typeof value === "string" ? withNames(value, values) : value),
    /** The SIDs of the objects that exist now and did not exist before. */
    created: async () => (await twilio.sidsOf(definition.type, fixture)).filter((sid) => !before.includes(sid)),
    /** The object as Twilio's API returns it. */
    live,
    /** The object without dates, and with names for SIDs, so that two runs give equal results. */
    comparable: async () => {
      const { date_created: _created, date_updated: _updated, timers, attributes, ...rest } = await live();
      const parsed = { ...rest, timers: Object.keys(timers ?? {}).sort(), attributes: JSON.parse((attributes as string) ?? "{}") };
      const text = withNames(JSON.stringify(parsed), { ...values, ...(typeof rest.sid === "string" && { it: rest.sid }) });
      // Twilio keeps the letter case of a method as it was sent at first, and `POST` equals `post`.
      const shown = text.replace(/"method":"(get|post)"/g, (method) => method.replace(/get|post/, (word) => word.toUpperCase()));
      return JSON.parse(shown.replace(/\b(IS|MG|RL|CH)[0-9a-f]{32}\b/g, "«some $1»"));
    },
  };
}

/** Expects that a preview and an update of an unchanged program plan nothing and send no write. */
export async function expectSettled(twilio: TestTwilio, engine: MiniEngine, program: Declared[]): Promise<void> {
  const unchanged = Object.fromEntries(program.map(({ name }) => [name, "same"]));
  twilio.requests();
  await twilio.control("DELETE", "calls");
  expect(await engine.preview(program)).toEqual(unchanged);
  expect(await engine.up(program)).toEqual(unchanged);
  expect(twilio.writes()).toEqual([]);
  const { calls } = await twilio.control("GET", "calls");
  expect((calls as { method: string }[]).filter(({ method }) => method !== "GET")).toEqual([]);
}
