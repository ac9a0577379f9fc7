/** What must hold after every history. Each violation begins with the number of its invariant. */
import type { Props } from "../../src/core/lifecycle/props";
import type { Row } from "./emulated-twilio";
import type { Write } from "./faults";
import { canaryOf } from "./program";
import type { Outcome, Stack } from "./stack";
import { type Declared, lastSid, type Resource } from "./state";
import { changedPaths, sortedJson } from "./values";
import type { World } from "./world";

/** A URN that stays the same when the stack is renamed. */
const withoutStack = (urn: string): string => urn.slice(urn.indexOf("::"));

/** 1 and 2: nothing is left over, and nothing is in a state twice. */
export function leftovers(world: World): string[] {
  const violations: string[] = [];
  const held = new Map<string, string[]>();
  const pending = new Set<string>();
  for (const stack of world.stacks) {
    const { resources, pending: operations } = world.snapshot(stack);
    for (const { type, urn } of operations)
      if (type === "creating") pending.add(`${stack.id} ${urn}`).add(`${stack.id} ${withoutStack(urn)}`);
    for (const resource of resources) {
      if (resource.pendingReplacement || resource.type.endsWith("Configuration")) continue;
      const sid = lastSid(resource.id);
      const isAdopted = resource.inputs.adopt !== undefined || world.found.has(`${stack.id} ${sid}`);
      held.set(sid, [...(held.get(sid) ?? []), `${stack.id} ${resource.urn}${isAdopted ? " (adopted)" : ""}`]);
    }
  }
  for (const [sid, holders] of held) {
    const owners = holders.filter((holder) => !holder.endsWith("(adopted)"));
    if (owners.length > 1) violations.push(`1: ${owners.length} resources have ${sid}: ${owners.join(", ")}`);
  }
  const told = world.outcomes
    .flatMap(({ previewLines, lines, error }) => [...[...previewLines, ...lines].filter((line) => line.startsWith("warn")), error ?? ""])
    .join("\n");
  for (const { table, row } of world.live()) {
    const creation = world.network.writes.find(({ after, before, actor }) => actor && !before && after?.sid === row.sid);
    if (!creation?.actor || held.has(row.sid) || world.letGo.has(row.sid) || told.includes(row.sid)) continue;
    const { stack, urn } = creation.actor;
    // A warning says that the list could not be read, which would have shown whether the request arrived twice.
    const others = othersOfTheSame(world, creation);
    if (others.some((sid) => new RegExp(`It is not known whether Twilio received the create of \\w+ ${sid} twice`).test(told))) continue;
    // The program says that nothing shall distinguish it, and whoever reads the error has to look for it.
    if (creation.fault !== undefined && urn.includes("unnamed-conversation")) continue;
    // Nobody can know of a request that arrives after its object was created by another one, and deleted.
    if (creation.fault === "late" && others.length > 0) continue;
    const name = urn.slice(urn.lastIndexOf("::") + 2);
    const owner = world.stacks.find(({ id }) => id === stack) as Stack;
    const isDeclared = world.program(owner).some((declared) => declared.name === name);
    // The engine lists its create as pending. A stack that was renamed since does not find its mark, so a preview has to name a number.
    const isFound = isDeclared && name.startsWith("searched-number");
    if (pending.has(`${stack} ${isFound ? urn : withoutStack(urn)}`)) continue;
    // The error said that Twilio may have created it and that the next update looks for it. Then the program no longer declared it, or a destroy
    // kept what it is in and forgot that.
    const isLeftBehind = !isDeclared || [row.conversationSid, row.chatServiceSid].some((sid) => world.letGo.has(String(sid)));
    if (isLeftBehind && creation.fault !== undefined && told.includes("It first looks up what already exists at Twilio")) continue;
    violations.push(`${table === "numbers" ? 2 : 1}: ${table} ${row.sid} of ${stack} ${urn} is in no state`);
  }
  return violations;
}

