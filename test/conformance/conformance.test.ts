import { beforeAll, describe, expect, it } from "vitest";
import { catalog } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import { topLevel } from "../../src/core/lifecycle/props";
import { copiesOf, copyName } from "./copies";
import {
  changesOf,
  diffOf,
  effectAt,
  expectChanges,
  expectUpdate,
  isSingleton,
  isWithin,
  plannedAt,
  restorable,
  unchanging,
  writesTo,
} from "./expectations";
import { missingError, type Recording, readName, record } from "./run";
import { kindOf, type Subject } from "./subject";
import { subjects } from "./subjects";

// One program with all subjects runs once; each test asserts one subject's part of what that run showed.
let run: Recording;
beforeAll(async () => {
  run = await record(subjects);
}, 900_000);

const kinds = subjects.map((subject) => [kindOf(subject), subject] as const);
const propertiesOf = (cases: (subject: Subject) => object) =>
  kinds.flatMap(([kind, subject]) => Object.keys(cases(subject)).map((property) => [kind, property, subject] as const));
const ordinary = kinds.filter(([, subject]) => !isSingleton(subject));

it("each resource type of the catalog has one declaration", () => {
  expect(kinds.map(([kind]) => kind).sort()).toEqual(catalog.map(resourceName).sort());
});

it.each(kinds)("%s: the declaration covers each property and each group", (_kind, subject) => {
  const { definition } = subject;
  const fields = Object.entries(definition.fields).filter(([, { local }]) => !local || local === "replace");
  const replaced = fields.filter(([, { createOnly, parent, local }]) => createOnly || parent || local);
  const fixed = replaced.filter(([, { createOnly }]) => createOnly !== "presence").map(([property]) => property);
  const unsent = fields.filter(([, { sentOnCreate }]) => sentOnCreate).map(([property]) => property);
  const empty = fields.filter(([, { type }]) => type === "empty").map(([property]) => property);
  const updatable = fields.map(([property]) => property).filter((property) => ![...fixed, ...unsent, ...empty].includes(property));
  const { names = [], switchable } = definition.groups ?? {};
  // Alternatives of one property: a switch updates that property. Others are no property that a copy could change alone.
  const switches = switchable ? new Set(names.filter((name) => name.includes(".")).map(topLevel)) : [];
  const replacing = new Set([...(isSingleton(subject) ? [] : replaced.map(([property]) => property)), ...(switchable ? [] : names)]);
  expect(Object.keys(subject.replacements).sort()).toEqual([...replacing].sort());
  expect(Object.keys(subject.updates).sort()).toEqual([...updatable, ...switches].sort());
  expect(Object.keys(subject.unsent)).toEqual(expect.arrayContaining(unsent));
});

describe("the first preview", () => {
  it.each(kinds)("%s: plans to create each resource, and creates none", (_kind, subject) => {
    expectChanges(subject, run.preview, Object.fromEntries(copiesOf(subject).map(({ name }) => [name, "create"])));
    expect(run.listedAfterPreview.get(subject.type)).toEqual(run.before.get(subject.type));
  });

  it("sends no write, and reports once which account it is about", () => {
    expect(run.preview.outcome.ok, run.preview.outcome.text).toBe(true);
    expect(run.preview.requests.filter(({ method }) => method !== "get")).toEqual([]);
    expect(run.preview.outcome.diagnostics.filter(({ message }) => message.startsWith("Twilio: "))).toEqual([
      {
        urn: "",
        severity: "info",
        message: `Twilio: ${run.url}, account ${run.twilio.accountSid}, credentials from the stack's configuration`,
      },
    ]);
  });
});

