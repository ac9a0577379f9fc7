import type { CustomResource, CustomResourceOptions } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Definition } from "../../src/core/lifecycle/definition";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type Account, type Outcome, openStack, type StackOptions, type TestStack } from "../support/engine";
import { type Outside, outside } from "./twilio";

/** A stack of the real engine and its Twilio. */
export interface Lab {
  readonly stack: TestStack;
  readonly twilio: Outside;
  close(): Promise<void>;
}

/** Opens a stack on a new emulator, or on one that is there. */
export async function openLab({ twilio, ...options }: Partial<StackOptions> & { twilio?: Account } = {}): Promise<Lab> {
  const emulator: Emulator | undefined = twilio ? undefined : await startEmulator();
  const account = twilio ?? (emulator as Emulator);
  const stack = await openStack({ ...options, twilio: account });
  return {
    stack,
    twilio: outside(account),
    async close() {
      await stack.close();
      await emulator?.close();
    },
  };
}

type Args = Record<string, unknown>;
type Body = Record<string, unknown>;

/** A property that Twilio can change. */
export interface Updatable {
  /** Two values to declare one after the other, or functions of what stands around; before and after them nothing is declared. */
  readonly values: readonly [unknown, unknown];
  /** What Twilio's client shows. Default: the property of the same name. */
  readonly live?: (body: Body) => unknown;
  /** What it shows for the two values. Default: the values. */
  readonly shown?: readonly [unknown, unknown];
  /** What it shows while nothing is declared. Default: null. */
  readonly none?: unknown;
  /** What it shows when nothing is declared any more, where that is not the same: what Twilio cannot unset stays. */
  readonly left?: unknown;
}

/** What stands around the resources of one test, made by the same program. */
// biome-ignore lint/suspicious/noExplicitAny: each life knows what it has put there
export type Ground = Record<string, any>;

/** One resource's life, declared. The suite lives it on the real engine. */
export interface Life {
  /** The resource's own table, only to make sure that no property is left out here. */
  readonly definition: Definition;
  /** Pulumi's type token, which never changes. */
  readonly type: string;
  readonly id: RegExp;
  readonly make: (name: string, args: Args, options?: CustomResourceOptions) => CustomResource;
  readonly get: (name: string, id: string) => CustomResource;
  readonly ground?: () => Ground;
  /** What must be known of Twilio beforehand. */
  readonly prepare?: (twilio: Outside) => Promise<void>;
  /** The plainest arguments. */
  readonly args: (ground: Ground, name: string) => Args;
  /** By property, `timers.inactive`. */
  readonly updates: Readonly<Record<string, Updatable>>;
  /** By property: the arguments before and after. */
  readonly replaces: Readonly<Record<string, (ground: Ground, name: string) => readonly [Args, Args]>>;
  /** Replacing deletes the old one first. */
  readonly deletesFirst?: true;
  /** Matter at creation or deletion only: a change is not sent. */
  readonly silent: Readonly<Record<string, readonly [unknown, unknown]>>;
  /** What somebody does in the Console, and the property that the refresh shows for it. */
  readonly drift?: {
    readonly property: string;
    readonly declared: unknown;
    readonly change: (twilio: Outside, id: string) => Promise<unknown>;
  };
  /** By Twilio's own client; undefined when there is none. */
  readonly fetch: (twilio: Outside, id: string) => Promise<Body | undefined>;
  readonly remove: (twilio: Outside, id: string) => Promise<unknown>;
  /** Everything of the kind that is at Twilio, but for what an account has from the start. */
  readonly list: (twilio: Outside) => Promise<readonly unknown[]>;
  /** An id of the right form that names nothing. */
  readonly missing: string;
  /** Destroying keeps it: these words say so. */
  readonly kept?: RegExp;
}

