import type { Context } from "../core/lifecycle/definition";
import type { Props } from "../core/lifecycle/props";
import type { TwilioError } from "../core/twilio/errors";
import { verifyNames } from "../core/twilio/response";
import type { Body } from "../core/twilio/twilio";

/** Twilio's refusal of a sender that another messaging service has. It does not say which one. */
const isInAnotherService = 21712;

const collections = { phoneNumber: "PhoneNumbers", shortCode: "ShortCodes", channelSender: "ChannelSenders" } as const;

/** A messaging service that has a sender. */
interface Holding {
  readonly service: Body;
  /** The sender's id there, `MG…/PN…`. */
  readonly id: string;
  readonly path: string;
}

/** The other messaging service that has what the program declares. It is searched for in all of them, because nothing names it. */
async function otherHolder(news: Props, { twilio }: Context): Promise<Holding | undefined> {
  const kind = (Object.keys(collections) as (keyof typeof collections)[]).find((name) => news[name] !== undefined);
  if (kind === undefined) return undefined;
  const attempt = "Cannot look for the messaging service that has the sender";
  const request = { attempt, product: "messaging", path: "/v1/Services", query: { PageSize: "100" } } as const;
  for await (const service of twilio.list(request, "services")) {
    if (service.sid === news.messagingService) continue;
    const path = `/v1/Services/${service.sid}/${collections[kind]}/${news[kind]}`;
    const found = await twilio.send({ attempt, product: "messaging", method: "get", path });
    if (found) verifyNames(found, { sid: String(news[kind]) }, attempt, true);
    if (found) return { service, id: `${service.sid}/${news[kind]}`, path };
  }
  return undefined;
}

/** Takes the sender out of the service that a resource of this stack has given up; the engine would delete that resource only at the end of the run. */
export async function moveHere<T extends Props>(news: T, refused: readonly T[], context: Context): Promise<T | undefined> {
  const holding = refused.length > 1 ? undefined : await otherHolder(news, context);
  if (!holding || !(await context.isGivenUp(holding.id))) return undefined;
  const { id, path, service } = holding;
  await context.twilio.send({
    attempt: `Cannot remove sender ${id} from its messaging service`,
    product: "messaging",
    method: "delete",
    path,
  });
  context.log(
    "info",
    `The sender left messaging service ${service.sid}, where the program no longer declares it, and joins ${news.messagingService}.`,
  );
  return news;
}

/** Names the service that has the sender. */
export async function explainHolder(news: Props, { code }: TwilioError, context: Context): Promise<string | undefined> {
  if (code !== isInAnotherService) return undefined;
  const holding = await otherHolder(news, context);
  if (!holding) return undefined;
  const { id, service } = holding;
  const holder = context.holderOf(id);
  const own =
    holder === undefined ? "" : ` It belongs to ${holder}; if that resource was renamed, add the option aliases: [{ name: "…" }].`;
  return (
    `It is in messaging service ${service.sid} (${JSON.stringify(service.friendly_name)}), and a sender belongs to one service.${own} Remove it there, ` +
    "or declare that service as `messagingService`."
  );
}