describe("the first update", () => {
  it("succeeds", () => {
    expect(run.create.outcome.ok, run.create.outcome.text).toBe(true);
  });

  it.each(kinds)("%s: creates each object, and the state has its id", (_kind, subject) => {
    const { state, live } = run.create;
    expectChanges(subject, run.create, Object.fromEntries(copiesOf(subject).map(({ name }) => [name, "create"])));
    for (const { name } of copiesOf(subject)) {
      expect(state[name]?.type).toBe(subject.type);
      expect(state[name]?.id).toMatch(subject.id);
      const { accountSid } = run.twilio;
      const sid = state[name]?.id.split("/").at(-1);
      // A singleton has no SID of its own at Twilio.
      expect(live.get(name)).toMatchObject(isSingleton(subject) ? { accountSid } : { sid, accountSid });
      expect(state[name]?.outputs).toMatchObject({ sid, accountSid });
    }
  });

  it.each(kinds)("%s: creates no second object", (_kind, subject) => {
    const created = Object.values(run.create.state).filter(({ type }) => type === subject.type).length;
    const { length } = run.before.get(subject.type) as readonly string[];
    expect(run.listedAfterCreate.get(subject.type)).toHaveLength(isSingleton(subject) ? 1 : length + created);
  });
});

describe("the second update", () => {
  it("sends no request", () => {
    expect(run.second.outcome.ok, run.second.outcome.text).toBe(true);
    expect(run.second.requests).toEqual([]);
  });

  it.each(kinds)("%s: changes nothing", (_kind, subject) => {
    expectChanges(subject, run.second, {});
  });
});

describe("get", () => {
  it.each(kinds)("%s: reads the object of a valid id", (_kind, subject) => {
    const { [copyName(subject, "plain")]: plain, [readName(subject)]: read } = run.set.state;
    // What Twilio never returned cannot be read, and what it corrected is read as it has it.
    const { secretOutputs = [], fields } = subject.definition;
    const secrets = Object.keys(fields).filter((property) => ["secret", "corrected"].includes(String(fields[property]?.type)));
    const unread = [...Object.keys(subject.unsent), ...secretOutputs, ...secrets].map((property) => property.split(".")[0]);
    const outputs = Object.entries(plain?.outputs ?? {}).filter(([key]) => !key.startsWith("__") && !unread.includes(key));
    expect(outputs.length).toBeGreaterThan(1);
    expect(read, run.set.outcome.text).toMatchObject({ id: plain?.id, external: true, outputs: Object.fromEntries(outputs) });
  });

  it.each(kinds)("%s: reports an id that no object has", (_kind, subject) => {
    expect(run.missing).toContain(missingError(subject, run.twilio.accountSid));
  });
});

const updates = (["set", "change", "unset"] as const).flatMap((stage) =>
  (["sets", "changes", "unsets", "leaves"] as const).map((effect) => {
    const rows = propertiesOf((subject) => subject.updates).filter(
      ([, property, subject]) => effectAt(subject, property, stage) === effect,
    );
    return { stage, effect, rows };
  }),
);

describe.each(updates.filter(({ rows }) => rows.length > 0))("at the stage $stage, an update", ({ stage, effect, rows }) => {
  const plan = stage === "change" ? "the preview and the update show" : "the update shows";
  const title =
    effect === "leaves"
      ? "%s: sends nothing when the program no longer declares `%s`, and the value stays"
      : `%s: ${effect} \`%s\` in place with one request, and ${plan} that property alone`;
  it.each(rows)(title, (_kind, property, subject) => {
    expectUpdate(run, subject, property, stage);
  });
});

it.each(["set", "changePreview", "change", "refresh", "repair", "unset", "settled"] as const)("the operation %s succeeds", (name) => {
  expect(run[name].outcome.ok, run[name].outcome.text).toBe(true);
});

