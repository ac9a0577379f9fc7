import { findProblems } from "../core/lifecycle/check";
import type { Definition } from "../core/lifecycle/definition";
import type { Format } from "../core/lifecycle/formats";
import { isUnknown, type Props, same, set, stable } from "../core/lifecycle/props";
import type { Codec } from "../core/lifecycle/value-type";
import { fromBody } from "../core/lifecycle/wire";
import type { Body } from "../core/twilio/twilio";
import { participant } from "./participant";
import { kindProblems } from "./participant-kinds";

/** Who takes part. */
export interface Member {
  readonly identity?: string;
  readonly projectedAddress?: string;
  readonly address?: string;
  readonly sms?: Pair;
  readonly whatsapp?: Pair;
  readonly rcs?: Pair;
  readonly messenger?: Pair;
  /** Its SID at Twilio, `MB…`. */
  readonly sid?: string;
}

/** A person's address and the account's. */
interface Pair {
  readonly address: string;
  readonly proxyAddress: string;
}

const mostAtOnce = 10;

/** The properties of a participant that say who it is. */
const who = Object.fromEntries(Object.entries(participant.fields).filter(([, { createOnly }]) => createOnly));
const member: Definition = { ...participant, fields: who, validate: kindProblems };

/** Who a participant is, as a text that equal participants share. */
export const whoIs = ({ sid: _sid, ...rest }: Member): string => stable(rest);

/** Rejects a list of participants that Twilio would refuse as a whole. */
export const checkMembers: Format = (value) => {
  if (!Array.isArray(value)) return `must be a list of participants; received ${stable(value)}`;
  if (value.length === 0 || value.length > mostAtOnce)
    return `must have 1 to ${mostAtOnce} participants, which is what Twilio adds at once; received ${value.length}`;
  const known = value.map((one) => (isUnknown(one) ? undefined : one));
  for (const [index, one] of known.entries()) {
    if (one === undefined) continue;
    if (typeof one !== "object" || one === null) return `[${index}] must be an object; received ${stable(one)}`;
    const [problem] = findProblems(member, one as Props, {});
    if (problem) return `[${index}].${problem.property} ${problem.reason}`;
  }
  return firstDouble(known);
};

/** An identity, a pair or a number in a group MMS takes part once. */
function firstDouble(members: readonly (Member | undefined)[]): string | undefined {
  const seen = new Map<string, number>();
  for (const [index, one] of members.entries()) {
    if (one === undefined) continue;
    const { identity, address, projectedAddress } = one;
    const pairs = [one.sms, one.whatsapp, one.rcs, one.messenger].flatMap((pair) => (pair ? [stable(pair)] : []));
    const keys = [identity, ...[address, projectedAddress].map((number) => number && `number ${number}`), ...pairs];
    for (const key of keys) {
      if (key === undefined || isUnknown(key)) continue;
      const first = seen.get(key);
      if (first !== undefined) return `[${index}] must not be the same as [${first}]: everybody and every number takes part once`;
      seen.set(key, index);
    }
  }
  return undefined;
}

/** A participant as Twilio's JSON and form name it. */
export function memberForm(one: Member): Record<string, unknown> {
  const { address, proxyAddress } = one.sms ??
    one.whatsapp ??
    one.rcs ??
    one.messenger ?? { address: one.address, proxyAddress: undefined };
  const binding = { address, proxy_address: proxyAddress, projected_address: one.projectedAddress };
  const isBound = Object.values(binding).some((value) => value !== undefined);
  return { identity: one.identity, ...(isBound ? { messaging_binding: binding } : {}) };
}

/** A participant in a response. */
export function memberOf(body: Body): Member {
  const found: Props = { sid: body.sid };
  for (const [property, field] of Object.entries(who)) {
    const value = fromBody(property, field, body);
    if (value !== undefined) set(found, property, value);
  }
  return found as Member;
}

/** The participants that {@link withMembers} has added to a response. */
export const membersIn = ({ participants }: Body): unknown => (Array.isArray(participants) ? participants.map(memberOf) : undefined);

/** Participants at Twilio have SIDs; declared ones do not. */
export const areLive = (members: readonly Member[]): boolean => members.some(({ sid }) => sid !== undefined);

/** Others may join, so what is at Twilio equals what is declared where nobody is missing. */
function equal(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return same(a, b);
  const [one, other] = areLive(a) ? [b, a] : [a, b];
  const [declared, there] = [new Set(one.map(whoIs)), new Set(other.map(whoIs))];
  return [...declared].every((each) => there.has(each)) && (areLive(other) || there.size === declared.size);
}

/** How participants are compared. Functions send them. */
export const membersCodec: Codec = { toForm: (value) => JSON.stringify(value), equal };
