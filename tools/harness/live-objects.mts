import type { EmulatorClient } from "./emulator-client.mts";

/** The resource types of this package, as far as they are listed here. */
export type Kind = "PhoneNumber" | "ConversationService" | "Conversation" | "Participant";

/** An object in a Twilio account, read with Twilio's own library. */
export interface LiveObject {
  readonly kind: Kind;
  /** The SIDs from the outermost parent on, `IS…/CH…`. */
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Lists all objects of these types in the account. */
export async function listLiveObjects({ client }: Pick<EmulatorClient, "client">): Promise<LiveObject[]> {
  const numbers = (await client.incomingPhoneNumbers.list()).map(
    ({ sid, phoneNumber, smsUrl }): LiveObject => ({ kind: "PhoneNumber", id: sid, properties: { phoneNumber, smsUrl } }),
  );
  const services = await client.conversations.v1.services.list();
  const children = await Promise.all(services.map(({ sid, friendlyName }) => listService(client, sid, friendlyName)));
  return [...numbers, ...children.flat()];
}

async function listService(client: EmulatorClient["client"], sid: string, friendlyName: string): Promise<LiveObject[]> {
  const { conversations } = client.conversations.v1.services(sid);
  const children = await Promise.all(
    (await conversations.list()).map(async (conversation): Promise<LiveObject[]> => {
      const id = `${sid}/${conversation.sid}`;
      const participants = await conversations(conversation.sid).participants.list();
      const { friendlyName, attributes } = conversation;
      return [
        { kind: "Conversation", id, properties: { friendlyName, attributes: JSON.parse(attributes) } },
        ...participants.map(({ sid, identity, messagingBinding, attributes }): LiveObject => {
          const { address = null, proxy_address: proxyAddress = null } = (messagingBinding ?? {}) as Record<string, string>;
          const properties = { identity, address, proxyAddress, attributes: JSON.parse(attributes) };
          return { kind: "Participant", id: `${id}/${sid}`, properties };
        }),
      ];
    }),
  );
  return [{ kind: "ConversationService", id: sid, properties: { friendlyName } }, ...children.flat()];
}