describe("a change of a property that matters at creation or deletion only", () => {
  it.each(propertiesOf(({ unsent }) => unsent))("%s: a change of `%s` sends nothing", (_kind, property, subject) => {
    const name = copyName(subject, "unsent", property);
    const id = run.create.state[name]?.id as string;
    expect(["update", undefined], run.set.outcome.text).toContain(run.set.outcome.changes[name]);
    // The singleton's one copy changes other properties in the same update, each with a form key of its own.
    const keys = writesTo(subject, run.set, id).flatMap(({ form }) => [...form.keys()]);
    expect(keys).toHaveLength(isSingleton(subject) ? Object.values(subject.updates).filter(({ stays }) => !stays).length : 0);
    expect(run.set.state[name]?.id).toBe(id);
    const sent = subject.unsent[property]?.sentAtCreation;
    if (sent) expect(run.create.requests.filter(({ form }) => form.get(sent[0]) === sent[1])).toHaveLength(1);
  });

  it.each(kinds)("%s: the same update changes nothing else", (_kind, subject) => {
    const recorded = Object.keys(subject.unsent).map((property) => copyName(subject, "unsent", property));
    const others = Object.entries(changesOf(subject, run.set.outcome)).filter(([name]) => isSingleton(subject) || !recorded.includes(name));
    expect(Object.fromEntries(others)).toEqual(plannedAt(subject, "set"));
  });
});

describe("another way to write the same value", () => {
  it.each(propertiesOf(({ equivalents = {} }) => equivalents))("%s: a rewritten `%s` is not a change", (_kind, property, subject) => {
    const name = copyName(subject, "equivalent", property);
    expect(run.set.state[name]?.id).toBeDefined();
    expect(run.set.outcome.changes[name]).toBeUndefined();
    expect(writesTo(subject, run.set, run.create.state[name]?.id as string)).toEqual([]);
  });
});

describe("a change of a property that Twilio cannot update", () => {
  it.each(propertiesOf(({ replacements }) => replacements))("%s: a change of `%s` replaces the object", (_kind, property, subject) => {
    const name = copyName(subject, "replace", property);
    for (const { outcome } of [run.changePreview, run.change]) expect(outcome.changes[name], outcome.text).toBe("replace");
    const own = run.change.outcome.steps.filter((step) => step.name === name);
    expect(own[0]?.op).toBe(subject.deletesFirst ? "delete-replaced" : "create-replacement");
    expect(own.some(({ diff }) => Object.keys(diff).some((difference) => isWithin(difference, property)))).toBe(true);
    const [old, now] = [run.set.state[name]?.id, run.change.state[name]?.id];
    expect(now).toMatch(subject.id);
    expect(now).not.toBe(old);
    expect(run.change.live.get(name)).toBeDefined();
    expect(run.replaced.get(name) !== undefined).toBe(subject.kept !== undefined);
  });

  it.each(kinds)("%s: the preview and the update change nothing else", (_kind, subject) => {
    for (const step of [run.changePreview, run.change]) expectChanges(subject, step, plannedAt(subject, "change"));
    expect(run.changePreview.requests.filter(({ method }) => method !== "get")).toEqual([]);
  });
});

