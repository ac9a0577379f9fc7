import { itemsOf } from "../../../core/twilio/response";
import type { Body, Product, Twilio } from "../../../core/twilio/twilio";
import { publicUrl } from "../../shared/urls";
import { Fault } from "./check";

/** How long Twilio waits for a response. */
const RESPONSE_MS = 5_000;

/** A URL that Twilio calls, and what it is for. */
interface Webhook {
  readonly of: string;
  readonly url: string;
}

/** Which webhooks to check. */
interface Webhooks {
  readonly twilio: Twilio;
  readonly serviceSid: string;
  readonly conversationSids: readonly string[];
  /** Whether this is Twilio itself, which cannot reach private networks. */
  readonly isPublic: boolean;
}

/**
 * Checks that webhooks respond: those of the account, the service, the conversations, their messaging services and their numbers. Sends HEAD, which triggers nothing. Any
 * response will do except a server error, since a webhook may accept POST only.
 */
export async function webhooksRespond(around: Webhooks): Promise<string> {
  const webhooks = await configured(around);
  const faults = (await Promise.all(webhooks.map((webhook) => faultOf(webhook, around)))).filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new Fault(faults.join("; "), "start the server, or correct the URL at Twilio or in the program.");
  if (webhooks.length === 0) return "none is configured";
  return `${webhooks.map(({ of, url }) => `${of} (${publicUrl(url)})`).join(", ")} respond to this machine`;
}

async function configured({ twilio, serviceSid, conversationSids }: Webhooks): Promise<Webhook[]> {
  const scopes = await Promise.all([
    hooks(twilio, "/v1/Configuration/Webhooks", "the account's"),
    hooks(twilio, `/v1/Services/${serviceSid}/Configuration/Webhooks`, "the service's"),
    addresses(twilio, serviceSid),
    ...conversationSids.map((sid) => ofConversation(twilio, serviceSid, sid)),
  ]);
  const byUrl = new Map(
    scopes
      .flat()
      .filter(({ url }) => url)
      .map((webhook) => [webhook.url, webhook]),
  );
  return [...byUrl.values()];
}

async function hooks(twilio: Twilio, path: string, whose: string): Promise<Webhook[]> {
  const found = await read(twilio, "conversations", path);
  const urls = { pre: found?.pre_webhook_url, post: found?.post_webhook_url };
  return Object.entries(urls).map(([when, url]) => ({ of: `${whose} ${when}-webhook`, url: url as string }));
}

/** The webhooks of address configurations that create conversations. */
async function addresses(twilio: Twilio, serviceSid: string): Promise<Webhook[]> {
  const found = await all(twilio, "/v1/Configuration/Addresses", "address_configurations");
  return found.flatMap(({ address, auto_creation: creation }) => {
    const { enabled, webhook_url: url, conversation_service_sid: service } = (creation ?? {}) as Body;
    return enabled && (service ?? serviceSid) === serviceSid ? [{ of: `the address configuration of ${address}`, url: url as string }] : [];
  });
}

async function ofConversation(twilio: Twilio, serviceSid: string, sid: string): Promise<Webhook[]> {
  const path = `/v1/Services/${serviceSid}/Conversations/${sid}`;
  const own = (await all(twilio, `${path}/Webhooks`, "webhooks")).map(({ configuration }) => ({
    of: `the webhook of ${sid}`,
    url: (configuration as Body | null)?.url as string,
  }));
  const participants = await all(twilio, `${path}/Participants`, "participants");
  const bindings = participants.map(({ messaging_binding: binding }) => binding as Body | null);
  const numbers = new Set(bindings.flatMap((binding) => [binding?.proxy_address, binding?.projected_address]));
  const phones = [...numbers].filter((number): number is string => typeof number === "string" && number.startsWith("+"));
  const conversation = await read(twilio, "conversations", path);
  const messages = await ofMessagingService(twilio, conversation?.messaging_service_sid);
  return [...own, ...messages, ...(await Promise.all(phones.map((phone) => ofNumber(twilio, phone)))).flat()];
}

/** Texts that belong to no conversation go to the messaging service, unless it leaves them to the numbers. */
async function ofMessagingService(twilio: Twilio, sid: unknown): Promise<Webhook[]> {
  const found = typeof sid === "string" ? await read(twilio, "messaging", `/v1/Services/${sid}`) : undefined;
  if (!found) return [];
  const { inbound_request_url: url, fallback_url: fallback, status_callback: status } = found;
  const inbound = [
    { of: `the inbound webhook of ${sid}`, url: url as string },
    { of: `the inbound fallback of ${sid}`, url: fallback as string },
  ];
  return [...(found.use_inbound_webhook_on_number ? [] : inbound), { of: `the status callback of ${sid}`, url: status as string }];
}

async function ofNumber(twilio: Twilio, phone: string): Promise<Webhook[]> {
  const path = `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers.json`;
  const found = await read(twilio, "api", path, { PhoneNumber: phone });
  const numbers = found ? itemsOf(found, "incoming_phone_numbers", attempt) : [];
  const webhooks = numbers.map(async (number) => {
    const app = number.sms_application_sid;
    if (!app) return smsWebhooks(phone, number);
    // With a TwiML app, Twilio ignores the number's own URLs.
    const application = await read(twilio, "api", `/2010-04-01/Accounts/${twilio.accountSid}/Applications/${app}.json`);
    return smsWebhooks(`TwiML app ${app}`, application ?? {});
  });
  return (await Promise.all(webhooks)).flat();
}

const smsWebhooks = (whose: string, { sms_url: url, sms_fallback_url: fallback }: Body): Webhook[] => [
  { of: `the SMS webhook of ${whose}`, url: url as string },
  { of: `the SMS fallback of ${whose}`, url: fallback as string },
];

const attempt = "Cannot read the webhooks";

function read(twilio: Twilio, product: Product, path: string, query: Record<string, string> = {}): Promise<Body | undefined> {
  return twilio.send({ attempt, product, method: "get", path, query });
}

async function all(twilio: Twilio, path: string, key: string): Promise<Body[]> {
  const found: Body[] = [];
  for await (const item of twilio.list({ attempt, product: "conversations", path }, key)) found.push(item);
  return found;
}

/** What is wrong with a webhook; `undefined` if it responds. */
async function faultOf({ of, url }: Webhook, { isPublic }: Webhooks): Promise<string | undefined> {
  const named = `${of} (${publicUrl(url)})`;
  if (!URL.canParse(url)) return `${named} is not a URL`;
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return `${named} is not an HTTP URL`;
  if (isPublic && isPrivate(hostname)) return `${named} is on this machine or in a private network, where Twilio cannot reach it`;
  // fetch does not accept a URL with credentials.
  const login = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64");
  const headers: Record<string, string> = username === "" ? {} : { authorization: `Basic ${login}` };
  const target = Object.assign(new URL(url), { username: "", password: "" });
  try {
    const { status } = await fetch(target, { method: "HEAD", redirect: "manual", headers, signal: AbortSignal.timeout(RESPONSE_MS) });
    return status >= 500 && status !== 501 ? `${named} responds with HTTP ${status}` : undefined;
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    return `${named} does not respond${name === "TimeoutError" ? ` within ${RESPONSE_MS / 1000} s` : `: ${cause?.code ?? cause?.message ?? message}`}`;
  }
}

/** Decodes percent escapes; invalid escapes stay as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const isPrivate = (host: string): boolean =>
  /^(localhost|.*\.(localhost|local|internal)|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|169\.254\..*|\[(::1|f[cd].*|fe80:.*)\])$/.test(
    host,
  );
