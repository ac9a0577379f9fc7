import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { conversationWithParticipants } from "../../src/conversations/conversation-with-participants";
import { participant } from "../../src/conversations/participant";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Props } from "../../src/core/lifecycle/props";
import type { Body } from "../../src/core/twilio/twilio";
import { type Declared, unknown } from "../support/mini-engine";
import { expectSettled } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterEach(() => vi.useRealTimers());
afterAll(() => twilio.close());

const [ADA, BOB] = ["+15558675310", "+15558675311"];
const crew = (participants: unknown, args: Props = {}): Declared => ({
  name: "crew",
  definition: conversationWithParticipants,
  args: { participants, ...args },
});

/** An account with a number. */
async function opened() {
  await twilio.reset();
  const { numbers, service } = await twilio.fixture();
  const engine = twilio.engine();
  const pathOf = () => engine.of("crew").id.replace(/^(\w+)\/(\w+)$/, "/v1/Services/$1/Conversations/$2");
  const list = async (path: string, key: string) => (await twilio.rest("GET", "conversations", path))[key] as Body[];
  const people = async () =>
    (await list(`${pathOf()}/Participants`, "participants"))
      .map(({ identity, messaging_binding: binding }) => identity ?? (binding as Props).address ?? (binding as Props).projected_address)
      .sort();
  const conversations = async () => (await list("/v1/Conversations", "conversations")).map(({ sid, state }) => [sid, state]);
  return { engine, ours: numbers[0], service, pathOf, people, conversations };
}

