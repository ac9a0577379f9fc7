/** Histories of stacks with faults; `npm run simulate` plays many more. */
import { describe, expect, it } from "vitest";
import type { Props } from "../../src/core/lifecycle/props";
import { runBatch } from "./batch";
import type { Event, History, Operated } from "./history";
import type { Spec } from "./program";
import { simulate } from "./simulate";
import type { Sabotage } from "./stack";

const spec = (kind: Spec["kind"], more: Partial<Spec> = {}): Spec => ({
  key: 0,
  kind,
  letter: "a",
  aliases: [],
  variant: 0,
  keeps: "default",
  ignores: false,
  retainOnDelete: false,
  isProtected: false,
  isSecret: false,
  isShared: false,
  ...more,
});
const operation = (event: Operated["event"], more: Partial<Operated> = {}): Operated => ({
  event,
  stack: 0,
  faults: [],
  ...more,
});
const up = operation("up");
const destroy = operation("destroy");
const renameStack: Event = { event: "rename stack", stack: 0 };
const edit = (change: Extract<Event, { event: "edit" }>["edit"], key = 0): Event => ({ event: "edit", stack: 0, key, edit: change });

/** `programs`: of the stacks `A` and `B` in one backend and `C` in another. */
const history = (programs: readonly (readonly Spec[])[], ...events: Event[]): History => ({
  seed: 1,
  programs,
  hidesStates: false,
  beginsWithUp: false,
  events,
});

it.each([1, 2, 3, 4, 5, 6])("50 histories of seed %i end as they must", { timeout: 120_000 }, async (seed) => {
  expect((await runBatch({ seed, runs: 50, without: [], all: true })).failures).toEqual([]);
});

const number = spec("named number");
const room = [spec("conversation"), spec("chat participant", { key: 1 }), spec("webhook", { key: 2 })];
const texted = [spec("conversation"), spec("searched number", { key: 1 })];
const written: Event = { event: "application writes", pick: 2 };

describe("histories that once ended badly", () => {
  it.each<[string, History]>([
    ["a declared number is kept and found again", history([[number]], up, destroy, up)],
    ["a searched number is kept and found again", history([[spec("searched number")]], up, destroy, up)],
    ["the stack of a number is renamed", history([[number]], up, renameStack, up)],
    [
      "a renamed stack's old name is used again",
      history([[number], [], [number]], up, renameStack, up, operation("up", { stack: 2 }), destroy),
    ],
    [
      "two backends have a stack of one name",
      history([room, [], room], up, operation("up", { stack: 2 }), operation("destroy", { stack: 2 })),
    ],
    [
      "a number is deleted under a new participant",
      history([texted], up, { event: "object is deleted", pick: 1 }, edit({ what: "add", spec: spec("sms participant", { key: 2 }) }), up),
    ],
    ["drift is followed by another change", history([[spec("named conversation", { variant: 1 })]], up, written, renameStack, up)],
    [
      "an ignored value is written by an application",
      history([[spec("named conversation", { variant: 1, ignores: true })]], up, written, edit({ what: "variant", variant: 2 }), up),
    ],
    [
      "the clock is set while a create is unfinished",
      history([[spec("service")]], operation("up", { killAt: 3 }), { event: "clock step", seconds: 600 }, up),
    ],
    [
      "a refresh follows a create that failed halfway",
      history(
        [[spec("named number", { variant: 2 })]],
        operation("up", { faults: [{ kind: "refused", nth: 1, ofWrites: true }] }),
        operation("refresh"),
        up,
      ),
    ],
  ])("%s", async (_what, one) => {
    expect((await simulate(one)).violations).toEqual([]);
  });

  it("a destroy is killed at any of its effects, then an update runs", async () => {
    for (let killAt = 1; killAt <= 20; killAt += 1) {
      const { violations } = await simulate(history([room], up, operation("destroy", { killAt }), up));
      expect({ killAt, violations }).toEqual({ killAt, violations: [] });
    }
  });
});

it("a number that a killed destroy has released is bought again once, wherever the update is killed", async () => {
  const released = [spec("searched number", { keeps: "remove" })];
  for (let destroyed = 3; destroyed <= 8; destroyed += 1) {
    for (let killAt = 5; killAt <= 16; killAt += 1) {
      const one = history([released], up, operation("destroy", { killAt: destroyed }), operation("up", { killAt }), up);
      expect({ destroyed, killAt, violations: (await simulate(one)).violations }).toEqual({ destroyed, killAt, violations: [] });
    }
  }
});

it("an interrupted purchase is named after a stack was renamed, wherever the update was killed", async () => {
  const named = [spec("searched number", { variant: 2 })];
  for (let killAt = 3; killAt <= 16; killAt += 1) {
    const { violations } = await simulate(history([named], operation("up", { killAt }), renameStack, up));
    expect({ killAt, violations }).toEqual({ killAt, violations: [] });
  }
});

describe("the simulation sees", () => {
  const kept = spec("searched number", { keeps: "keep" });
  const secret = spec("conversation", { variant: 1, isSecret: true });

  it.each<[string, number, History, Sabotage]>([
    [
      "a second object",
      1,
      history([[spec("service")]], up),
      (provider) => ({ ...provider, create: (inputs) => provider.create(inputs).then(() => provider.create(inputs)) }),
    ],
    [
      "a second number",
      2,
      history([[spec("searched number")]], up),
      (provider) => ({ ...provider, create: (inputs) => provider.create(inputs).then(() => provider.create(inputs)) }),
    ],
    [
      "a kept number that is not used again",
      2,
      history([[spec("searched number")]], up, destroy, up),
      (provider) => {
        // Under a mark of this process alone.
        const process = Date.now();
        const markOf = ({ __urn }: Props, olds: Props) => (Object.keys(olds).length > 0 ? __urn : `${__urn}-${process}`);
        return { ...provider, check: (olds, news) => provider.check(olds, { ...news, __urn: markOf(news, olds) }) };
      },
    ],
    [
      "a found number that is released",
      3,
      history([[kept]], up, destroy, edit({ what: "keeps", keeps: "remove" }), up, destroy),
      (provider) => ({ ...provider, delete: (id, { __found, ...props }) => provider.delete(id, props) }),
    ],
    [
      "an update that does nothing",
      4,
      history([[spec("conversation")]], up, edit({ what: "variant", variant: 1 }), up),
      (provider) => ({ ...provider, update: async (_id, olds) => ({ outs: olds }) }),
    ],
    [
      "a value that the preview does not show",
      5,
      history([[spec("conversation", { variant: 1 })]], up, edit({ what: "keeps", keeps: "keep" }), up),
      (provider) => ({ ...provider, update: (id, { friendlyName, ...olds }, news) => provider.update(id, olds, news) }),
    ],
    [
      "a secret in a log line",
      6,
      history([[secret]], up),
      (provider, show) => ({
        ...provider,
        create(inputs) {
          show(JSON.stringify(inputs));
          return provider.create(inputs);
        },
      }),
    ],
  ])("%s", async (_what, invariant, one, sabotage) => {
    expect((await simulate(one)).violations).toEqual([]);
    const { violations } = await simulate(one, sabotage);
    const found = violations.map((violation) => Number.parseInt(violation, 10));
    expect(found).toContain(invariant);
    // What no other invariant sees.
    if (invariant === 2) expect(new Set(found)).toEqual(new Set([2]));
  });
});