/** The SIDs of other objects that the operation of a create has made for the same resource. */
function othersOfTheSame({ network }: World, { actor, after }: Write): string[] {
  const isOfSame = (other: Write) => other.actor?.process === actor?.process && other.actor?.urn === actor?.urn;
  const others = network.writes.filter((other) => isOfSame(other) && !other.before && other.after?.sid !== after?.sid);
  return others.flatMap((other) => (other.after ? [String(other.after.sid)] : []));
}

/** 2: a number is bought once for each time that it is declared, and one that a destroy has kept is used again. */
export function purchases(world: World): string[] {
  const all = world.network.writes;
  const bought = all.filter(({ table, actor, before, after }) => table === "numbers" && actor && !before && after);
  return bought.flatMap((write, index) => {
    const at = all.indexOf(write);
    const { actor, after } = write;
    const earlier = bought.slice(0, index).find((other) => {
      const isOfSame = other.actor?.stack === actor?.stack && other.actor?.urn === actor?.urn && actor?.urn.includes("searched-number");
      const sid = other.after?.sid as string;
      const letGoAt = world.letGo.get(sid);
      const isFree = (letGoAt !== undefined && letGoAt <= at) || !world.everHeld.has(sid);
      const isReleased = all.slice(0, at).some(({ before, after: left }) => before?.sid === sid && !left);
      return isOfSame && (isReleased ? other.actor?.process === actor?.process && !isDisturbed(world, other) : isFree);
    });
    return earlier ? [`2: ${actor?.stack} bought ${after?.sid} for ${actor?.urn}, which had ${earlier.after?.sid}`] : [];
  });
}

const isDisturbed = (world: World, { actor }: Write): boolean =>
  world.outcomes.some((outcome) => outcome.process === actor?.process && outcome.isDisturbed);

/** For how long Twilio may carry out a request, with the provider's tolerance. */
const momentMs = 95_000;

/** Whether an object of the same name could not be told apart: it came while a create of this stack that failed might still be carried out. */
function isOfTheMoment(world: World, stack: Stack, { sid, dateCreated: at }: Row): boolean {
  const failed = world.outcomes.filter((one) => one.stack === stack && (one.wasKilled || one.error !== undefined));
  return (
    world.creatorOf(sid) !== stack.id &&
    typeof at === "number" &&
    failed.some(({ begunAt, endedAt }) => at >= begunAt - momentMs && at <= endedAt + momentMs)
  );
}

/** 3: what a stack does not have is not changed, released or deleted, and what it has found by a mark alone is named before and kept. */
export function intrusions(world: World, outcome: Outcome): string[] {
  return [...world.writesOf(outcome).flatMap((write) => intrusion(world, outcome, write)), ...unnamed(world, outcome)];
}

const namesOf = ({ sid, phoneNumber, uniqueName }: Row) => [sid, phoneNumber, uniqueName].filter((name) => typeof name === "string");

function intrusion(world: World, { stack, previewLines, heldByOthers }: Outcome, write: Write): string[] {
  const { before, table, actor, cascade, method } = write;
  if (!actor || !before || table === "configurations") return [];
  const strangers = cascade.filter((row) => "uniqueName" in row && world.creatorOf(row.sid) !== actor.stack);
  const violations = strangers.map(
    ({ sid }) => `3: ${stack.id} deleted ${sid} of ${world.creatorOf(sid) ?? "nobody"} with its parent ${before.sid}`,
  );
  const isDelete = method.toLowerCase() === "delete";
  const names = namesOf(before);
  const owner = world.creatorOf(before.sid);
  const adoption = names.map((name) => world.adoptions.get(`${stack.id} ${name}`)).find((how) => how !== undefined);
  const isAnnounced = previewLines.some((line) => names.some((name) => line.includes(name)));
  const isOwn = owner === actor.stack && !(isDelete && world.found.has(`${stack.id} ${before.sid}`));
  const wasFound = world.found.has(`${stack.id} ${before.sid}`) || isAnnounced;
  const isAllowed = isDelete ? adoption === "deleted" : adoption !== undefined || (wasFound && !heldByOthers.has(before.sid));
  if (isOwn || isAllowed) return violations;
  const what = `${isDelete ? "deleted" : "changed"} ${table} ${before.sid} of ${owner ?? "nobody"}`;
  return [...violations, `3: ${stack.id} ${what} in ${actor.step} of ${actor.urn}`];
}

