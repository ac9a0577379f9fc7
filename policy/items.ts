// The items of sets as resources of one object: a rule about a kind sees each of them.
import { type ResourceValidation, type ResourceValidationArgs, type ResourceValidationPolicy, UnknownValueError } from "@pulumi/policy";
import { types } from "./twilio";

/** The sets: the type of their items, and the property that the set gives to items which do not declare it. */
const sets: Readonly<Record<string, { readonly type: string; readonly parent: string }>> = {
  "pulumi-nodejs:twilio/conversations:ConversationSet": { type: types.conversation, parent: "service" },
  "pulumi-nodejs:twilio/conversations:ParticipantSet": { type: types.participant, parent: "conversation" },
  "pulumi-nodejs:twilio/conversations:UserSet": { type: types.conversationUser, parent: "service" },
};

/** A policy that validates each item of a set in place of the set. A violation names the item, `stores.items["store-17"]`. */
export function forItems(policy: ResourceValidationPolicy): ResourceValidationPolicy {
  return { ...policy, validateResource: [policy.validateResource ?? []].flat().map(validationForItems) };
}

const validationForItems =
  (validate: ResourceValidation): ResourceValidation =>
  async (args, report) => {
    if (sets[args.type] === undefined) return validate(args, report);
    let unknown: unknown;
    for (const key of Object.keys(args.props.items ?? {})) {
      try {
        await validate(itemOf(args, key), report);
      } catch (error) {
        // What the preview does not know of one item hides nothing of the others.
        if (!(error instanceof UnknownValueError)) throw error;
        unknown = error;
      }
    }
    // The engine says which policy could not be checked.
    if (unknown !== undefined) throw unknown;
  };

function itemOf(args: ResourceValidationArgs, key: string): ResourceValidationArgs {
  const { type, parent } = sets[args.type] as (typeof sets)[string];
  const item: Record<string, unknown> = args.props.items[key];
  const within = `items.${key}.`;
  const secrets = ((args.props.__secrets ?? []) as string[]).filter((name) => name.startsWith(within));
  const props: Record<string, unknown> = { __secrets: secrets.map((name) => name.slice(within.length)) };
  // To read a value that is not known yet throws, so only the rules read.
  const define = (property: string, get: () => unknown) =>
    Object.defineProperty(props, property, { get, enumerable: true, configurable: true });
  if (parent in args.props) define(parent, () => args.props[parent]);
  for (const property of Object.keys(item)) define(property, () => item[property]);
  return { ...args, type, name: `${args.name}.items["${key}"]`, props };
}
