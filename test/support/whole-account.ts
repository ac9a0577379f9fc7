import type { EmulatorClient } from "../engine/twilio";

type Service = ReturnType<EmulatorClient["client"]["conversations"]["v1"]["services"]>;
type Listed = Record<string, unknown>;

/** The objects of several lists, by what the lists are called. */
async function all(lists: Record<string, Promise<unknown>>): Promise<Listed> {
  const entries = Object.entries(lists).map(async ([name, list]) => [name, await list] as const);
  return Object.fromEntries(await Promise.all(entries));
}

const each = <T, R>(items: Promise<readonly T[]>, read: (item: T) => Promise<R>): Promise<R[]> =>
  items.then((found) => Promise.all(found.map(read)));

/** Everything in an account, as Twilio's own library returns it. */
export async function wholeAccount({ client, accountSid }: EmulatorClient): Promise<Listed> {
  const { conversations, messaging, iam } = client;
  const found = await all({
    accounts: client.api.v2010.accounts.list(),
    numbers: client.incomingPhoneNumbers.list(),
    places: client.addresses.list(),
    applications: client.applications.list(),
    texts: client.messages.list(),
    // A list leaves the policies out.
    keys: each(iam.v1.getApiKeys.list({ accountSid }), ({ sid }) => iam.v1.apiKey(sid).fetch()),
    messagingServices: each(messaging.v1.services.list(), async (service) => ({
      service,
      ...(await sendersOf(messaging.v1.services(service.sid))),
    })),
    settings: conversations.v1.configuration().fetch(),
    webhooks: conversations.v1.configuration.webhooks().fetch(),
    addresses: conversations.v1.addressConfigurations.list(),
    credentials: conversations.v1.credentials.list(),
    services: each(conversations.v1.services.list(), async (service) => ({
      service,
      ...(await contentsOf(conversations.v1.services(service.sid))),
    })),
  });
  return JSON.parse(JSON.stringify(found)) as Listed;
}

const sendersOf = ({
  phoneNumbers,
  shortCodes,
  alphaSenders,
  channelSenders,
}: ReturnType<EmulatorClient["client"]["messaging"]["v1"]["services"]>) =>
  all({
    numbers: phoneNumbers.list(),
    shortCodes: shortCodes.list(),
    alphaSenders: alphaSenders.list(),
    channelSenders: channelSenders.list(),
  });

const contentsOf = ({ configuration, roles, users, conversations }: Service): Promise<Listed> =>
  all({
    settings: configuration().fetch(),
    webhooks: configuration.webhooks().fetch(),
    notifications: configuration.notifications().fetch(),
    roles: roles.list(),
    users: each(users.list(), async (user) => ({ user, memberships: await users(user.sid).userConversations.list() })),
    conversations: each(conversations.list(), async (conversation) => {
      const { participants, webhooks, messages } = conversations(conversation.sid);
      return { conversation, ...(await all({ people: participants.list(), webhooks: webhooks.list(), messages: messages.list() })) };
    }),
  });

/** What destroy leaves as it was: neither the log of text messages, nor when settings were changed last. */
export const withoutTraces = (account: Listed): Listed =>
  JSON.parse(JSON.stringify(account, (key, value) => (key === "texts" || key === "dateUpdated" ? undefined : value))) as Listed;