describe("a conversation with participants", () => {
  it.each([["a service"], ["the account's default service"]])("is created in one request in %s, and destroyed", async (where) => {
    const { engine, ours, service, people, pathOf } = await opened();
    const place = where === "a service" ? { service } : {};
    const group = [{ identity: "dispatch", projectedAddress: ours }, { address: ADA }, { address: BOB }];
    twilio.requests();
    await engine.up([crew(group, place)]);
    expect(twilio.writes()).toEqual([`post /v1${where === "a service" ? `/Services/${service}` : ""}/ConversationWithParticipants`]);
    expect(await people()).toEqual([ADA, BOB, "dispatch"]);
    expect(engine.of("crew").outputs).toMatchObject({ state: "active", participants: group, uniqueName: expect.stringMatching(/^crew~/) });
    await expectSettled(twilio, engine, [crew(group, place)]);
    const path = pathOf();
    await engine.destroy();
    await expect(twilio.rest("GET", "conversations", path)).rejects.toThrow("404");
  });

  it("has people on all channels", async () => {
    const { engine, ours, people } = await opened();
    await engine.up([
      crew([
        { identity: "dispatch" },
        { sms: { address: ADA, proxyAddress: ours } },
        { whatsapp: { address: `whatsapp:${ADA}`, proxyAddress: "whatsapp:+14155238886" } },
        { rcs: { address: `rcs:${ADA}`, proxyAddress: "rcs:agent" } },
        { messenger: { address: "messenger:12", proxyAddress: "messenger:34" } },
      ]),
    ]);
    expect(await people()).toEqual([ADA, "dispatch", "messenger:12", `rcs:${ADA}`, `whatsapp:${ADA}`]);
  });

  it("changes its participants in place, and leaves others alone", async () => {
    const { engine, ours, people, pathOf } = await opened();
    const ada = { sms: { address: ADA, proxyAddress: ours } };
    const bob = { sms: { address: BOB, proxyAddress: ours } };
    await engine.up([crew([{ identity: "dispatch" }, ada])]);
    const { id } = engine.of("crew");
    await twilio.rest("POST", "conversations", `${pathOf()}/Participants`, { Identity: "guest" });
    expect(await engine.refresh()).toEqual({});
    expect(await engine.up([crew([{ identity: "dispatch" }, bob])])).toEqual({ crew: "update" });
    expect(engine.of("crew").id).toBe(id);
    expect(await people()).toEqual([BOB, "dispatch", "guest"]);
    // Another order is the same.
    twilio.requests();
    await engine.up([crew([bob, { identity: "dispatch" }])]);
    expect(twilio.writes()).toEqual([]);
    expect(await engine.up([crew([bob, { identity: "dispatch" }], { friendlyName: "Crew" })])).toEqual({ crew: "update" });
    expect(await twilio.rest("GET", "conversations", pathOf())).toMatchObject({ friendly_name: "Crew" });
    expect(await people()).toEqual([BOB, "dispatch", "guest"]);
  });

  it("shows a participant who was removed as drift, and adds it again", async () => {
    const { engine, people, pathOf } = await opened();
    const program = [crew([{ identity: "dispatch" }, { identity: "ada" }])];
    await engine.up(program);
    await twilio.rest("POST", "conversations", `${pathOf()}/Participants`, { Identity: "guest" });
    await twilio.rest("DELETE", "conversations", `${pathOf()}/Participants/ada`);
    expect(await engine.refresh()).toEqual({ crew: "changed" });
    expect(engine.of("crew").outputs.participants).toEqual([
      { identity: "dispatch", sid: expect.stringMatching(/^MB/) },
      { identity: "guest", sid: expect.stringMatching(/^MB/) },
    ]);
    expect(await engine.up(program)).toEqual({ crew: "update" });
    expect(await people()).toEqual(["ada", "dispatch", "guest"]);
    await expectSettled(twilio, engine, program);
  });

  it("is adopted with the participants that it has", async () => {
    const { engine, people } = await opened();
    const room: Declared = { name: "room", definition: conversation, args: { uniqueName: "room" } };
    const member: Declared = { name: "member", definition: participant, args: (of) => ({ conversation: of("room").id, identity: "ada" }) };
    await engine.up([room, member]);
    const { state } = engine;
    engine.state = [];
    twilio.notes.clear();
    await engine.up([crew([{ identity: "ada" }, { identity: "bob" }], { adopt: "room" })]);
    expect(engine.of("crew").id).toBe(state[0]?.id);
    expect(await people()).toEqual(["ada", "bob"]);
    await engine.destroy();
    expect(await twilio.rest("GET", "conversations", "/v1/Conversations/room")).toMatchObject({ unique_name: "room" });
  });

  it("has participants to which Participant resources give data, and keep them", async () => {
    const { engine, ours, people, pathOf } = await opened();
    const group = crew([{ identity: "ada" }, { sms: { address: ADA, proxyAddress: ours } }]);
    const data = (name: string, who: Props): Declared => ({
      name,
      definition: participant,
      args: (of) => ({ conversation: of("crew").id, attributes: { plan: name }, ...who }),
    });
    const program = [group, data("ada", { identity: "ada" }), data("phone", { sms: { address: ADA, proxyAddress: ours } })];
    await engine.up(program);
    const { participants } = await twilio.rest("GET", "conversations", `${pathOf()}/Participants`);
    expect((participants as Body[]).map(({ attributes }) => attributes).sort()).toEqual(['{"plan":"ada"}', '{"plan":"phone"}']);
    await expectSettled(twilio, engine, program);
    await engine.up([group]);
    expect(await people()).toEqual([ADA, "ada"]);
  });

  it("is read by get with its participants", async () => {
    const { engine } = await opened();
    await engine.up([crew([{ identity: "ada" }])]);
    expect(await engine.get(conversationWithParticipants, engine.of("crew").id)).toMatchObject({
      participants: [{ identity: "ada", sid: expect.stringMatching(/^MB/) }],
      state: "active",
    });
  });
});

describe("a conversation whose participants cannot be added", () => {
  it("is deleted, and the error names the participant and the conversation that has it", async () => {
    const { engine, ours, conversations } = await opened();
    const other = await twilio.rest("POST", "conversations", "/v1/Conversations", {});
    const program = [crew([{ identity: "dispatch" }, { sms: { address: ADA, proxyAddress: ours } }])];
    await engine.preview(program);
    // The emulator adds the participants after a timer; while it stands still, another conversation takes the pair.
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const failed = expect(engine.up(program)).rejects.toThrow(
      new RegExp(
        `could not add the participants, and closed Conversation CH\\w+, which is deleted now\\. The pair of participants\\[1\\] is bound in ` +
          `Conversation ${other.sid}\\. Remove`,
      ),
    );
    await vi.waitFor(async () => expect((await conversations()).map(([, state]) => state)).toContain("initializing"), { interval: 5 });
    await twilio.rest("POST", "conversations", `/v1/Conversations/${other.sid}/Participants`, {
      "MessagingBinding.Address": ADA,
      "MessagingBinding.ProxyAddress": ours,
    });
    vi.runAllTimers();
    vi.useRealTimers();
    await failed;
    expect((await conversations()).map(([sid]) => sid)).toEqual([other.sid]);
    expect(engine.state).toEqual([]);
    await twilio.rest("DELETE", "conversations", `/v1/Conversations/${other.sid}`);
    await engine.up(program);
  });

  it("is refused at once where Twilio sees it, and nothing is created", async () => {
    const { engine, conversations } = await opened();
    await expect(engine.up([crew([{ sms: { address: ADA, proxyAddress: "+14155550199" } }])])).rejects.toThrow("50413");
    expect(await conversations()).toEqual([]);
  });
});

