import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { conversationWithParticipants } from "../../src/conversations/conversation-with-participants";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Props } from "../../src/core/lifecycle/props";
import { providers } from "../../src/core/provider/dynamic-provider";
import type { Declared } from "../support/mini-engine";
import { noteStoreOf } from "../support/note-store";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());
beforeEach(() => twilio.reset());

const service: Declared = { name: "service", definition: conversationService, args: { friendlyName: "Support" } };
const room = (name: string, more: Props = {}): Declared => ({
  name,
  definition: conversation,
  args: (of) => ({ service: of("service").id, friendlyName: name, ...more }),
});
const rooms = (count: number) => Array.from({ length: count }, (_, index) => room(`room-${index}`));
const person = (index: number, name: string): Declared => ({
  name: `${name}-${index}`,
  definition: participant,
  args: (of) => ({ conversation: of(name).id, identity: `person-${index}` }),
});

/** The paths that a refresh reads, with what distinguishes them: the object or the list. */
async function refreshed(engine: ReturnType<TestTwilio["engine"]>) {
  twilio.requests();
  const changes = await engine.refresh();
  const reads = twilio.requests().map(({ path }) => path);
  const ofKind = (kind: string) => ({
    lists: reads.filter((path) => path.endsWith(`/${kind}`)).length,
    objects: reads.filter((path) => new RegExp(`/${kind}/[A-Z]{2}\\w{32}$`).test(path)).length,
  });
  return { changes, reads, conversations: ofKind("Conversations"), participants: ofKind("Participants") };
}

it("a refresh of many conversations reads one, and then their list", async () => {
  const engine = twilio.engine();
  await engine.up([service, ...rooms(120)]);
  const before = engine.state;
  const { changes, conversations } = await refreshed(engine);
  expect(changes).toEqual({});
  expect(conversations).toEqual({ lists: 2, objects: 1 });
  expect(engine.state).toEqual(before);
});

it("the participants of a conversation are read from its list, and not from another's", async () => {
  const engine = twilio.engine();
  const people = ["room-0", "room-1"].flatMap((name) => [0, 1, 2, 3].map((index) => person(index, name)));
  await engine.up([service, ...rooms(2), ...people]);
  const { changes, participants } = await refreshed(engine);
  expect(changes).toEqual({});
  expect(participants).toEqual({ lists: 2, objects: 2 });
});

it("a change and a deletion by somebody else are found; what the list does not have is read by itself", async () => {
  const engine = twilio.engine();
  await engine.up([service, ...rooms(4)]);
  const path = (name: string) => twilio.pathOf(conversation.type, engine.of(name).id);
  await twilio.rest("POST", ...path("room-2"), { FriendlyName: "Theirs" });
  await twilio.rest("DELETE", ...path("room-3"));
  const { changes, conversations } = await refreshed(engine);
  expect(changes).toEqual({ "room-2": "changed", "room-3": "gone" });
  expect(engine.of("room-2").outputs.friendlyName).toBe("Theirs");
  expect(conversations.lists).toBe(1);
});

it("an only conversation is read by itself", async () => {
  const engine = twilio.engine();
  await engine.up([service, room("room")]);
  expect((await refreshed(engine)).conversations).toEqual({ lists: 0, objects: 1 });
});

it("a list that holds mostly the objects of others costs no more requests than it could have saved", async () => {
  const engine = twilio.engine();
  await engine.up([service, ...rooms(2)]);
  const collection = `/v1/Services/${engine.of("service").id}/Conversations`;
  // Twilio lists the newest conversations first.
  for (let index = 0; index < 310; index++) await twilio.rest("POST", "conversations", collection, {});
  expect((await refreshed(engine)).conversations).toEqual({ lists: 2, objects: 2 });
});

it("a key that may not list reads each object", async () => {
  const engine = twilio.engine();
  await engine.up([service, ...rooms(3)]);
  await twilio.control("POST", "faults", { method: "GET", path: "*/Conversations", status: 403, code: 20003, times: 9 });
  const { changes, conversations } = await refreshed(engine);
  expect(changes).toEqual({});
  expect(conversations).toEqual({ lists: 1, objects: 3 });
});

/** The providers of one process. */
function processOf() {
  const settings = twilio.settings();
  const openEmbedded = () => Promise.reject(new Error("the embedded emulator was opened"));
  const host = { environment: { env: {}, cwd: "/nowhere", openEmbedded }, log: () => {}, openNotes: () => noteStoreOf() };
  const providerOf = providers(host);
  providerOf(conversation).configure({ config: { get: (key) => settings[key] } });
  return providerOf;
}

it("after a write of the same process, a list that was read before it does not answer", async () => {
  const engine = twilio.engine();
  await engine.up([service, ...rooms(3)]);
  const { read, update } = processOf()(conversation);
  const [first, second, third] = [0, 1, 2].map((index) => engine.of(`room-${index}`));
  for (const one of [first, second]) await read(one?.id as string, one?.outputs as Props);
  const { id, inputs, outputs } = third as NonNullable<typeof third>;
  await update(id, outputs, { ...inputs, friendlyName: "Ours" });
  expect((await read(id, outputs)).props).toMatchObject({ friendlyName: "Ours" });
});

it("a list answers for a minute; after that, what somebody else changed since is read", async () => {
  const engine = twilio.engine();
  await engine.up([service, ...rooms(3)]);
  const { read } = processOf()(conversation);
  const [first, second, third] = [0, 1, 2].map((index) => engine.of(`room-${index}`) as { id: string; outputs: Props });
  for (const one of [first, second]) await read(one?.id as string, one?.outputs as Props);
  const { id, outputs } = third as NonNullable<typeof third>;
  await twilio.rest("POST", ...twilio.pathOf(conversation.type, id), { FriendlyName: "Theirs" });
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  twilio.requests();
  vi.setSystemTime(Date.now() + 50_000);
  expect((await read(id, outputs)).props).toMatchObject({ friendlyName: "room-2" });
  expect(twilio.requests()).toEqual([]);
  vi.setSystemTime(Date.now() + 10_001);
  expect((await read(id, outputs)).props).toMatchObject({ friendlyName: "Theirs" });
});

it("nor does it after a write to something else, which removed the object", async () => {
  const engine = twilio.engine();
  const crew = (...identities: string[]): Declared => ({
    name: "crew",
    definition: conversationWithParticipants,
    args: (of) => ({ service: of("service").id, participants: identities.map((identity) => ({ identity })) }),
  });
  await engine.up([service, crew("ada", "bob", "eve")]);
  const { id, inputs, outputs } = engine.of("crew");
  const [, collection] = twilio.pathOf(conversation.type, id);
  const { participants } = await twilio.rest("GET", "conversations", `${collection}/Participants`);
  const providerOf = processOf();
  const read = ({ sid, identity }: Props) =>
    providerOf(participant).read(`${id}/${sid}`, { accountSid: twilio.emulator.accountSid, conversation: id, identity });
  const [ada, bob, eve] = ["ada", "bob", "eve"].map((name) => (participants as Props[]).find(({ identity }) => identity === name) as Props);
  for (const one of [ada, bob]) expect((await read(one as Props)).id).not.toBe("");
  await providerOf(conversationWithParticipants).update(id, outputs, {
    ...inputs,
    participants: [{ identity: "ada" }, { identity: "bob" }],
  });
  expect((await read(eve as Props)).id).toBe("");
});