/** Objects that an `up` has found, and that its preview has not named. What is inside an object that was named is found with it. */
function unnamed(world: World, { stack, found, previewLines, isDisturbed, event }: Outcome): string[] {
  if (isDisturbed || event !== "up") return [];
  const isNamed = (row: Row): boolean => previewLines.some((line) => namesOf(row).some((name) => line.includes(name)));
  const isExpected = (parent: Row) => isNamed(parent) || found.includes(parent.sid) || world.adoptions.has(`${stack.id} ${parent.sid}`);
  const rows = world.live().map(({ row }) => row);
  return found.flatMap((sid) => {
    const row = rows.find((one) => one.sid === sid);
    const parent = rows.find((one) => one.sid === row?.conversationSid);
    if (!row || isOfTheMoment(world, stack, row) || isNamed(row) || (parent && isExpected(parent))) return [];
    return [`3: ${stack.id} has found ${sid} of ${world.creatorOf(sid) ?? "nobody"}, and its preview did not name it`];
  });
}

/** 5: the preview has announced everything that was sent. */
export function surprises(world: World, outcome: Outcome): string[] {
  const { planned, isDisturbed, event, previewLines } = outcome;
  if (isDisturbed || (event !== "up" && event !== "destroy")) return [];
  return world.writesOf(outcome).flatMap((write) => {
    const { actor, method } = write;
    if (!actor) return [];
    const plan = planned.get(actor.urn);
    const what = `${actor.step} of ${actor.urn} sent ${method} ${write.path}`;
    const expected: Record<string, readonly string[]> = {
      create: ["create", "replace"],
      // A value that the preview did not know may turn out to be what it was.
      update: ["update", "replace"],
      delete: ["delete", "replace"],
    };
    if (!plan || !expected[actor.step]?.includes(plan.step)) return [`5: the preview announced ${plan?.step ?? "nothing"}, but ${what}`];
    if (actor.step !== "update" || plan.paths === "all") return [];
    const announced = plan.paths;
    const isNamed = (path: string) => previewLines.some((line) => line.includes(`${lastSid(idOf(write))}: ${path} `));
    return sentPaths(write)
      .filter((path) => !announced.has(path) && !isNamed(path) && !isNamed(path.split(".")[0] as string))
      .map((path) => `5: the preview did not announce ${path}, but ${what} (it announced ${[...announced].join(", ") || "no property"})`);
  });
}

/** The SID of what a write is about; a configuration has the account's. */
const idOf = ({ table, path, before, after }: Write): string =>
  table === "configurations" ? (after?.accountSid as string) : (before?.sid ?? path);

/** The properties that a write sets; of attributes, the keys that it changes. */
function sentPaths({ form, before, after, table }: Write): string[] {
  return Object.keys(form).flatMap((key) => {
    if (key === "Attributes")
      return [...changedPaths({ attributes: parsed(before?.attributes) }, { attributes: parsed(after?.attributes) })];
    const names = key.split(".").map((word) => word.charAt(0).toLowerCase() + word.slice(1));
    if (table === "scopedWebhooks" && names[0] === "configuration") names[0] = "webhook";
    return [names.slice(0, 2).join(".")];
  });
}

const parsed = (value: unknown): Props => (typeof value === "string" ? JSON.parse(value || "{}") : ((value ?? {}) as Props));

/** 6: no output shows a secret. Another stack that adopts the same object may read there what Twilio shows everybody. */
export function leaks(world: World): string[] {
  return world.outputs.flatMap(({ stack, text }) => {
    const secret = [canaryOf(stack), world.twilio.authToken].find((one) => text.includes(one));
    return secret === undefined
      ? []
      : [`6: an output of ${stack} shows a secret: ${text.slice(Math.max(0, text.indexOf(secret) - 300)).slice(0, 400)}`];
  });
}

