import { isUnclear } from "../twilio/errors";
import { resourceName } from "./check";
import type { Body, Context, Definition, Props } from "./definition";
import { declaredParents } from "./props";
import { changedForm, differences, toOutputs } from "./wire";

/** A resource as the engine keeps it: its id and what is known of it. */
export interface ResourceState {
  readonly id: string;
  readonly outputs: Props;
}

/** An object was made, but not all of it: the engine must keep it and try the rest again. */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";

  constructor(
    readonly kept: ResourceState,
    what: string,
    override readonly cause: Error,
  ) {
    super(`${what} is there and kept in the state, but not as declared yet. ${cause.message}\n  The next \`pulumi up\` does the rest.`);
  }
}

/** The objects of one kind at Twilio: where they are, what they are to the engine, and how one is brought to what is declared. */
export interface Objects {
  readonly label: string;
  /** The path of the collection that an object of these inputs lives in. */
  collection(inputs: Props, context: Context): string;
  send(context: Pick<Context, "twilio">, verb: "read" | "update" | "delete", id: string, form?: Form): Promise<Body | undefined>;
  /** The engine's id of an object, the path of SIDs from the outermost parent. */
  idOf(inputs: Props, body: Body): string;
  /** The same, from the SIDs of the parents as they were given. */
  idWithin(parents: readonly string[], body: Body): string;
  /** Whether an answer is about an object of this kind: in a path, the name `..` means something else. */
  isOne(body: Body): boolean;
  outputsOf(inputs: Props, body: Body, context: Context): Promise<Props>;
  /** Sends what differs, and nothing when nothing does. JSON is merged into what is there, so it is read first if it is not at hand. */
  converge(id: string, olds: Props, news: Props, context: Context, live?: Body): Promise<Body | undefined>;
  /** What was made stays, and what is missing is said. */
  partial(kept: ResourceState, inputs: Props, error: Error): PartialFailure;
}

type Form = Record<string, string | string[]>;

const lastSid = (id: string) => id.slice(id.lastIndexOf("/") + 1);
/** The id of the object that one lives in; empty where there is none. */
export const parentOf = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf("/")));

export function objects(definition: Definition): Objects {
  const label = resourceName(definition);

  function collection(inputs: Props, context: Context): string {
    return definition.path(declaredParents(definition, inputs), context.twilio.accountSid) + (definition.suffix ?? "");
  }

  function item(id: string, context: Pick<Context, "twilio">): string {
    const parents = parentOf(id).split("/").filter(Boolean);
    return `${definition.path(parents, context.twilio.accountSid)}/${encodeURIComponent(lastSid(id))}${definition.suffix ?? ""}`;
  }

  function send(context: Pick<Context, "twilio">, verb: "read" | "update" | "delete", id: string, form?: Form) {
    const method = ({ read: "get", update: "post", delete: "delete" } as const)[verb];
    const request = { attempt: `Cannot ${verb} ${label} ${id}`, product: definition.product, method, path: item(id, context) };
    return context.twilio.send(form ? { ...request, form } : request);
  }

  async function outputsOf(inputs: Props, body: Body, context: Context): Promise<Props> {
    const whole = definition.complete ? await definition.complete(body, context) : body;
    return toOutputs(definition, inputs, whole, context.twilio.accountSid);
  }

  const isOne = ({ sid }: Body) => String(sid).startsWith(definition.sid);

  function idWithin(parents: readonly string[], body: Body): string {
    return [...(definition.parentsOf?.(body, parents) ?? parents), String(body.sid)].join("/");
  }

  const idOf = (inputs: Props, body: Body): string => idWithin(declaredParents(definition, inputs), body);

  async function converge(id: string, olds: Props, news: Props, context: Context, live?: Body): Promise<Body | undefined> {
    const changed = differences(definition, olds, news);
    const merges = changed.some((property) => definition.fields[property]?.type === "json");
    const before = live ?? (merges ? await send(context, "read", id) : undefined);
    const form = changedForm(definition, changed, olds, news, before);
    if (Object.keys(form).length === 0) return undefined;
    try {
      return await send(context, "update", id, form);
    } catch (error) {
      if (!isUnclear(error)) throw error;
      // It may have been done, and doing it again may be refused (a conversation that is closed now): what Twilio holds decides.
      const now = await send(context, "read", id);
      if (!now) throw error;
      const unseen = changed.filter((property) => definition.fields[property]?.from === false);
      const left = differences(definition, toOutputs(definition, news, now, context.twilio.accountSid), news);
      if (left.length + unseen.length === 0) return now;
      context.log("debug", `${error.message}\nIt was not done; sending it again.`, news.__urn);
      return send(context, "update", id, form);
    }
  }

  function partial(kept: ResourceState, inputs: Props, error: Error): PartialFailure {
    const missing = differences(definition, kept.outputs, inputs);
    return new PartialFailure(kept, `${label} ${kept.id}${missing.length > 0 ? ` (without ${missing.join(", ")})` : ""}`, error);
  }

  return { label, collection, send, idOf, idWithin, isOne, outputsOf, converge, partial };
}
