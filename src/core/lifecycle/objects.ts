import { isUnclear } from "../twilio/errors";
import type { Body, Form } from "../twilio/twilio";
import { resourceName } from "./check";
import { itemPath, suffixOf } from "./define";
import type { Context, Definition } from "./definition";
import { declaredCollection, pathOf } from "./groups";
import { declaredParents } from "./parents";
import { lastSid, type Props, parentIdOf, partialKey } from "./props";
import { isOfKind, isSid, type ResponseChecks, responseChecks, verifyResponse } from "./response-check";
import { readFromList } from "./sibling-reads";
import { changedForm, differences, toOutputs } from "./wire";

/** A resource as the engine keeps it: its id and its outputs. */
export interface ResourceState {
  readonly id: string;
  readonly outputs: Props;
}

/** An object was created, but not everything was set: the engine must keep the object and try the rest again. */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";

  constructor(
    readonly kept: ResourceState,
    what: string,
  ) {
    super(`${what}\n  The next \`pulumi up\` does the rest.`);
  }
}

type Services = Pick<Context, "twilio">;

/** The objects of one kind at Twilio: where they are, how the engine identifies them, and how one is brought to what is declared. */
export interface Objects extends ResponseChecks {
  readonly label: string;
  /** The path of the collection that an object of these inputs belongs to. */
  collection(inputs: Props, context: Services): string;
  /** Sends a request about one object. A response about another one is an error. */
  send(context: Services, verb: "read" | "update" | "delete", id: string, form?: Form): Promise<Body | undefined>;
  /** Reads an object; `undefined` where there is none, or where what Twilio returns is gone for good. `known`: what the state has. */
  read(context: Services, id: string, known: Props): Promise<Body | undefined>;
  /** The same where a list that this run has read may answer. */
  readAmong(context: Services, id: string, known: Props): Promise<Body | undefined>;
  /** The engine's id of an object, the path of SIDs from the outermost parent. */
  idOf(inputs: Props, body: Body): string;
  /** The same, from the SIDs of the parents as they were given. */
  idWithin(parents: readonly string[], body: Body): string;
  /** Whether a response is about an object of this kind. */
  isOne(body: Body): boolean;
  outputsOf(inputs: Props, body: Body, context: Context): Promise<Props>;
  /** Sends what differs, and nothing when nothing does. JSON is merged into what is there, so it is read first if it is not at hand. */
  converge(id: string, olds: Props, news: Props, context: Context, live?: Body): Promise<Body | undefined>;
  /** Keeps what was created, and names what is missing. */
  partial(kept: ResourceState, inputs: Props, error: Error): PartialFailure;
}

const present = ({ isGone }: Definition, body: Body | undefined, known: Props): Body | undefined =>
  body && isGone?.(body, known) ? undefined : body;

function verified({ verifyUpdated }: Definition, body: Body | undefined, news: Props): Body | undefined {
  if (body) verifyUpdated?.(body, news);
  return body;
}

export function objects(definition: Definition): Objects {
  const label = resourceName(definition);
  const { singleton } = definition;

  function collection(inputs: Props, { twilio }: Services): string {
    const path = definition.path(declaredParents(definition, inputs), twilio.accountSid);
    return pathOf(path, declaredCollection(definition, inputs)) + suffixOf(definition.product);
  }

  async function send({ twilio }: Services, verb: "read" | "update" | "delete", id: string, form?: Form) {
    const method = ({ read: "get", update: "post", delete: "delete" } as const)[verb];
    const path = itemPath(definition, id, twilio.accountSid);
    const request = { attempt: `Cannot ${verb} ${label} ${id}`, product: definition.product, method, path };
    const body = await twilio.send(form ? { ...request, form } : request);
    if (body && method !== "delete") {
      const own = singleton || !isSid(lastSid(id)) ? {} : { sid: lastSid(id) };
      const parents = (singleton ? id : parentIdOf(id)).split("/");
      verifyResponse(definition, body, { ...own, parents }, { attempt: request.attempt, method }, twilio);
    }
    return body;
  }

  const read: Objects["read"] = async (context, id, known) => present(definition, await send(context, "read", id), known);
  const readAmong: Objects["read"] = async (context, id, known) =>
    present(definition, (await readFromList(definition, id, context)) ?? (await send(context, "read", id)), known);

  async function outputsOf(inputs: Props, body: Body, context: Context): Promise<Props> {
    const complete = definition.complete ? await definition.complete(body, context) : body;
    return toOutputs(definition, inputs, complete, context.twilio.accountSid);
  }

  function idWithin(parents: readonly string[], body: Body): string {
    const above = definition.parentsOf?.(body, parents) ?? parents;
    if (!singleton) return [...above, String(body.sid)].join("/");
    return above.length > 0 ? above.join("/") : String(body.account_sid);
  }

  const isOne = (body: Body) => isOfKind(definition, body);
  const idOf = (inputs: Props, body: Body): string => idWithin(declaredParents(definition, inputs), body);

  async function converge(id: string, olds: Props, news: Props, context: Context, live?: Body): Promise<Body | undefined> {
    const changed = differences(definition, olds, news);
    const merges = changed.some((property) => definition.fields[property]?.type === "json");
    const before = live ?? (merges ? await send(context, "read", id) : undefined);
    const isSent = changed.length > 0 && (await definition.updateElsewhere?.(id, olds, news, context)) === true;
    const form = updateForm(definition, changed, olds, news, before);
    if (Object.keys(form).length === 0) return isSent ? send(context, "read", id) : undefined;
    try {
      return verified(definition, await send(context, "update", id, form), news);
    } catch (error) {
      if (!isUnclear(error)) throw error;
      // It may have been carried out, and repeating it may be refused (a conversation that is closed now): what Twilio holds decides.
      const now = await send(context, "read", id);
      if (!now) throw error;
      const unseen = changed.filter((property) => definition.fields[property]?.from === false);
      const left = differences(definition, toOutputs(definition, news, now, context.twilio.accountSid), news);
      if (left.length + unseen.length === 0) return now;
      context.log("debug", `${error.message}\nTwilio did not carry it out; retrying.`);
      return verified(definition, await send(context, "update", id, form), news);
    }
  }

  const partial: Objects["partial"] = (kept, inputs, error) => partialFailure(definition, kept, inputs, error);

  return { label, collection, send, read, readAmong, idOf, idWithin, isOne, ...responseChecks(definition), outputsOf, converge, partial };
}

/** What an update sends; empty where the object has it all. */
function updateForm(definition: Definition, changed: readonly string[], olds: Props, news: Props, before: Body | undefined): Form {
  const form = changedForm(definition, changed, olds, news, before);
  return Object.keys(form).length === 0 ? form : (definition.updateForm?.(form, news) ?? form);
}

function partialFailure(definition: Definition, { id, outputs }: ResourceState, inputs: Props, error: Error): PartialFailure {
  const missing = differences(definition, outputs, inputs);
  const without = missing.length > 0 ? ` (without ${missing.join(", ")})` : "";
  return new PartialFailure(
    { id, outputs: { ...outputs, [partialKey]: true } },
    `${resourceName(definition)} ${id}${without} exists and is in the state, but is not yet as declared. ${error.message}`,
  );
}
