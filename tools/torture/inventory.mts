import type { Outside } from "../lab/outside.mts";
import type { Kind } from "./plan.mts";

/** An object at Twilio, as Twilio's own client shows it. */
export interface Live {
  readonly kind: Kind;
  /** The SIDs from the outermost parent on, `IS…/CH…`. */
  readonly id: string;
  readonly shows: Readonly<Record<string, unknown>>;
}

/** Everything in the account that this package could have made. */
export async function inventory({ client }: Pick<Outside, "client">): Promise<Live[]> {
  const numbers = (await client.incomingPhoneNumbers.list()).map(
    ({ sid, phoneNumber, smsUrl }): Live => ({ kind: "PhoneNumber", id: sid, shows: { phoneNumber, smsUrl } }),
  );
  const services = await client.conversations.v1.services.list();
  const within = await Promise.all(services.map(({ sid, friendlyName }) => service(client, sid, friendlyName)));
  return [...numbers, ...within.flat()];
}

async function service(client: Outside["client"], sid: string, friendlyName: string): Promise<Live[]> {
  const { conversations } = client.conversations.v1.services(sid);
  const found = await conversations.list();
  const within = await Promise.all(
    found.map(async (conversation): Promise<Live[]> => {
      const id = `${sid}/${conversation.sid}`;
      const participants = await conversations(conversation.sid).participants.list();
      const { friendlyName, attributes } = conversation;
      return [
        { kind: "Conversation", id, shows: { friendlyName, attributes: JSON.parse(attributes) } },
        ...participants.map(({ sid, identity, messagingBinding, attributes }): Live => {
          const { address = null, proxy_address: proxyAddress = null } = (messagingBinding ?? {}) as Record<string, string>;
          const shows = { identity, address, proxyAddress, attributes: JSON.parse(attributes) };
          return { kind: "Participant", id: `${id}/${sid}`, shows };
        }),
      ];
    }),
  );
  return [{ kind: "ConversationService", id: sid, shows: { friendlyName } }, ...within.flat()];
}