describe("a refresh and an update after a change by somebody else", () => {
  const driftOf = (subject: Subject) => (subject.drift ? copyName(subject, "drift") : undefined);

  it.each(kinds)("%s: the refresh shows the change and the deletion", (_kind, subject) => {
    const drift = driftOf(subject);
    if (drift) expect(run.byHand.get(drift)).not.toEqual(run.change.live.get(drift));
    const deleted = copyName(subject, "deleted");
    if (subject.remove) expect(run.byHand.get(deleted)).toBeUndefined();
    expectChanges(subject, run.refresh, { ...(subject.remove && { [deleted]: "delete" }), ...(drift && { [drift]: "update" }) });
  });

  it("the refresh keeps the identity of each resource that has not drifted in its inputs", () => {
    const names = kinds
      .flatMap(([, subject]) => copiesOf(subject).map(({ name }) => name))
      .filter((name) => run.refresh.state[name] && run.refresh.outcome.changes[name] === undefined);
    expect(names.length).toBeGreaterThan(70);
    const identities = (state: Recording["change"]["state"]) => names.map((name) => [name, state[name]?.inputs.__id]);
    expect(identities(run.refresh.state)).toEqual(identities(run.change.state));
  });

  it.each(kinds.filter(([, { drift }]) => drift))("%s: the update restores the declared value", (_kind, subject) => {
    const name = copyName(subject, "drift");
    const { property } = subject.drift as { property: string };
    expect(run.repair.outcome.changes[name], run.repair.outcome.text).toBe("update");
    // A refresh drops `adopt`, which only a create reads, from the inputs, and a singleton's one copy declares it.
    // Of a drifted object, the first read of a plugin process loses the identity: the SDK asks that request for its id before it loads the provider.
    const unread = isSingleton(subject) ? ["__id", "adopt"] : ["__id"];
    const shown = diffOf(run.repair, name).filter((difference) => !unread.includes(difference));
    expect(shown).not.toEqual([]);
    for (const difference of shown) expect(isWithin(difference, property), difference).toBe(true);
    expect(unchanging(run.repair.live.get(name))).toEqual(unchanging(run.change.live.get(name)));
  });

  it.each(ordinary)("%s: the update creates the deleted object again", (_kind, subject) => {
    const name = copyName(subject, "deleted");
    expect(run.repair.outcome.changes[name], run.repair.outcome.text).toBe("create");
    expect(run.repair.state[name]?.id).not.toBe(run.change.state[name]?.id);
    expect(run.repair.live.get(name)).toBeDefined();
  });

  it.each(kinds)("%s: the update changes nothing else", (_kind, subject) => {
    const drift = driftOf(subject);
    const deleted = subject.remove && { [copyName(subject, "deleted")]: "create" };
    expectChanges(subject, run.repair, { ...deleted, ...(drift && { [drift]: "update" }) });
  });
});

describe("a preview after all updates", () => {
  it.each(kinds)("%s: plans nothing", (_kind, subject) => {
    expectChanges(subject, run.unset, plannedAt(subject, "unset"));
    expectChanges(subject, run.settled, {});
  });
});

describe("destroy", () => {
  const deleted = kinds.filter(([, { kept }]) => !kept);
  const kept = kinds.filter(([, subject]) => subject.kept && !isSingleton(subject));
  const restored = kinds.filter(([, subject]) => isSingleton(subject));

  it("succeeds, and empties the state", () => {
    expect(run.destroy.outcome.ok, run.destroy.outcome.text).toBe(true);
    expect(Object.keys(run.destroy.state)).toEqual([]);
  });

  it.each(deleted)("%s: deletes each object, and ignores that one is deleted already", (_kind, subject) => {
    for (const { name } of copiesOf(subject)) expect(run.left.get(name), name).toBeUndefined();
    expect([...(run.listedAfterDestroy.get(subject.type) ?? [])].sort()).toEqual([...(run.before.get(subject.type) ?? [])].sort());
  });

  const reportsOf = ({ kept: words }: Subject) => run.destroy.outcome.diagnostics.filter(({ message }) => words?.test(message));

  it.each(kept)("%s: keeps each object and reports it", (_kind, subject) => {
    const names = copiesOf(subject).map(({ name }) => name);
    for (const name of names) expect(run.left.get(name), name).toBeDefined();
    expect(
      reportsOf(subject)
        .map(({ urn }) => urn.split("::").at(-1))
        .sort(),
    ).toEqual([...names].sort());
  });

  it.each(restored)("%s: restores the former values and reports it", (_kind, subject) => {
    const name = copyName(subject, "");
    const [left, former] = [run.left.get(name), run.former.get(subject.type)].map((body) => restorable(subject, unchanging(body)));
    expect(left).toEqual(former);
    expect(unchanging(run.unset.live.get(name))).not.toEqual(unchanging(run.former.get(subject.type)));
    expect(reportsOf(subject)).toHaveLength(1);
  });
});

it("one run of the suite takes at most 20 operations of the engine", () => {
  expect(run.operations).toBeLessThanOrEqual(20);
});
