import { TwilioError } from "../twilio/errors";
import type { Body, Twilio } from "../twilio/twilio";
import { resourceName } from "./check";
import type { Context, Definition, Field } from "./definition";
import { declaredGroup, hasOtherGroup, hasOwnPrefix } from "./groups";
import { declaredParents } from "./parents";
import { clockToleranceMs } from "./pending-create";
import { get, isUnknown, type Props } from "./props";
import { equal, liveValue } from "./wire";

/** What a response must be about. Only what is given is compared. */
interface Expected {
  readonly sid?: string;
  /** The SIDs of the parents. */
  readonly parents?: readonly string[];
  /** The inputs whose identifying values the object must have. */
  readonly values?: Props;
  /** The property, of the identifying ones, that is compared. Default: all. */
  readonly property?: string;
  /** The moment of the request on this machine's clock, in milliseconds since 1970, if it creates the object. */
  readonly begunAt?: number;
}

const sidPattern = /^[A-Z]{2}[0-9a-fA-F]{32}$/;
/** Whether a part of an id is a SID. In the program's own `get`, it may also be a name. */
export const isSid = (part: string): boolean => sidPattern.test(part);

/** Whether a response is about an object of this kind: in a path, the name `..` means something else. */
export const isOfKind = (definition: Definition, { sid, url }: Body): boolean =>
  definition.singleton ? typeof url === "string" : typeof sid === "string" && hasOwnPrefix(definition, sid);

/** Which expectation a response does not meet, as the end of a sentence; `undefined` where it meets all. Names SIDs only: a value may be secret. */
function contradiction(definition: Definition, body: Body, expected: Expected, twilio: Pick<Twilio, "accountSid" | "skewMs">) {
  const label = resourceName(definition);
  if (!isOfKind(definition, body)) return `is not about a ${label}`;
  const { account_sid: account, sid } = body;
  if (typeof account === "string" && account !== twilio.accountSid) return `is about account ${account}, not ${twilio.accountSid}`;
  if (expected.sid !== undefined && !isSame(sid, expected.sid)) return `is about ${sid}, not ${expected.sid}`;
  const parent = otherParent(body, expected.parents ?? []);
  if (parent) return `is about ${label} ${sid} of ${parent.named}, not of ${parent.wanted}`;
  const property = expected.values && otherValue(definition, body, expected.values, expected.property);
  if (property) return `is about ${nameOf(body)}, whose ${property} is not the one that was sent`;
  const createdAt = Date.parse(String(body.date_created));
  // A purchase decides by itself what an older number means.
  if (!definition.purchase && expected.begunAt !== undefined && createdAt < expected.begunAt + (twilio.skewMs() ?? 0) - clockToleranceMs) {
    return `is about ${nameOf(body)}, which was created before this request, at ${body.date_created}`;
  }
  return undefined;
}

// A program may write the hex digits of a SID in capitals.
const isSame = (a: unknown, b: unknown): boolean => String(a).toLowerCase() === String(b).toLowerCase();

/** In every response, a property like `conversation_sid` names a parent, and its prefix shows which one. */
function otherParent(body: Body, parents: readonly string[]): { named: string; wanted: string } | undefined {
  for (const wanted of parents.filter((parent) => isSid(parent) && !parent.startsWith("AC"))) {
    const named = Object.entries(body).filter(([key, value]) => key.endsWith("_sid") && String(value).startsWith(wanted.slice(0, 2)));
    const other = named.find(([, value]) => !isSame(value, wanted));
    if (other) return { named: String(other[1]), wanted };
  }
  return undefined;
}

/** The first identifying property for which a response names another value. */
function otherValue(definition: Definition, body: Body, values: Props, only?: string): string | undefined {
  const { list, fields, groups } = definition;
  const all = [...(list?.by ?? []), ...(list?.fetchBy === undefined ? [] : [list.fetchBy])];
  if (hasOtherGroup(definition, declaredGroup(definition, values), body)) return groups?.by ?? "sid";
  return (only === undefined ? all : [only]).find((property) => {
    const [wanted, live] = [get(values, property), liveValue(definition, property, body)];
    if (isUnknown(wanted) || (live === undefined && property !== list?.fetchBy)) return false;
    return !equal(fields[property] as Field, wanted, live) && plainly(wanted) !== plainly(live);
  });
}

/** A value without what Twilio may normalize. */
const plainly = (value: unknown): string =>
  String(value ?? "")
    .normalize("NFC")
    .trim()
    .toLowerCase();

const nameOf = ({ sid, phone_number: number }: Body): string => (typeof number === "string" ? `${sid} (${number})` : String(sid));

/** The request that a response is compared with. */
interface Requested {
  /** The beginning of an error message: `Cannot read …`. */
  readonly attempt: string;
  readonly method: "get" | "post";
}

/** Throws where a response is not the one to the request: what it describes must reach no state. */
export function verifyResponse(
  definition: Definition,
  body: Body,
  expected: Expected,
  { attempt, method }: Requested,
  twilio: Pick<Twilio, "accountSid" | "skewMs">,
): void {
  const found = contradiction(definition, body, expected, twilio);
  if (found === undefined) return;
  const failure = { status: 0, message: `the response ${found}`, isInvalid: true, isRead: method === "get" };
  throw new TwilioError(attempt, failure, expected.begunAt === undefined ? checkRoute : afterCreate(definition, body));
}

const checkRoute =
  "check what answers at this address (`twilio:baseUrl`, a proxy), and run the command again. Nothing was taken from the response.";

/** What to do about a create: the object in the response may be the one that it created. */
function afterCreate(definition: Definition, body: Body): string {
  if (!isOfKind(definition, body)) return `look at Twilio for a new ${resourceName(definition)}, then run \`pulumi up\` again.`;
  return (
    `look at Twilio for ${nameOf(body)}. If this run created it, adopt it with adopt: "${body.sid}", or delete it there; ` +
    "then run `pulumi up` again. It is not in the state."
  );
}

type Services = Pick<Context, "twilio">;

/** The checks of responses that name no id. */
export interface ResponseChecks {
  /** Throws where the response to a create is not about an object of these inputs that was created after `begunAt`. */
  verifyCreated(body: Body, inputs: Props, context: Services, begunAt: number): void;
  /** Throws where an object that was found under these inputs' parent is of another account or parent, or does not have a name. */
  verifyFound(body: Body, inputs: Props, context: Services, name?: string): void;
}

export function responseChecks(definition: Definition): ResponseChecks {
  const label = resourceName(definition);
  return {
    verifyCreated(body, inputs, { twilio }, begunAt) {
      // What the program itself names, such as the number of a sender, existed before.
      const isNamed = Object.values(inputs).includes(body.sid);
      const expected = { parents: declaredParents(definition, inputs), values: inputs, ...(isNamed ? {} : { begunAt }) };
      verifyResponse(definition, body, expected, { attempt: `Cannot create ${label}`, method: "post" }, twilio);
    },
    verifyFound(body, inputs, { twilio }, name) {
      const property = definition.list?.fetchBy;
      const named = name === undefined || property === undefined ? {} : { property, values: { [property]: name } };
      const expected = { parents: declaredParents(definition, inputs), ...named };
      verifyResponse(definition, body, expected, { attempt: `Cannot look up ${label}`, method: "get" }, twilio);
    },
  };
}