/** 4, after an `up` without an error: every declared resource is in the state, and its object exists unless somebody deleted it at Twilio. */
export function missing(world: World, stack: Stack): string[] {
  const { resources } = world.snapshot(stack);
  const live = new Set(world.live().map(({ row }) => row.sid));
  const program = world.program(stack);
  const violations = program.flatMap(({ name }) => {
    const found = resources.filter((resource) => resource.name === name && !resource.delete);
    return found.length === 1 ? [] : [`4: ${stack.id} declares ${name}, and the state has ${found.length} of it`];
  });
  for (const { name, id, type, delete: isCondemned } of resources) {
    if (!program.some((declared) => declared.name === name) || isCondemned)
      violations.push(`4: the state of ${stack.id} still has ${name} ${id}`);
    const sid = lastSid(id);
    if (!live.has(sid) && !type.endsWith("Configuration") && !isDeletedByOthers(world, stack, sid))
      violations.push(`4: ${stack.id} has ${name} ${sid}, which does not exist`);
  }
  return violations;
}

/** Somebody has deleted an object, or another stack whose program adopted it and says so. */
function isDeletedByOthers(world: World, stack: Stack, sid: string): boolean {
  const deletion = world.network.writes.find(
    ({ before, after, cascade }) => (before?.sid === sid && !after) || cascade.some((row) => row.sid === sid),
  );
  return deletion !== undefined && deletion.actor?.stack !== stack.id;
}

/** 4, after a refresh and an `up`: the program, the state and Twilio agree. */
export async function disagreements(world: World, stack: Stack): Promise<string[]> {
  const { resources } = world.snapshot(stack);
  const outputsOf = (name: string): Props => {
    const found = resources.find((resource) => resource.name === name);
    return { ...found?.outputs, id: found?.id };
  };
  const violations: string[] = [];
  for (const declared of world.program(stack)) {
    const resource = resources.find(({ name }) => name === declared.name);
    if (!resource) continue;
    const live = liveOf(world, resource);
    if (!live) {
      violations.push(`4: ${declared.name} ${resource.id} of ${stack.id} does not exist`);
      continue;
    }
    // Two stacks that adopt one object both write it.
    const holders = world.stacks.flatMap((other) =>
      world.snapshot(other).resources.filter(({ id }) => lastSid(id) === lastSid(resource.id)),
    );
    if (holders.length > 1 && resource.inputs.adopt !== undefined) continue;
    violations.push(...different(declared, declared.args(outputsOf), live, `${stack.id} ${declared.name} ${resource.id}: Twilio has`));
    violations.push(
      ...different(declared, declared.args(outputsOf), resource.outputs, `${stack.id} ${declared.name} ${resource.id}: the state has`),
    );
  }
  return violations;
}

function liveOf(world: World, { id, type }: Resource): Row | undefined {
  if (type.endsWith("Configuration")) return world.twilio.rows().configurations?.[0];
  return world.live().find(({ row }) => row.sid === lastSid(id))?.row;
}

const local = new Set(["onDelete", "adopt", "ownerMark", "areaCode", "service", "conversation", "sms"]);

/** The declared properties that differ, of those that both sides name alike. */
function different({ options }: Declared, args: Props, live: Props, where: string): string[] {
  return Object.entries(args).flatMap(([property, wanted]) => {
    if (local.has(property) || options.ignoreChanges.includes(property)) return [];
    if (property === "webhook") {
      // The emulator's row has the URL itself; the state has it in the group.
      const { url } = (live.webhook ?? live) as Props;
      return url === (wanted as Props).url ? [] : [`4: ${where} webhook.url ${url}, not ${(wanted as Props).url}`];
    }
    if (property !== "attributes")
      return sortedJson(wanted) === sortedJson(live[property])
        ? []
        : [`4: ${where} ${property} ${JSON.stringify(live[property])}, not ${JSON.stringify(wanted)}`];
    const found = parsed(live.attributes);
    return Object.entries(wanted as Props)
      .filter(([key, value]) => !options.ignoreChanges.includes(`attributes.${key}`) && sortedJson(value) !== sortedJson(found[key]))
      .map(([key, value]) => `4: ${where} attributes.${key} ${JSON.stringify(found[key])}, not ${JSON.stringify(value)}`);
  });
}
