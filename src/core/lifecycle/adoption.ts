import { UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import { withCorrections } from "./corrected";
import type { Context, Definition, Field } from "./definition";
import { declaredGroup, groupWord, isOwnSid, liveGroup } from "./groups";
import type { RunRegistry } from "./identity";
import type { Lookup } from "./lists";
import type { Objects, ResourceState } from "./objects";
import { declaredParents } from "./parents";
import { get, type Props } from "./props";
import { withoutSeals } from "./sealed";
import { differences, liveValue, toOutputs } from "./wire";

/** How an object that exists becomes a resource's. */
export interface Adoption {
  /** Brings an object that exists to what the program declares. `mark` is added to its outputs. */
  takeOver(body: Body, inputs: Props, context: Context, mark?: Props): Promise<ResourceState>;
  /** Takes over the object that `adopt` names, by its SID or another key. */
  adopt(key: string, inputs: Props, context: Context): Promise<ResourceState>;
}

export function adoption(definition: Definition, objects: Objects, lookup: Lookup, run: RunRegistry): Adoption {
  const { label, send, idOf, isOne, outputsOf, converge, partial } = objects;

  async function takeOver(body: Body, inputs: Props, context: Context, mark: Props = {}): Promise<ResourceState> {
    const id = idOf(inputs, body);
    run.recordCreated(id);
    let found = withoutSeals(definition, toOutputs(definition, inputs, body, context.twilio.accountSid));
    try {
      found = withoutSeals(definition, await outputsOf(inputs, body, context));
      const changed = await converge(id, found, inputs, context, body);
      found = changed ? withCorrections(definition, await outputsOf(inputs, changed, context), inputs) : found;
      return { id, outputs: { ...found, ...mark } };
    } catch (error) {
      throw partial({ id, outputs: { ...found, ...mark } }, inputs, error as Error);
    }
  }

  async function adopt(key: string, inputs: Props, context: Context): Promise<ResourceState> {
    const isSid = isOwnSid(definition, key);
    const id = [...declaredParents(definition, inputs), key].join("/");
    const body = isSid ? await send(context, "read", id) : await lookup.findByName(key, inputs, context);
    const name = `${label} ${JSON.stringify(key)}`;
    if (!body || !isOne(body)) {
      const created = definition.facts?.verbs?.created ?? "created";
      throw new UsageError(
        `Cannot adopt ${name}: account ${context.twilio.accountSid} has none. Correct \`adopt\`, or remove it; a new one is then ${created}.`,
      );
    }
    const [group, live] = [declaredGroup(definition, inputs), liveGroup(definition, body)];
    if (group !== undefined && !definition.groups?.switchable && live !== groupWord(group)) {
      throw new UsageError(`Cannot adopt ${name}: it is a ${live}. Declare \`${live}\`, or adopt another object.`, group);
    }
    const complete = definition.complete ? await definition.complete(body, context) : body;
    const changed = differences(definition, await outputsOf(inputs, complete, context), inputs);
    for (const property of Object.keys(definition.fields)) {
      const found = liveValue(definition, property, complete);
      if (!isFixed(definition.fields[property], changed.includes(property), found !== undefined, get(inputs, property) !== undefined))
        continue;
      const live = JSON.stringify(found) ?? "not set";
      throw new UsageError(
        `Cannot adopt ${name}: its ${property} is ${live}, and Twilio cannot change that. Declare that value, or adopt another object.`,
        property,
      );
    }
    return takeOver(complete, inputs, context);
  }

  return { takeOver, adopt };
}

/** Whether Twilio cannot bring a property of an object that exists to what the program declares. */
function isFixed(field: Field | undefined, isChanged: boolean, isSet: boolean, isDeclared: boolean): boolean {
  return field?.createOnly === "presence" ? isSet !== isDeclared : isChanged && field?.createOnly === true;
}
