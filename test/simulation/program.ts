/** The programs of a history: what they may declare, as data that fast-check can shrink. */
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Declared } from "./state";

export const kinds = [
  "searched number",
  "named number",
  "adopted number",
  "service",
  "conversation",
  "named conversation",
  "unnamed conversation",
  "adopted conversation",
  "chat participant",
  "sms participant",
  "webhook",
  "configuration",
] as const;
export type Kind = (typeof kinds)[number];

/** A resource of a program. */
export interface Spec {
  /** Which one it is, whatever its name is. */
  readonly key: number;
  readonly kind: Kind;
  /** Its name is the kind and this. */
  readonly letter: string;
  /** The letters that it had before. */
  readonly aliases: readonly string[];
  /** 0: only what is required. 1 and 2: two sets of values. */
  readonly variant: number;
  readonly keeps: "default" | "keep" | "remove";
  readonly ignores: boolean;
  readonly retainOnDelete: boolean;
  readonly isProtected: boolean;
  readonly isSecret: boolean;
  /** Uses a value that the other stacks use too. */
  readonly isShared: boolean;
}

/** What exists before any program runs, and belongs to nobody. */
export interface Surroundings {
  readonly forSale: readonly string[];
  readonly ownedNumber: string;
  readonly lobby: string;
}

/** What no output of a stack may show. */
export const canaryOf = (stack: string): string => `canary-5ecret-${stack}`;

/** The resource's name. It contains the kind, so that a resource never becomes one of another kind. */
export const nameOf = ({ kind }: Pick<Spec, "kind">, letter: string): string => `${kind.replaceAll(" ", "-")}-${letter}`;

const isNumber = ({ kind }: Spec) => kind.endsWith(" number");
const isConversation = ({ kind }: Spec) => kind.endsWith("conversation");

/** The program that declares these resources, without those whose parents are missing. */
export function programOf(specs: readonly Spec[], stack: string, around: Surroundings): Declared[] {
  const parent = (is: (spec: Spec) => boolean) => specs.filter(is).map((spec) => nameOf(spec, spec.letter))[0];
  const parents = {
    service: parent(({ kind }) => kind === "service"),
    conversation: parent(isConversation),
    number: parent(isNumber),
  };
  // A program declares a resource before those that depend on it.
  const rank = (spec: Spec) => (spec.kind === "service" ? 0 : isNumber(spec) || isConversation(spec) ? 1 : 2);
  const inOrder = specs.toSorted((a, b) => rank(a) - rank(b));
  return inOrder.flatMap((spec) => {
    const declared = declare(spec, stack, around, parents);
    if (!declared) return [];
    const { definition, deps = [], args } = declared;
    const { aliases, retainOnDelete, isProtected, isSecret, ignores } = spec;
    const [mutable] = secretable(spec);
    const options = {
      ignoreChanges: ignores ? ignorable(spec) : [],
      aliases: aliases.map((alias) => nameOf(spec, alias)),
      protect: isProtected,
      retainOnDelete,
      secret: isSecret && mutable ? [mutable] : [],
    };
    return [{ name: nameOf(spec, spec.letter), definition, deps, options, args: (of) => withoutUndefined(args(of)) }];
  });
}

type Parents = { readonly service: string | undefined; readonly conversation: string | undefined; readonly number: string | undefined };
type Made = { readonly definition: Definition; readonly deps?: string[]; readonly args: (of: (name: string) => Props) => Props };

