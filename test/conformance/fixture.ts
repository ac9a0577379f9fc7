import { Conversation, ConversationRole, ConversationService, PhoneNumber } from "../../src/index";
import type { EmulatorClient } from "../engine/twilio";

/** Objects that exist at Twilio before the program runs. */
export interface Prepared {
  readonly messagingServices: readonly [string, string];
  /** Messaging services for the account's configuration. Others than those above, since a conversation without one gets the default. */
  readonly defaultMessagingServices: readonly [string, string];
  /** The short codes and the channel senders of the account. */
  readonly shortCodes: readonly [string, string];
  readonly channelSenders: readonly [string, string];
  /** A service whose settings the program declares, and roles in it that are not its defaults. */
  readonly settings: {
    readonly service: string;
    readonly conversationRoles: readonly [string, string];
    readonly serviceRoles: readonly [string, string];
    /** A user who takes part in a conversation with two messages, and that conversation, by their ids. */
    readonly membership: { readonly user: string; readonly conversation: string };
  };
  readonly addresses: readonly [string, string];
  /** TwiML applications. */
  readonly applications: readonly [string, string];
  /** Numbers that can be bought, far from those that a search returns first. */
  readonly numbersForSale: readonly [string, string];
}

/** The resources that all subjects share. The program declares them once. */
export interface Fixture extends Prepared {
  readonly service: ConversationService;
  readonly otherService: ConversationService;
  readonly conversation: Conversation;
  readonly otherConversation: Conversation;
  readonly number: PhoneNumber;
  readonly otherNumber: PhoneNumber;
  /** Roles of type service in `service`. */
  readonly userRoles: readonly [ConversationRole, ConversationRole];
  /** A conversation with room for the webhook of this name: Twilio allows five for one conversation. */
  webhookConversation(name: string): Conversation;
}

const pair = (found: readonly { readonly sid?: string }[]) => found.map(({ sid }) => sid) as [string, string];

/** Creates the objects. */
export async function prepare({ client }: EmulatorClient): Promise<Prepared> {
  const create = async (friendlyName: string) => (await client.messaging.v1.services.create({ friendlyName })).sid;
  const { services } = client.conversations.v1;
  const settings = (await services.create({ friendlyName: "Settings" })).sid;
  const role = async (type: "conversation" | "service", friendlyName: string) =>
    (await services(settings).roles.create({ type, friendlyName, permission: type === "service" ? ["joinConversation"] : ["sendMessage"] }))
      .sid;
  const place = { customerName: "Fixture", street: "1 A St", city: "San Francisco", region: "CA", postalCode: "94105", isoCountry: "US" };
  const address = async (friendlyName: string) => (await client.addresses.create({ ...place, friendlyName })).sid;
  const forSale = await client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 50 });
  return {
    messagingServices: [await create("One"), await create("Two")],
    defaultMessagingServices: [await create("First default"), await create("Second default")],
    shortCodes: pair(await client.shortCodes.list()),
    channelSenders: pair(await client.messaging.v2.channelsSenders.list({ channel: "rcs" })),
    settings: {
      service: settings,
      conversationRoles: [await role("conversation", "one"), await role("conversation", "two")],
      serviceRoles: [await role("service", "three"), await role("service", "four")],
      membership: await membershipIn(services(settings)),
    },
    addresses: [await address("one"), await address("two")],
    applications: [
      (await client.applications.create({ friendlyName: "One" })).sid,
      (await client.applications.create({ friendlyName: "Two" })).sid,
    ],
    numbersForSale: forSale.slice(-2).map(({ phoneNumber }) => phoneNumber) as [string, string],
  };
}

/** Creates a conversation with two messages, and a user who takes part in it. */
async function membershipIn({ conversations, users }: ReturnType<EmulatorClient["client"]["conversations"]["v1"]["services"]>) {
  const { sid, chatServiceSid } = await conversations.create({ friendlyName: "Membership" });
  const user = await users.create({ identity: "member" });
  await conversations(sid).participants.create({ identity: "member" });
  for (const body of ["one", "two"]) await conversations(sid).messages.create({ body });
  return { user: `${chatServiceSid}/${user.sid}`, conversation: `${chatServiceSid}/${sid}` };
}

/** A replacement creates the sixth webhook before it deletes the fifth, so a conversation is never filled. */
const webhooksPerConversation = 3;

/** Declares the shared resources. */
export function declareFixture(prepared: Prepared): Fixture {
  const search = { country: "US", type: "local", smsEnabled: true } as const;
  const service = new ConversationService("fixture-service", { friendlyName: "Fixture" });
  const otherService = new ConversationService("fixture-other-service", { friendlyName: "Other fixture" });
  const conversations: Conversation[] = [];
  const webhooks: string[] = [];
  const userRole = (friendlyName: string) =>
    new ConversationRole(`fixture-role-${friendlyName}`, { service, friendlyName, type: "service", permissions: ["joinConversation"] });
  return {
    ...prepared,
    service,
    otherService,
    conversation: new Conversation("fixture-conversation", { service }),
    otherConversation: new Conversation("fixture-other-conversation", { service }),
    number: new PhoneNumber("fixture-number", { search, onDelete: "release" }),
    otherNumber: new PhoneNumber("fixture-other-number", { search, onDelete: "release" }),
    userRoles: [userRole("reader"), userRole("writer")],
    // The program declares webhooks in the same order in every run, so each of them gets the same conversation in every run.
    webhookConversation(name) {
      if (!webhooks.includes(name)) webhooks.push(name);
      const index = Math.floor(webhooks.indexOf(name) / webhooksPerConversation);
      conversations[index] ??= new Conversation(`fixture-webhooks-${index}`, { service });
      return conversations[index];
    },
  };
}