/** The whole life of a resource: nobody who writes a new one need script it anew. */
export function conformance({ list, ...life }: Life): void {
  it(`${life.type}: the suite knows of each property whether a change replaces`, () => {
    const fields = Object.entries(life.definition.fields).filter(([, { local }]) => !local);
    const fixed = fields.filter(([, { createOnly, parent }]) => createOnly || parent).map(([property]) => property);
    expect(Object.keys(life.replaces).sort()).toEqual(fixed.sort());
    expect(Object.keys(life.updates).sort()).toEqual(fields.flatMap(([property]) => (fixed.includes(property) ? [] : [property])).sort());
  });

  describe(`${life.type} on the real engine`, () => {
    let lab: Lab;
    /** The copies that the program declares, each with its arguments. */
    let copies: Record<string, (ground: Ground) => Args> = {};
    let ids: Record<string, string> = {};
    const noun = life.type.slice(life.type.lastIndexOf(":") + 1);

    beforeAll(async () => {
      lab = await openLab({ program: async () => declare() });
      await life.prepare?.(lab.twilio);
      await lab.twilio.forgetCalls();
    });
    afterAll(() => lab.close());

    function declare(): void {
      const ground = life.ground?.() ?? {};
      for (const [name, args] of Object.entries(copies)) life.make(name, args(ground));
    }

    const plain = (name: string) => (ground: Ground) => life.args(ground, name);
    const updating = (property: string, stage: 0 | 1 | 2 | 3) => (ground: Ground) => {
      const { values } = life.updates[property] as Updatable;
      const args = life.args(ground, copyOf(property));
      if (stage === 0 || stage === 3) return args;
      const value = values[stage - 1];
      return nest(args, property, typeof value === "function" ? value(ground) : value);
    };
    const body = async (name: string) => life.fetch(lab.twilio, ids[name] as string);

    it("previews without a write, and tells where it would write", async () => {
      copies = {
        one: plain("one"),
        gone: plain("gone"),
        ...Object.fromEntries(Object.keys(life.updates).map((property) => [copyOf(property), updating(property, 0)])),
        ...Object.fromEntries(
          Object.entries(life.replaces).map(([property, args]) => [
            fixedOf(property),
            (ground: Ground) => args(ground, fixedOf(property))[0],
          ]),
        ),
        ...Object.fromEntries(
          Object.entries(life.silent).map(([property, [before]]) => [
            silentOf(property),
            (ground: Ground) => nest(life.args(ground, silentOf(property)), property, before),
          ]),
        ),
      };
      if (life.drift) copies.drift = (ground) => nest(life.args(ground, "drift"), life.drift?.property as string, life.drift?.declared);
      const outcome = await lab.stack.preview();
      expectOk(outcome);
      expect(await lab.twilio.writes()).toEqual([]);
      expect(await list(lab.twilio)).toEqual([]);
      for (const name of Object.keys(copies)) expect(outcome.changes[name], name).toBe("create");
      expect(outcome.diagnostics.filter(({ message }) => message.startsWith("Twilio: "))).toEqual([
        {
          urn: "",
          severity: "info",
          message: `Twilio: ${lab.twilio.url}, account ${lab.twilio.accountSid}, credentials from the stack's configuration`,
        },
      ]);
    });

    it("creates, and Twilio has it under the id that the state has", async () => {
      expectOk(await lab.stack.up());
      const state = await lab.stack.state();
      ids = Object.fromEntries(Object.keys(copies).map((name) => [name, state[name]?.id as string]));
      for (const name of Object.keys(copies)) {
        expect(state[name]?.type).toBe(life.type);
        expect(ids[name]).toMatch(life.id);
        const sid = ids[name]?.split("/").at(-1);
        expect(await body(name)).toMatchObject({ sid, accountSid: lab.twilio.accountSid });
        expect(state[name]?.outputs).toMatchObject({ sid, accountSid: lab.twilio.accountSid });
      }
      expect(await list(lab.twilio)).toHaveLength(Object.keys(copies).length);
    });

    it("does nothing the second time, without a single call to Twilio", async () => {
      await lab.twilio.forgetCalls();
      expectNothing(await lab.stack.up());
      expect(await lab.twilio.calls()).toEqual([]);
    });

    it("is read by its id, as the program's own get; a missing one fails the preview", async () => {
      lab.stack.program = async () => void life.get("nobody", life.missing);
      const outcome = await lab.stack.preview();
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toContain(`${noun}.get: there is no ${noun} "${life.missing}" in account ${lab.twilio.accountSid}`);
      // From here on it is read in every run, and never changed.
      lab.stack.program = async () => {
        declare();
        life.get("read", ids.one as string);
      };
      expectOk(await lab.stack.up());
      const { one, read } = await lab.stack.state();
      // What was not sent cannot be read.
      const unsent = ["__urn", ...Object.keys(life.silent).map((property) => property.split(".")[0])];
      const seen = Object.fromEntries(Object.entries(one?.outputs ?? {}).filter(([key]) => !unsent.includes(key)));
      expect(read).toMatchObject({ id: ids.one, external: true, outputs: seen });
    });

    const properties = Object.keys(life.updates);
    if (properties.length > 0) {
      for (const [stage, what] of [
        [1, "is set in place, each property that Twilio can change"],
        [2, "is changed in place, each property, and the preview shows that one alone"],
        [3, "is unset in place, each property that the program no longer declares"],
      ] as const) {
        it(what, async () => {
          for (const property of properties) copies[copyOf(property)] = updating(property, stage);
          const inPlace = Object.fromEntries(properties.map((property) => [copyOf(property), "update"]));
          const plan = stage === 2 ? [await lab.stack.preview()] : [];
          for (const outcome of [...plan, await lab.stack.up()]) {
            expectOk(outcome);
            expect(outcome.changes).toEqual(inPlace);
            for (const property of properties) {
              const { diff } = outcome.steps.find(({ name }) => name === copyOf(property)) as Outcome["steps"][number];
              expect(topLevels(diff), `the plan shows ${property} and nothing else`).toEqual([property.split(".")[0]]);
            }
          }
          if (stage !== 2) expectNothing(await lab.stack.preview());
          for (const property of properties) {
            const updatable = life.updates[property] as Updatable;
            const { values, shown = values, live = (found) => found[property] } = updatable;
            const none = "none" in updatable ? updatable.none : null;
            const found = (await body(copyOf(property))) as Body;
            expect(live(found), property).toEqual(stage === 3 ? ("left" in updatable ? updatable.left : none) : shown[stage - 1]);
          }
          const state = await lab.stack.state();
          for (const property of properties) expect(state[copyOf(property)]?.id).toBe(ids[copyOf(property)]);
        });
      }
    }

    it("sends nothing for what matters only when it is created or deleted", async () => {
      for (const [property, [, after]] of Object.entries(life.silent)) {
        copies[silentOf(property)] = (ground) => nest(life.args(ground, silentOf(property)), property, after);
      }
      await lab.twilio.forgetCalls();
      const outcome = await lab.stack.up();
      expectOk(outcome);
      expect(await lab.twilio.writes()).toEqual([]);
      expect(Object.values(outcome.changes).filter((op) => op !== "update")).toEqual([]);
    });

    it("is replaced for each property that Twilio cannot change", async () => {
      const properties = Object.keys(life.replaces);
      for (const property of properties) {
        copies[fixedOf(property)] = (ground) => (life.replaces[property] as Life["replaces"][string])(ground, fixedOf(property))[1];
      }
      const outcome = await lab.stack.up();
      expectOk(outcome);
      expect(outcome.changes).toEqual(Object.fromEntries(properties.map((property) => [fixedOf(property), "replace"])));
      for (const property of properties) {
        const own = outcome.steps.filter(({ name }) => name === fixedOf(property));
        const [first] = own.map(({ op }) => op);
        expect(first, property).toBe(life.deletesFirst ? "delete-replaced" : "create-replacement");
        expect(
          own.some(({ diff }) => topLevels(diff).includes(property.split(".")[0] as string)),
          property,
        ).toBe(true);
      }
      const state = await lab.stack.state();
      for (const property of properties) {
        const name = fixedOf(property);
        const old = ids[name] as string;
        expect(state[name]?.id).not.toBe(old);
        expect(await life.fetch(lab.twilio, state[name]?.id as string)).toBeDefined();
        expect((await life.fetch(lab.twilio, old)) === undefined, `the old one of ${property} is gone`).toBe(life.kept === undefined);
        ids[name] = state[name]?.id as string;
      }
    });

    it("is repaired when somebody changed it, and created again when somebody deleted it; refresh shows both", async () => {
      const { drift } = life;
      const before = drift && (await body("drift"));
      await drift?.change(lab.twilio, ids.drift as string);
      if (drift) expect(await body("drift")).not.toEqual(before);
      await life.remove(lab.twilio, ids.gone as string);
      expect(await body("gone")).toBeUndefined();
      const refreshed = await lab.stack.refresh();
      expectOk(refreshed);
      expect(refreshed.changes).toEqual({ gone: "delete", ...(drift && { drift: "update" }) });
      const outcome = await lab.stack.up();
      expectOk(outcome);
      expect(outcome.changes).toEqual({ gone: "create", ...(drift && { drift: "update" }) });
      if (drift) {
        expect(topLevels(outcome.steps.find(({ name }) => name === "drift")?.diff)).toEqual([drift.property.split(".")[0]]);
        expect({ ...(await body("drift")), dateUpdated: undefined }).toEqual({ ...before, dateUpdated: undefined });
      }
      const { gone } = await lab.stack.state();
      expect(gone?.id).not.toBe(ids.gone);
      ids.gone = gone?.id as string;
      expect(await body("gone")).toBeDefined();
    });

    it(life.kept ? "is kept by destroy, which says so" : "is destroyed, also where somebody was faster", async () => {
      const all = await list(lab.twilio);
      if (!life.kept) await life.remove(lab.twilio, ids.gone as string);
      const outcome = await lab.stack.destroy();
      expectOk(outcome);
      expect(await list(lab.twilio)).toHaveLength(life.kept ? all.length : 0);
      const said = outcome.diagnostics.filter(({ message }) => life.kept?.test(message));
      expect(said).toHaveLength(life.kept ? Object.keys(copies).length : 0);
      for (const { urn } of said) expect(Object.keys(copies)).toContain(urn.split("::").at(-1));
      expect(Object.keys(await lab.stack.state())).toEqual([]);
    });
  });
}

/** An operation that succeeded; else its own words are the failure's. */
export function expectOk(outcome: Outcome): void {
  expect(outcome.ok, outcome.text).toBe(true);
}

/** An operation that found nothing to do. */
export function expectNothing(outcome: Outcome): void {
  expectOk(outcome);
  expect(outcome.changes).toEqual({});
}

const slug = (property: string) => property.replaceAll(".", "-");
const copyOf = (property: string) => `set-${slug(property)}`;
const fixedOf = (property: string) => `fixed-${slug(property)}`;
const silentOf = (property: string) => `silent-${slug(property)}`;

const topLevels = (diff: Readonly<Record<string, string>> = {}) => [
  ...new Set(Object.keys(diff).map((key) => key.split(/[.[]/)[0] as string)),
];

/** The arguments with one more, `timers.inactive` within `timers`. */
function nest(args: Args, property: string, value: unknown): Args {
  const [first, ...rest] = property.split(".") as [string, ...string[]];
  if (value === undefined) return args;
  return { ...args, [first]: rest.length === 0 ? value : nest((args[first] ?? {}) as Args, rest.join("."), value) };
}
