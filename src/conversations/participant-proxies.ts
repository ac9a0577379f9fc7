import type { Context } from "../core/lifecycle/definition";
import { noteDigest } from "../core/lifecycle/note";
import { askOnce } from "../core/lifecycle/preview-lookups";
import { isUnknown, type Props, unknownSentinel } from "../core/lifecycle/props";
import { secretsOf } from "../core/lifecycle/secrets";
import { operation } from "../core/process/operation";
import { UsageError } from "../core/twilio/errors";
import type { Body, Twilio } from "../core/twilio/twilio";
import { nameConversation } from "./guard";

/** The addresses of a phone, with the proxy address or the pool that it is chosen from. */
interface Pooled {
  readonly conversation?: string;
  readonly sms?: { readonly address?: string; readonly proxyAddress?: string; readonly proxyAddresses?: readonly string[] };
}

/** What one run knows of pairs of addresses before Twilio does. */
interface Run {
  /** Which new resource gets which pair. */
  readonly promised: Map<string, unknown>;
  /** The proxy address of each resource and address. When the engine replaces a resource, it checks it again as a new one. */
  readonly chosen: Map<string, string>;
  /** The conversations of an address, where it was looked up. */
  readonly bound: Map<string, Promise<Body[]>>;
}

/** The note of a choice. */
interface Shown {
  readonly proxy: string;
}

const runs = new WeakMap<Twilio, Run>();

function runOf(twilio: Twilio): Run {
  const run = runs.get(twilio) ?? { promised: new Map(), chosen: new Map(), bound: new Map() };
  runs.set(twilio, run);
  return run;
}

// A slow response arrives by then; without one, Twilio itself refuses a pair that is taken.
const patienceMs = 10_000;
// In an account with more services, a pair of a service that nobody names is left to Twilio.
const maxServices = "20";

const pairOf = (address: unknown, proxyAddress: unknown) => `${address} ${proxyAddress}`;

/** The pool that a program declares; one that is not known has one unknown number. */
function poolOf({ sms }: Partial<Pooled>): readonly string[] | undefined {
  const pool: unknown = typeof sms === "object" ? sms.proxyAddresses : undefined;
  return Array.isArray(pool) || pool === undefined ? pool : [String(pool)];
}

const withProxy = <Inputs extends Pooled>(inputs: Inputs, proxyAddress: string): Inputs => ({
  ...inputs,
  sms: { ...inputs.sms, proxyAddress },
});

/** The proxy address that a resource has for its address; `undefined` where the address is another one. */
const proxyFor = (inputs: Pooled, { sms }: Partial<Pooled>): string | undefined =>
  sms?.address === inputs.sms?.address ? sms?.proxyAddress : undefined;

/** The inputs with the proxy address that the resource has, while it is in the pool: a create may have taken another one than planned. */
export function keptProxy<Inputs extends Pooled>(news: Inputs, olds: Partial<Pooled>): Inputs {
  const proxy = proxyFor(news, olds);
  return proxy !== undefined && poolOf(news)?.includes(proxy) ? withProxy(news, proxy) : news;
}

/** Chooses the proxy address once and writes it into the inputs, so that later changes of the pool and of other participants move nobody. */
export async function chosenProxy<Inputs extends Pooled>(news: Inputs, olds: Partial<Pooled>, context: Context): Promise<Inputs> {
  const pool = poolOf(news);
  const { address, proxyAddress } = news.sms ?? {};
  const { promised, chosen } = runOf(context.twilio);
  // Twilio shows the pair of a participant that exists, as long as its conversation is open.
  const promise = (proxy: string) => {
    if (proxyFor(news, olds) !== proxy) promised.set(pairOf(address, proxy), context.urn);
  };
  if (pool === undefined) {
    if (proxyAddress === undefined || isUnknown(news.sms)) return news;
    if (proxyFor(news, olds) !== proxyAddress) refusePromised(news, context);
    promise(proxyAddress);
    return news;
  }
  const held = proxyFor(news, olds) ?? chosen.get(pairOf(context.urn, address));
  const kept = held !== undefined && pool.includes(held) ? held : undefined;
  if (kept === undefined && (isUnknown(address) || isUnknown(pool))) return withProxy(news, unknownSentinel);
  // After a change of the address, the account's number stays the same where it can.
  const preferred = [olds.sms?.proxyAddress, shownProxy(pool, context)].filter((one) => one !== undefined && pool.includes(one));
  const proxy = kept ?? (await freeProxy(news, [...(preferred as string[]), ...pool], context));
  if (proxy === undefined) throw new UsageError(await noneLeft(news, pool, context), "sms.proxyAddresses");
  promise(proxy);
  if (kept === undefined) recordShown(proxy, context);
  chosen.set(pairOf(context.urn, address), proxy);
  if (held !== undefined && held !== proxy) context.log("warn", movedTo(news, held, proxy));
  return withProxy(news, proxy);
}

/** Throws where the pair that a new participant names is chosen for another new one: Twilio would refuse the second create. */
function refusePromised({ sms }: Pooled, context: Context): void {
  const { promised, chosen } = runOf(context.twilio);
  const holder = promised.get(pairOf(sms?.address, sms?.proxyAddress));
  if (holder === context.urn || !chosen.has(pairOf(holder, sms?.address))) return;
  throw new UsageError(
    `must not be the number that Participant "${nameOf(holder)}" of this program gets from its \`proxyAddresses\` for the same address: leave it ` +
      "out of that list, or declare this participant first",
    "sms.proxyAddress",
  );
}

const nameOf = (urn: unknown): string | undefined => String(urn).split("::").at(-1);

