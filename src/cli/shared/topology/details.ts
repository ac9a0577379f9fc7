import type { CatalogEntry } from "../../../catalog";
import { resourceName } from "../../../core/lifecycle/check";
import { nameOf } from "../engine";
import { type DeployedResource, declaredOrLive, LATER, shown, textOf, valuesAt } from "./deployed";

/** How a participant is reached. */
export interface Reach {
  readonly channel: "chat" | "sms" | "whatsapp" | "rcs" | "messenger" | "group-mms";
  /** The person's own number. Unset in a chat. */
  readonly address?: string;
  /** The account's number that the person texts with. */
  readonly through?: string;
}

/** What a node shows of its resource. */
export interface Details {
  readonly title: string;
  readonly reachedBy?: Reach;
  readonly state?: string;
}

/** The types that show more than a title. */
const special: Readonly<Record<string, (resource: DeployedResource, title: string | undefined) => Details>> = {
  PhoneNumber: (resource) => ({ title: textOf(resource, "phoneNumber") ?? LATER }),
  Conversation: conversation,
  ConversationWithParticipants: conversation,
  Participant(resource) {
    const reachedBy = reachOf(resource);
    return { title: textOf(resource, "identity") ?? reachedBy.address ?? reachedBy.through ?? LATER, reachedBy };
  },
};

function conversation(resource: DeployedResource, title: string | undefined): Details {
  const state = textOf(resource, "state");
  return { title: title ?? nameOf(resource.urn).name, ...(state === undefined || state === "active" ? {} : { state }) };
}

const defaultTitleProperties = ["friendlyName", "uniqueName"];

/** The title of a resource, and what else its node shows. */
export function detailsOf(resource: DeployedResource, { definition, facts }: CatalogEntry): Details {
  const properties = facts.titleProperties ?? defaultTitleProperties;
  const title = properties.flatMap((property) => valuesAt(resource, property).map(shown)).find((text) => text !== undefined && text !== "");
  return special[resourceName(definition)]?.(resource, title) ?? { title: title ?? nameOf(resource.urn).name };
}

function reachOf(resource: DeployedResource): Reach {
  const through = textOf(resource, "projectedAddress");
  if (declaredOrLive(resource, "identity") !== undefined) return { channel: "chat", ...(through === undefined ? {} : { through }) };
  for (const channel of ["sms", "whatsapp", "rcs", "messenger"] as const) {
    const pair = declaredOrLive(resource, channel);
    if (pair === undefined) continue;
    // The whole pair may be a secret, or not known yet.
    const { address = pair, proxyAddress = pair } = typeof pair === "object" ? (pair as Record<string, unknown>) : {};
    return { channel, address: shown(address) ?? LATER, through: shown(proxyAddress) ?? LATER };
  }
  const address = textOf(resource, "address");
  return { channel: "group-mms", ...(address === undefined ? {} : { address }), ...(through === undefined ? {} : { through }) };
}