describe("an interrupted create", () => {
  it.each(["before", "after"])("that lost its connection %s Twilio carried it out leads to one conversation", async (drop) => {
    const { engine, people, conversations } = await opened();
    await twilio.control("POST", "faults", { method: "POST", path: "*/ConversationWithParticipants", drop, times: 1 });
    await engine.up([crew([{ identity: "ada" }])]);
    expect(await conversations()).toHaveLength(1);
    expect(await people()).toEqual(["ada"]);
  });

  it("that left a closed conversation deletes it and creates another one", async () => {
    const { engine, people, pathOf, conversations } = await opened();
    const program = [crew([{ identity: "ada" }])];
    await expect(engine.up(program, { crashAfterCreating: "crew" })).rejects.toThrow();
    const [[left] = []] = await conversations();
    await twilio.rest("POST", "conversations", `/v1/Conversations/${left}`, { State: "closed" });
    await engine.up(program);
    expect(pathOf()).not.toContain(left);
    expect(await people()).toEqual(["ada"]);
    expect(await conversations()).toHaveLength(1);
  });
});

describe("a check", () => {
  const pair = { address: ADA, proxyAddress: BOB };
  const check = (participants: unknown) =>
    findProblems(conversationWithParticipants, { participants }, {}).map(({ property, reason }) => `${property} ${reason}`);

  it.each<[string, unknown]>([
    ["ten identities", Array.from({ length: 10 }, (_, index) => ({ identity: `user ${index}` }))],
    ["one person on two channels", [{ sms: pair }, { whatsapp: { address: `whatsapp:${ADA}`, proxyAddress: `whatsapp:${BOB}` } }]],
    ["two people who text the same number", [{ sms: pair }, { sms: { address: "+15558675312", proxyAddress: BOB } }]],
    ["what is not known yet", [unknown, { identity: unknown }, { identity: unknown }, { sms: { address: ADA, proxyAddress: unknown } }]],
    ["a list that is not known yet", unknown],
  ])("accepts %s", (_what, participants) => {
    expect(check(participants)).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ["nobody", [], "must have 1 to 10 participants"],
    ["eleven", Array.from({ length: 11 }, (_, index) => ({ identity: `user ${index}` })), "received 11"],
    ["no list", { identity: "ada" }, "must be a list of participants"],
    ["text", ["ada"], "[0] must be an object"],
    ["an identity twice", [{ identity: "ada" }, { identity: "ada" }], "[1] must not be the same as [0]"],
    ["a pair twice", [{ sms: pair }, { identity: "ada" }, { sms: { ...pair } }], "[2] must not be the same as [0]"],
    ["a number twice in a group", [{ address: ADA }, { identity: "ada", projectedAddress: ADA }], "[1] must not be the same as [0]"],
    ["two kinds in one", [{ identity: "ada" }, { identity: "bob", sms: pair }], "[1].sms must not be declared together with `identity`"],
    ["a wrong number", [{ sms: { ...pair, address: "5558675310" } }], "[0].sms.address must be a phone number in E.164 format"],
    ["a misspelled property", [{ identty: "ada" }], "[0].identty is not a property"],
    ["half a pair", [{ rcs: { address: `rcs:${ADA}` } }], "[0].rcs.proxyAddress is missing"],
  ])("refuses %s", (_what, participants, reason) => {
    const [problem, ...others] = check(participants);
    expect(problem).toMatch(/^participants /);
    expect(problem).toContain(reason);
    expect(others).toEqual([]);
  });
});
