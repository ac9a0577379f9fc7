/** Plays a history, lets it settle, and checks the invariants. */
import type { Write } from "./faults";
import type { History } from "./history";
import { disagreements, intrusions, leaks, leftovers, missing, purchases, surprises } from "./invariants";
import { isLegalEnd } from "./legal-ends";
import type { Outcome, Sabotage, Stack } from "./stack";
import { lastSid } from "./state";
import { World } from "./world";

/** What came of a history. */
export interface Played {
  /** None, if all is well. */
  readonly violations: readonly string[];
  /** The operations, as a person reads them. */
  readonly story: string;
}

export async function simulate(history: History, sabotage?: Sabotage): Promise<Played> {
  const world = new World(history, sabotage);
  const play = async () => {
    await world.open();
    // What exists before is older than everything that a program creates.
    await world.clock.sleep(600_000);
    if (history.beginsWithUp) await world.happen({ event: "up", stack: 0, faults: [] });
    for (const event of history.events) await world.happen(event);
    return {
      violations: await settle(world),
      story: world.outcomes.map((outcome) => describe(outcome, world.writesOf(outcome))).join("\n"),
    };
  };
  return world.clock.governing(() => world.clock.until(play()));
}

function describe({ stack, event, wasKilled, previewLines, planned, lines, error }: Outcome, writes: readonly Write[]): string {
  const changes = [...planned].filter(([, { step }]) => step !== "same").map(([urn, { step }]) => `${step} ${urn.split("::").at(-1)}`);
  const sent = writes.map(({ actor, method, path, form, after }) => {
    const [id = "", words] = [after?.sid, JSON.stringify(form)];
    return `    ${actor?.step ?? "somebody"} ${actor?.urn.split("::").at(-1) ?? ""}: ${method} ${path.slice(path.lastIndexOf("/", path.length - 40))} ${words} -> ${id}`;
  });
  const shown = [...previewLines.map((line) => `    preview ${line}`), ...lines.map((line) => `    ${line}`)];
  return [
    `${event} of ${stack.id}${wasKilled ? ", killed" : ""}: ${changes.join(", ") || "no change"}`,
    ...shown.filter((line) => !/ (info: Twilio:|debug:)/.test(line)),
    ...sent,
    ...(error === undefined ? [] : [`    error: ${error}`]),
  ].join("\n");
}

async function settle(world: World): Promise<string[]> {
  const violations: string[] = [];
  // The last request that is still under way arrives.
  await world.clock.sleep(600_000);
  const used = world.stacks.filter((stack) => world.outcomes.some((outcome) => outcome.stack === stack));
  const settled: Stack[] = [];
  for (const stack of used) {
    const outcome = await upWithRefresh(world, stack);
    if (outcome.error === undefined) {
      violations.push(...missing(world, stack));
      settled.push(stack);
    } else if (!isLegalEnd(outcome.error)) violations.push(`4: ${stack.id} ends with ${outcome.error}`);
  }
  for (const stack of settled) violations.push(...(await agree(world, stack)));
  violations.push(...leftovers(world), ...purchases(world));
  for (const outcome of world.outcomes) violations.push(...intrusions(world, outcome), ...surprises(world, outcome));
  return [...new Set([...violations, ...leaks(world)])];
}

async function upWithRefresh(world: World, stack: Stack): Promise<Outcome> {
  const outcome = await world.operate(stack, "up");
  if (!outcome.error?.includes("pulumi refresh")) return outcome;
  await refresh(world, stack);
  return world.operate(stack, "up");
}

/** A refresh, where everything was deleted with the user's consent. */
async function refresh(world: World, stack: Stack): Promise<Outcome> {
  const outcome = await world.operate(stack, "refresh");
  const live = new Set(world.live().map(({ row }) => row.sid));
  const isAnyLeft = world.snapshot(stack).resources.some(({ id }) => live.has(lastSid(id)));
  const isRefused = outcome.error?.includes("acceptAllMissing") ?? false;
  return isRefused && !isAnyLeft ? world.operate(stack, "refresh", { acceptsAllMissing: true }) : outcome;
}

/** After a refresh and an `up`, nothing is left to do. */
async function agree(world: World, stack: Stack): Promise<string[]> {
  const refreshed = await refresh(world, stack);
  if (refreshed.error !== undefined) return [`4: refresh of ${stack.id} ends with ${refreshed.error}`];
  const repaired = await world.operate(stack, "up");
  if (repaired.error !== undefined) return isLegalEnd(repaired.error) ? [] : [`4: ${stack.id} after a refresh ends with ${repaired.error}`];
  const idle = await world.operate(stack, "up");
  const changes = [...idle.planned].filter(([, { step }]) => step !== "same").map(([urn, { step }]) => `${step} ${urn}`);
  const unrest = [...changes, ...world.writesOf(idle).map(({ method, path }) => `${method} ${path}`), ...(idle.error ? [idle.error] : [])];
  return [
    ...(unrest.length > 0 ? [`4: ${stack.id} does not come to rest: ${unrest.join(", ")}`] : []),
    ...(await disagreements(world, stack)),
  ];
}
