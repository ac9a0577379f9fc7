import type * as pulumi from "@pulumi/pulumi";
import { resourceName } from "../lifecycle/check";
import type { Definition, Field } from "../lifecycle/definition";
import { isOwnSid } from "../lifecycle/groups";
import { runRegistry } from "../lifecycle/identity";
import { Lookup } from "../lifecycle/lists";
import { objects } from "../lifecycle/objects";
import { declaredParents, parentProperties, parentProperty } from "../lifecycle/parents";
import { identifying } from "../lifecycle/pending-create";
import type { Props } from "../lifecycle/props";
import { get } from "../lifecycle/props";
import { UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import type { Question } from "./ask";
import { ask, askOutput } from "./ask";
import { resultOf } from "./result";
import type { Session } from "./session";
import type { LookUpOptions, LookUpOutputOptions } from "./types";

/** Reads the one object of a kind that the arguments name. */
export const lookUp = <Result>(definition: Definition, args: object, options?: LookUpOptions): Promise<Result> =>
  ask(questionOf(definition), args, options);

/** The same for arguments that are outputs. */
export const lookUpOutput = <Result>(definition: Definition, args: object, options?: LookUpOutputOptions): pulumi.Output<Result> =>
  askOutput(questionOf(definition), args, options);

/** The properties by which an object is found under its parent, beside its SID. */
function keysOf({ list, fields }: Definition): string[] {
  if (list === undefined) return [];
  const keys = [...identifying(list), ...(list.name === undefined ? [] : [list.name])];
  return [...new Set(keys)].filter((key) => !fields[key]?.parent);
}

function questionOf(definition: Definition): Question {
  const parents = parentProperties(definition).map((parent) => [parent, definition.fields[parent]]);
  // An object is found by any of them, so none is required.
  const keys = keysOf(definition).map((key) => {
    const { required: _required, ...field } = definition.fields[key] as Field;
    return [key, field];
  });
  const sid = definition.singleton ? [] : [["sid", { format: sidOf(definition) }]];
  return {
    name: `get${resourceName(definition)}`,
    fields: Object.fromEntries([...parents, ...sid, ...keys]),
    definition,
    answer: (args, session) => find(definition, args, session),
  };
}

const sidOf =
  (definition: Definition): Field["format"] =>
  (value) =>
    isOwnSid(definition, String(value))
      ? undefined
      : `must be the SID of a ${resourceName(definition)}, ${definition.sid} and 32 hex digits`;

async function find(definition: Definition, args: Props, session: Session): Promise<Props> {
  const { context, twilio } = session;
  const one = objects(definition);
  const parents = declaredParents(definition, args);
  const keys = keysOf(definition).filter((key) => get(args, key) !== undefined);
  const body = await read(definition, args, keys, session);
  if (!body) throw new UsageError(`there is no ${named(definition, args, keys, session)}. ${whatToDo(definition, args)}`);
  const id = definition.singleton ? parents.join("/") || twilio.accountSid : one.idWithin(parents, body);
  return resultOf(definition, id, (await definition.complete?.(body, context)) ?? body, twilio.accountSid);
}

async function read(definition: Definition, args: Props, keys: readonly string[], session: Session): Promise<Body | undefined> {
  const { context, twilio } = session;
  const one = objects(definition);
  const parents = declaredParents(definition, args);
  if (definition.singleton) return one.send(context, "read", parents.join("/") || twilio.accountSid);
  if (typeof args.sid === "string") {
    if (keys.length > 0) throw new UsageError(`\`${keys[0]}\` must not be given together with \`sid\`, which names one object.`);
    return one.send(context, "read", [...parents, args.sid].join("/"));
  }
  if (keys.length === 0) {
    const [first, ...others] = ["sid", ...keysOf(definition)];
    const names = others.length > 0 ? `one of \`${[first, ...others].join("`, `")}\`` : `\`${first}\``;
    throw new UsageError(`${names} must be given; received none.`);
  }
  const lookup = new Lookup(definition, one, runRegistry());
  const [key] = keys as [string];
  if (keys.length === 1 && key === definition.list?.fetchBy) return lookup.findByKey(args, context);
  if (keys.length === 1 && definition.findByName) return definition.findByName(String(get(args, key)), args, context);
  const found = await lookup.matches(args, keys, context);
  if (found.length > 1) throw ambiguous(definition, args, keys, found, session);
  return found[0];
}

const shownSids = 5;

function ambiguous(definition: Definition, args: Props, keys: readonly string[], found: readonly Body[], session: Session): UsageError {
  const sids = found.slice(0, shownSids).map(({ sid }) => sid);
  const more = found.length > shownSids ? ` and ${found.length - shownSids} more` : "";
  const others = keysOf(definition).filter((key) => !keys.includes(key));
  const fix = others.length > 0 && !definition.groups ? `, or add \`${others.join("`, `")}\`` : "";
  return new UsageError(
    `there are ${found.length} objects of ${named(definition, args, keys, session)}: ${sids.join(", ")}${more}. Pass the \`sid\` of the right one${fix}.`,
  );
}

/** The object that is looked for, and where. */
function named(definition: Definition, args: Props, keys: readonly string[], { place }: Session): string {
  const parents = declaredParents(definition, args);
  const by = ["sid", ...keys].flatMap((key) => (get(args, key) === undefined ? [] : [`${key} ${JSON.stringify(get(args, key))}`]));
  const within = parents.length > 0 ? ` under ${parents.join("/")}` : "";
  return `${resourceName(definition)}${by.length > 0 ? ` with ${by.join(" and ")}` : ""}${within} at ${place}`;
}

function whatToDo(definition: Definition, args: Props): string {
  const parent = parentProperty(definition);
  const isDefault = parent !== undefined && args[parent] === undefined;
  const where = isDefault ? ` Without \`${parent}\`, only the account's default one is searched.` : "";
  return (
    `Check the arguments and the account.${where} If this program creates it, use get${resourceName(definition)}Output with an output of ` +
    "that resource, or with `dependsOn`."
  );
}