const shownKey = ({ urn }: Context): string => `proxy ${urn}`;
/** The note holds no number, which may be secret. */
const shownDigest = (proxy: string, { urn }: Context): string => noteDigest(`${urn} ${proxy}`);

/** The number that a preview has shown. An update gets to the participants in the order in which Twilio creates their conversations. */
function shownProxy(pool: readonly string[], context: Context): string | undefined {
  const shown = context.notes.read<Shown>(shownKey(context))?.proxy;
  return pool.find((proxy) => shownDigest(proxy, context) === shown);
}

function recordShown(proxy: string, context: Context): void {
  const shown: Shown = { proxy: shownDigest(proxy, context) };
  if (context.notes.read<Shown>(shownKey(context))?.proxy !== shown.proxy) context.notes.write(shownKey(context), shown);
}

const isSecret = (news: Pooled): boolean => secretsOf(news as Props).includes("sms");

const movedTo = (news: Pooled, held: string, proxy: string): string =>
  isSecret(news)
    ? "The pool no longer has the proxy address of this participant, who moves to another one."
    : `The pool no longer has ${held}: this participant moves to ${proxy}.`;

/** The next number of the pool, after Twilio has refused others because somebody else has bound the pair meanwhile. */
export async function anotherProxy<Inputs extends Pooled>(
  news: Inputs,
  refused: readonly Inputs[],
  context: Context,
): Promise<Inputs | undefined> {
  const tried = new Set(refused.map(({ sms }) => sms?.proxyAddress));
  const rest = (poolOf(news) ?? []).filter((proxy) => !tried.has(proxy));
  const proxy = rest.length > 0 ? await freeProxy(news, rest, context) : undefined;
  if (proxy === undefined) return undefined;
  runOf(context.twilio).promised.set(pairOf(news.sms?.address, proxy), context.urn);
  return withProxy(news, proxy);
}

/** The first number whose pair with the address is free, or is bound in this very conversation: an interrupted create has added it. */
async function freeProxy(news: Pooled, pool: readonly string[], context: Context): Promise<string | undefined> {
  const { promised } = runOf(context.twilio);
  const holders = await holdersOf(news, context);
  const own = news.conversation?.split("/")[1];
  const offered = pool.filter((proxy) => (promised.get(pairOf(news.sms?.address, proxy)) ?? context.urn) === context.urn);
  return (
    offered.find((proxy) => own !== undefined && holders.get(proxy)?.conversation_sid === own) ??
    offered.find((proxy) => !holders.has(proxy))
  );
}

/** The open conversations in which the address is, by its proxy address there. */
async function holdersOf(news: Pooled, context: Context): Promise<Map<unknown, Body>> {
  const address = String(news.sms?.address);
  const places = await placesOf(news, context);
  const found = (await Promise.all(places.map((place) => conversationsOf(address, place, context)))).flat();
  const open = found.filter(({ conversation_state: state }) => state !== "closed");
  return new Map(
    open.flatMap((body) => {
      const proxy = (body.participant_messaging_binding as Body | null)?.proxy_address;
      return typeof proxy === "string" ? [[proxy, body] as const] : [];
    }),
  );
}

/** Where conversations may be: the account binds a pair once, in whichever service. */
async function placesOf({ conversation = "" }: Pooled, context: Context): Promise<string[]> {
  const question = { product: "conversations", path: "/v1/Services", query: { PageSize: maxServices } } as const;
  const page = await askOnce(context, question).catch(unclear(context));
  const listed = Array.isArray(page?.services) && !(page.meta as Body | undefined)?.next_page_url ? page.services : [];
  const sids = listed.map(({ sid }: Body) => String(sid));
  const services = new Set<string>([...sids, ...(conversation.startsWith("IS") ? [conversation.split("/")[0] as string] : [])]);
  return ["/v1", ...[...services].map((service) => `/v1/Services/${service}`)];
}

/** The conversations of an address in one place, read once in a run: what this run binds later is promised. */
function conversationsOf(address: string, place: string, context: Context): Promise<Body[]> {
  const { bound } = runOf(context.twilio);
  const key = pairOf(address, place);
  const read = async () => {
    const found: Body[] = [];
    const request = {
      attempt: "Cannot look up the conversations of an address",
      product: "conversations",
      path: `${place}/ParticipantConversations`,
      query: { Address: address, PageSize: "50" },
    } as const;
    for await (const body of context.twilio.list(request, "conversations")) found.push(body);
    return found;
  };
  const asked = bound.get(key) ?? operation(read, patienceMs).catch((error) => unclear(context)(error) ?? []);
  bound.set(key, asked);
  return asked;
}

/** A look-up that fails refuses nothing. */
const unclear =
  (context: Context) =>
  (error: unknown): undefined =>
    void context.log("debug", `${(error as Error).message}\nWhich numbers of the pool are free is left to Twilio.`);

/** Why no number of the pool is free, and what to do. */
async function noneLeft(news: Pooled, pool: readonly string[], context: Context): Promise<string> {
  const { promised } = runOf(context.twilio);
  const holders = await holdersOf(news, context);
  const whose = pool.map((proxy) => {
    const holder = holders.get(proxy);
    const where = holder
      ? `in ${nameConversation({ sid: holder.conversation_sid, unique_name: holder.conversation_unique_name })} of service ${holder.chat_service_sid}`
      : `for Participant "${nameOf(promised.get(pairOf(news.sms?.address, proxy)))}" of this program`;
    return isSecret(news) ? where : `${proxy} ${where}`;
  });
  return (
    "must have a number that is free for this address, whose pair with a number is in one open conversation at a time; " +
    `all ${pool.length} are taken: ${whose.join(", ")}. Add a number to the pool, or close or delete one of these conversations`
  );
}
