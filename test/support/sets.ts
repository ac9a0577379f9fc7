/** A stack with sets on an empty account. */

import { conversation } from "../../src/conversations/conversation";
import { conversationSet } from "../../src/conversations/conversation-set";
import { participantSet } from "../../src/conversations/participant-set";
import type { Props } from "../../src/core/lifecycle/props";
import type { Body } from "../../src/core/twilio/twilio";
import type { Declared, MiniEngine } from "./mini-engine";
import type { TestTwilio } from "./test-twilio";

/** Items of these keys, each with a name that shows the key. */
export const named = (...keys: string[]): Record<string, Props> =>
  Object.fromEntries(keys.map((key) => [key, { friendlyName: `The ${key}` }]));

/** Resets the account, and opens an engine. `isReadable`: the providers can read its state, as with a backend on this machine. */
export async function setsOn(twilio: TestTwilio, { isReadable = true, settings = {} as Record<string, string> } = {}) {
  await twilio.reset();
  const { service, otherService, conversation: hello, otherConversation: bye } = await twilio.fixture();
  const engine = twilio.engine(settings, twilio.notes, { isReadable });
  const of = (path: string, key: string) => twilio.rest("GET", "conversations", `${path}?PageSize=100`).then((page) => page[key] as Body[]);
  const pathOf = (id: string) => `/v1/Services/${id.replace("/", "/Conversations/")}`;
  const sidsOf = (name: string) => (engine.of(name).outputs.sids ?? {}) as Record<string, string>;
  const fixed = new Set([hello, bye].map((id) => id.split("/")[1]));
  return {
    engine,
    service,
    otherService,
    hello,
    bye,
    sidsOf,
    conversations: (name: string, items: unknown, more: Props = {}): Declared => ({
      name,
      definition: conversationSet,
      args: { service, items, ...more },
    }),
    conversation: (name: string, args: Props = {}): Declared => ({ name, definition: conversation, args: { service, ...args } }),
    participants: (name: string, items: unknown, more: Props = {}): Declared => ({
      name,
      definition: participantSet,
      args: { conversation: hello, items, ...more },
    }),
    /** The conversations of the service that the fixture did not create. */
    live: async () => (await of(`/v1/Services/${service}/Conversations`, "conversations")).filter(({ sid }) => !fixed.has(String(sid))),
    people: (id = hello) => of(`${pathOf(id)}/Participants`, "participants"),
    addPerson: (identity: string, id = hello) => twilio.rest("POST", "conversations", `${pathOf(id)}/Participants`, { Identity: identity }),
    addMessage: (sid: string) =>
      twilio.rest("POST", "conversations", `${pathOf(service)}/Conversations/${sid}/Messages`, { Body: "Hello", Author: "ada" }),
    change: (sid: string, form: Record<string, string>) =>
      twilio.rest("POST", "conversations", `${pathOf(service)}/Conversations/${sid}`, form),
    remove: (sid: string) => twilio.rest("DELETE", "conversations", `${pathOf(service)}/Conversations/${sid}`),
    /** What the providers said since the previous call. */
    said: () => twilio.log.splice(0).join("\n"),
  };
}

/** The SIDs in all states of an engine, by owner; a SID that two owners have fails. */
export function heldSids({ state }: MiniEngine): string[] {
  const all = state.flatMap(({ id, outputs }) =>
    Object.values((outputs.sids as Record<string, string>) ?? { own: id.split("/").at(-1) as string }),
  );
  if (new Set(all).size !== all.length) throw new Error(`two owners have the same object: ${all.sort().join(", ")}`);
  return all.sort();
}
