/** What the tests expect of one subject in a recording. */
import { expect } from "vitest";
import type { Outcome } from "../support/engine";
import { changedAt, copiesOf, copyName, planOf, type Stage, stages } from "./copies";
import type { Recording, Step } from "./run";
import type { Body, Known, Subject, UpdateCase } from "./subject";

export const isSingleton = ({ definition }: Subject): boolean => definition.singleton === true;

/** The changes of a subject's copies. */
export function changesOf(subject: Subject, { changes }: Outcome): Record<string, string> {
  const names = copiesOf(subject).map(({ name }) => name);
  return Object.fromEntries(Object.entries(changes).filter(([name]) => names.includes(name)));
}

/** Expects these changes of a subject's copies. A failure shows what the engine printed. */
export function expectChanges(subject: Subject, { outcome }: Step, expected: Record<string, string>): void {
  expect(changesOf(subject, outcome), outcome.text).toEqual(expected);
  const names = copiesOf(subject).map(({ name }) => name);
  const errors = outcome.diagnostics.filter(
    ({ urn, severity }) => severity === "error" && names.includes(urn.split("::").at(-1) as string),
  );
  expect(errors).toEqual([]);
}

/** The writes to one object. */
export function writesTo({ isAbout = isLast }: Subject, { requests }: Step, id: string) {
  return requests.filter(({ method, path }) => method !== "get" && isAbout(path.replace(/\.json$/, ""), id));
}
const isLast = (path: string, id: string) => path.endsWith(`/${id.split("/").at(-1)}`);

/** The properties that a step of a resource shows as different. */
export const diffOf = ({ outcome }: Step, name: string): string[] => {
  const step = outcome.steps.find((each) => each.name === name && Object.keys(each.diff).length > 0);
  return Object.keys(step?.diff ?? {});
};
/** Whether the engine's name of a difference is about a property: it may name a group, or an item of a list. */
export const isWithin = (difference: string, property: string) =>
  difference === property || [".", "["].some((next) => difference.startsWith(property + next) || property.startsWith(difference + next));

export const unchanging = (body: Body | undefined) => body && { ...body, dateUpdated: undefined };
const atPath = (body: Body, property: string) => property.split(".").reduce<unknown>((value, key) => (value as Body)?.[key], body);

/** What Twilio's library returns for a property at a stage. */
function expectedAt(run: Recording, subject: Subject, property: string, stage: Stage): unknown {
  const update = subject.updates[property] as UpdateCase;
  const index = planOf(subject, property)[stage];
  if (index === undefined) {
    if (update.stays) return expectedAt(run, subject, property, isSingleton(subject) ? "create" : "change");
    if (isSingleton(subject)) return readOf(update, property)(run.former.get(subject.type) as Body);
    return "unset" in update ? update.unset : null;
  }
  const known: Known = { ...run.prepared, idOf: (name) => run.create.state[name]?.id as string };
  const value = (update.expected ?? update.values)[index];
  return typeof value === "function" ? value(known) : value;
}
const readOf = ({ read }: UpdateCase, property: string) => read ?? ((body: Body) => atPath(body, property));

/** Expects that an update changes this property at Twilio in one request, and the plan shows nothing else. */
export function expectUpdate(run: Recording, subject: Subject, property: string, stage: UpdateStage): void {
  const name = copyName(subject, "update", property);
  const step = run[stage];
  const changed = changedAt(subject, stage, property);
  expect(changed).toContain(property);
  const recorded = isSingleton(subject) ? Object.keys(subject.unsent) : [];
  for (const plan of stage === "change" ? [run.changePreview, step] : [step]) {
    expect(plan.outcome.changes[name], plan.outcome.text).toBe("update");
    const shown = diffOf(plan, name).filter((difference) => !recorded.some((other) => isWithin(difference, other)));
    for (const each of changed)
      expect(
        shown.some((difference) => isWithin(difference, each)),
        each,
      ).toBe(true);
    for (const difference of shown)
      expect(
        changed.some((each) => isWithin(difference, each)),
        difference,
      ).toBe(true);
  }
  const update = subject.updates[property] as UpdateCase;
  expect(readOf(update, property)(step.live.get(name) as Body)).toEqual(expectedAt(run, subject, property, stage));
  const id = run.create.state[name]?.id as string;
  expect(step.state[name]?.id).toBe(id);
  const writes = writesTo(subject, step, id);
  const sending = changed.filter((each) => effectAt(subject, each, stage) !== "leaves");
  const sent = sending.reduce((sum, each) => sum + (subject.updates[each]?.sends ?? 1), 0);
  const isSent = sent > 0;
  expect(writes.map(({ method }) => method)).toEqual(isSent ? ["post"] : []);
  if (isSent) expect(new Set(writes[0]?.form.keys()).size).toBe(sent);
}

/** A singleton without what Twilio cannot clear, and destroy therefore leaves. */
export function restorable({ updates }: Subject, body: Body | undefined): Body | undefined {
  const kept = Object.keys(updates).filter((property) => updates[property]?.stays);
  return body && { ...body, ...Object.fromEntries(kept.map((property) => [property, undefined])) };
}

/** The changes of a subject's copies at a stage. */
export function plannedAt(subject: Subject, stage: Stage): Record<string, string> {
  const updated = changedAt(subject, stage).map((property) => [copyName(subject, "update", property), "update"]);
  const replaced = Object.keys(stage === "change" ? subject.replacements : {}).map((name) => [
    copyName(subject, "replace", name),
    "replace",
  ]);
  return Object.fromEntries([...updated, ...replaced]);
}

/** The stages that update properties. */
export type UpdateStage = Exclude<Stage, "create">;

/** What happens to a property at a stage. */
export function effectAt(subject: Subject, property: string, stage: UpdateStage): "sets" | "changes" | "unsets" | "leaves" | undefined {
  const plan = planOf(subject, property);
  const [before, after] = [plan[stages[stages.indexOf(stage) - 1] as Stage], plan[stage]];
  if (before === after) return undefined;
  if (before === undefined) return "sets";
  if (after !== undefined) return "changes";
  return subject.updates[property]?.stays ? "leaves" : "unsets";
}