function declare(spec: Spec, stack: string, around: Surroundings, { service, conversation: room, number }: Parents): Made | undefined {
  const { kind, key, variant, isShared } = spec;
  const owner = isShared ? "all" : stack;
  const onDelete = endOf(spec);
  const values = { ...valuesOf(spec, canaryOf(stack)), onDelete };
  switch (kind) {
    case "searched number":
      return { definition: phoneNumber, args: () => ({ areaCode: "415", ...values }) };
    case "named number":
      return { definition: phoneNumber, args: () => ({ phoneNumber: around.forSale[isShared ? 0 : 1 + key], ...values }) };
    case "adopted number":
      return { definition: phoneNumber, args: () => ({ adopt: around.ownedNumber, ...values }) };
    case "service":
      return {
        definition: conversationService,
        args: () => ({ friendlyName: `service ${key} of ${owner}, ${Math.max(0, variant - 1)}`, onDelete }),
      };
    case "conversation":
    case "named conversation":
    case "unnamed conversation":
    case "adopted conversation": {
      const naming: Props =
        kind === "named conversation"
          ? { uniqueName: `room ${key} of ${owner}` }
          : kind === "unnamed conversation"
            ? { ownerMark: "none-may-duplicate" }
            : kind === "adopted conversation"
              ? { adopt: around.lobby }
              : {};
      const within = kind !== "adopted conversation" && key % 2 === 1 ? service : undefined;
      return {
        definition: conversation,
        deps: within ? [within] : [],
        args: (of) => ({ ...(within ? { service: of(within).id } : {}), ...naming, ...values }),
      };
    }
    case "chat participant":
      if (!room) return undefined;
      return {
        definition: participant,
        deps: [room],
        args: (of) => ({ conversation: of(room).id, identity: `person ${key} of ${owner}`, ...values }),
      };
    case "sms participant":
      if (!room || !number) return undefined;
      return {
        definition: participant,
        deps: [room, number],
        args: (of) => ({
          conversation: of(room).id,
          sms: { address: `+1202555010${key}`, proxyAddress: of(number).phoneNumber },
          ...values,
        }),
      };
    case "webhook":
      if (!room) return undefined;
      return { definition: conversationWebhook, deps: [room], args: (of) => ({ conversation: of(room).id, ...values }) };
    case "configuration":
      return { definition: conversationConfiguration, args: () => values };
  }
}

/** What the program says about the end of the object. */
function endOf(spec: Spec): string | undefined {
  if (spec.keeps === "default") return undefined;
  if (spec.keeps === "keep") return "retain";
  if (isNumber(spec)) return "release";
  return spec.kind === "configuration" ? "restore" : "delete";
}

/** The values of a variant. */
function valuesOf({ kind, variant, key, isSecret }: Spec, canary: string): Props {
  const login = isSecret ? `user:${canary}@` : "";
  if (kind.endsWith("number")) {
    return (
      [{}, { smsUrl: `https://${login}one.example.com/` }, { smsUrl: `https://${login}two.example.com/`, friendlyName: `Desk ${key}` }][
        variant
      ] ?? {}
    );
  }
  if (kind === "webhook") return { webhook: { url: `https://${login}example.com/${key}/${variant}`, filters: ["onMessageAdded"] } };
  if (kind === "configuration") return { defaultInactiveTimer: variant === 1 ? "PT10M" : "PT1H" };
  const token = isSecret ? { token: canary } : {};
  const attributes = [undefined, { plan: "basic", seats: 1, ...token }, { plan: "large", ...token }][variant];
  if (kind.endsWith("participant")) return { attributes };
  return { attributes, friendlyName: [undefined, "One", "Two"][variant] };
}

/** Properties whose later changes a program may ignore. */
function ignorable({ kind, key }: Spec): string[] {
  if (kind.endsWith("number")) return ["smsUrl"];
  if (kind.endsWith("conversation")) return key % 2 === 0 ? ["attributes.plan"] : ["attributes", "friendlyName"];
  return kind.endsWith("participant") ? ["attributes"] : [];
}

const secretable = ({ kind }: Spec): string[] =>
  kind.endsWith("number") ? ["smsUrl"] : kind === "webhook" ? ["webhook"] : /conversation|participant/.test(kind) ? ["attributes"] : [];

const withoutUndefined = (props: Props): Props => Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
