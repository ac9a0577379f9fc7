import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import type { Props } from "../../src/core/lifecycle/props";
import type { Body } from "../../src/core/twilio/twilio";
import { Crash, type Declared, type MiniEngine, unknown } from "../support/mini-engine";
import { expectSettled } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

const desk = "+15558675300";
let twilio: TestTwilio;
let engine: MiniEngine;
let service: string;
let numbers: string[];
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());
beforeEach(async () => {
  await twilio.reset();
  const fixture = await twilio.fixture();
  service = fixture.service;
  const third = twilio.forSale[2] as string;
  await twilio.rest("POST", "api", `${twilio.accountPath()}/IncomingPhoneNumbers.json`, { PhoneNumber: third });
  numbers = [...fixture.numbers, third];
  engine = twilio.engine();
});

const phone = (index: number) => `+1555867${5310 + index}`;
const person = (name: string, room: string, address: string, pool: readonly unknown[] = numbers): Declared => ({
  name,
  definition: participant,
  args: (of) => ({ conversation: of(room).id, sms: { address, proxyAddresses: pool } }),
});
const room = (name: string, args: Props = {}): Declared => ({ name, definition: conversation, args: { service, ...args } });
/** A conversation between the desk and somebody else. */
const talk = (index: number, pool = numbers): Declared[] => [
  room(`talk-${index}`),
  person(`desk-${index}`, `talk-${index}`, desk, pool),
  person(`customer-${index}`, `talk-${index}`, phone(index), pool),
];
const proxyOf = (name: string) => (engine.of(name).outputs.sms as Props).proxyAddress;
const sidOf = (name: string) => String(engine.of(name).outputs.sid);

/** The pairs of addresses in all open conversations, as Twilio lists them. */
async function pairs(): Promise<string[]> {
  const { conversations } = await twilio.rest("GET", "conversations", `/v1/Services/${service}/Conversations`);
  const open = (conversations as Body[]).filter(({ state }) => state !== "closed");
  const lists = open.map(({ sid }) => twilio.rest("GET", "conversations", `/v1/Services/${service}/Conversations/${sid}/Participants`));
  const found = (await Promise.all(lists)).flatMap(({ participants }) => participants as Body[]);
  return found.map(({ messaging_binding: binding }) => `${(binding as Body).address} ${(binding as Body).proxy_address}`);
}
/** What a change plans beyond what is the same. */
const changes = (steps: Record<string, string>) => Object.fromEntries(Object.entries(steps).filter(([, step]) => step !== "same"));

describe("the proxy address of a participant with a pool", () => {
  it("is the first one that is free: ten participants share three numbers, each pair once, and the plan is then empty", async () => {
    const others = [3, 4].flatMap((index) => [
      room(`talk-${index}`),
      person(`one-${index}`, `talk-${index}`, phone(10)),
      person(`two-${index}`, `talk-${index}`, phone(11)),
    ]);
    const program = [0, 1, 2].flatMap((index) => talk(index)).concat(others);
    await engine.up(program);
    const found = await pairs();
    expect(found).toHaveLength(10);
    expect(new Set(found).size).toBe(10);
    expect([0, 1, 2].map((index) => proxyOf(`desk-${index}`))).toEqual(numbers);
    // Two people see the same number where it is free for both.
    expect([0, 1, 2].map((index) => proxyOf(`customer-${index}`))).toEqual([numbers[0], numbers[0], numbers[0]]);
    expect([3, 4].map((index) => [proxyOf(`one-${index}`), proxyOf(`two-${index}`)])).toEqual([
      [numbers[0], numbers[0]],
      [numbers[1], numbers[1]],
    ]);
    await expectSettled(twilio, engine, program);
    expect(await engine.refresh()).toEqual({});
  });

  it("is not moved by a conversation that is inserted before, nor by changes of the pool that leave its number", async () => {
    await engine.up([...talk(1), ...talk(2)]);
    const before = ["desk-1", "customer-1", "desk-2", "customer-2"].map(proxyOf);
    const inserted = [...talk(0), ...talk(1), ...talk(2)];
    const creates = { "talk-0": "create", "desk-0": "create", "customer-0": "create" };
    expect(changes(await engine.preview(inserted))).toEqual(creates);
    expect(changes(await engine.up(inserted))).toEqual(creates);
    expect(proxyOf("desk-0")).toBe(numbers[2]);
    const [first, second, third] = numbers as [string, string, string];
    for (const pool of [
      [third, second, first],
      [first, second],
    ]) {
      const program = [...talk(0), ...talk(1, pool), ...talk(2, pool)];
      expect(changes(await engine.up(program))).toEqual({});
    }
    expect(["desk-1", "customer-1", "desk-2", "customer-2"].map(proxyOf)).toEqual(before);
  });

  it("moves to the next free number when the pool loses it, and nobody else moves", async () => {
    await engine.up([...talk(0), ...talk(1)]);
    twilio.log.length = 0;
    const program = [...talk(0), ...talk(1, numbers.slice(2)).slice(0, 2), ...talk(1).slice(2)];
    expect(changes(await engine.preview(program))).toEqual({ "desk-1": "replace" });
    expect(twilio.log.join()).toContain(`The pool no longer has ${numbers[1]}: this participant moves to ${numbers[2]}.`);
    expect(changes(await engine.up(program))).toEqual({ "desk-1": "replace" });
    expect([proxyOf("desk-0"), proxyOf("desk-1")]).toEqual([numbers[0], numbers[2]]);
    expect(await pairs()).toHaveLength(4);
    await expectSettled(twilio, engine, program);
  });

  it("is the one that a preview has shown, in whichever order the update gets to the participants", async () => {
    await engine.preview([...talk(0), ...talk(1)]);
    await engine.up([...talk(1), ...talk(0)]);
    expect([proxyOf("desk-0"), proxyOf("desk-1")]).toEqual([numbers[0], numbers[1]]);
    expect([...twilio.notes.values()].join()).not.toMatch(/\+1\d{10}/);
    await engine.preview([...talk(0), ...talk(1), ...talk(2)]);
    const [first, second] = numbers as [string, string];
    const program = [...talk(0), ...talk(1), room("talk-2"), person("customer-2", "talk-2", phone(2), [second])];
    await engine.up(program);
    expect([first, proxyOf("customer-2")]).toEqual([proxyOf("desk-0"), second]);
  });

  it("stays when the participant is replaced, although an earlier number is free again", async () => {
    await engine.up([...talk(0), ...talk(1)]);
    await engine.up(talk(1));
    const moved = [room("elsewhere"), room("talk-1"), person("desk-1", "elsewhere", desk), ...talk(1).slice(2)];
    expect(changes(await engine.up(moved))).toEqual({ elsewhere: "create", "desk-1": "replace" });
    expect(proxyOf("desk-1")).toBe(numbers[1]);
    const renumbered = [...moved.slice(0, 2), person("desk-1", "elsewhere", phone(30)), ...moved.slice(3)];
    await engine.up(renumbered);
    expect(proxyOf("desk-1")).toBe(numbers[1]);
  });

  it("is free again once the conversation is closed, and an explicit number is left alone", async () => {
    await engine.up(talk(0));
    await twilio.rest("POST", "conversations", `/v1/Services/${service}/Conversations/${sidOf("talk-0")}`, { State: "closed" });
    const explicit: Declared = {
      name: "explicit",
      definition: participant,
      args: (of) => ({ conversation: of("talk-1").id, sms: { address: phone(20), proxyAddress: numbers[2] } }),
    };
    await engine.up([...talk(0), ...talk(1), explicit, person("after", "talk-1", phone(20))]);
    expect(proxyOf("desk-1")).toBe(numbers[0]);
    expect([proxyOf("explicit"), proxyOf("after")]).toEqual([numbers[2], numbers[0]]);
    twilio.requests();
    await engine.preview([room("talk-1"), explicit]);
    expect(twilio.requests().filter(({ path }) => path.endsWith("ParticipantConversations"))).toEqual([]);
  });
});

describe("a pool without a free number", () => {
  it("fails the preview and names what holds the pairs; a number more, or a closed conversation, helps", async () => {
    const two = numbers.slice(0, 2);
    await engine.up(talk(0, two));
    const program = [...talk(0, two), ...talk(1, two), ...talk(2, two)];
    const told = await engine.preview(program).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(told).toContain("sms.proxyAddresses must have a number that is free for this address");
    expect(told).toContain(
      `all 2 are taken: ${two[0]} in ${sidOf("talk-0")} ("talk-0") of service ${service}, ${two[1]} for Participant "desk-1" of this program.`,
    );
    expect(told).toContain("Add a number to the pool, or close or delete one of these conversations");
    expect(told).not.toContain(desk);
    await engine.up([...talk(0), ...talk(1, two), ...talk(2)]);
    await expect(engine.preview([...talk(0), ...talk(1, two), ...talk(2), ...talk(3)])).rejects.toThrow("all 3 are taken");
    await twilio.rest("POST", "conversations", `/v1/Services/${service}/Conversations/${sidOf("talk-1")}`, { State: "closed" });
    await engine.up([...talk(0), ...talk(1, two), ...talk(2), ...talk(3)]);
    expect(proxyOf("desk-3")).toBe(two[1]);
  });

  it("is found at the preview where a later participant names the number that is chosen for an earlier one; the other order works", async () => {
    const named: Declared = {
      name: "named",
      definition: participant,
      args: (of) => ({ conversation: of("room").id, sms: { address: desk, proxyAddress: numbers[0] } }),
    };
    await expect(engine.preview([...talk(0), room("room"), named])).rejects.toThrow(
      'sms.proxyAddress must not be the number that Participant "desk-0" of this program gets from its `proxyAddresses` for the same address',
    );
    twilio.notes.clear();
    await engine.up([room("room"), named, ...talk(0)]);
    expect([proxyOf("named"), proxyOf("desk-0")]).toEqual([numbers[0], numbers[1]]);
  });

  it("names no numbers where they are secret", async () => {
    const one = numbers.slice(0, 1);
    await engine.up(talk(0, one));
    const [there, secret] = [room("other"), person("secret", "other", desk, one)];
    const args = secret.args as (of: (name: string) => Props) => Props;
    const program = [...talk(0, one), there, { ...secret, args: (of: (name: string) => Props) => ({ ...args(of), __secrets: ["sms"] }) }];
    await expect(engine.preview(program)).rejects.toThrow(`are taken: in ${sidOf("talk-0")}`);
  });
});

describe("a pair that somebody else binds after the choice", () => {
  it("leads to the next number, which the participant keeps", async () => {
    const elsewhere = await twilio.rest("POST", "conversations", "/v1/Conversations", {});
    await twilio.rest("POST", "conversations", `/v1/Conversations/${elsewhere.sid}/Participants`, {
      "MessagingBinding.Address": desk,
      "MessagingBinding.ProxyAddress": numbers[0] as string,
    });
    // No look-up shows it.
    const fault = { method: "GET", path: "*/ParticipantConversations", status: 403, code: 20003, times: 100 };
    await twilio.control("POST", "faults", fault);
    await engine.up(talk(0));
    expect([proxyOf("desk-0"), proxyOf("customer-0")]).toEqual([numbers[1], numbers[0]]);
    await expectSettled(twilio, engine, talk(0));
    expect(await engine.refresh()).toEqual({});
    await expectSettled(twilio, engine, talk(0));
    const one = numbers.slice(0, 1);
    await expect(engine.up([...talk(0), room("last"), person("late", "last", desk, one)])).rejects.toThrow(
      `The pair is bound in ${elsewhere.sid}`,
    );
  });

  it("is not what an interrupted create of the same participant has bound", async () => {
    await expect(engine.up(talk(0), { crashAfterCreating: "desk-0" })).rejects.toThrow(Crash);
    await engine.up(talk(0));
    expect(proxyOf("desk-0")).toBe(numbers[0]);
    expect(await pairs()).toHaveLength(2);
  });
});

describe("the pool in a program", () => {
  it.each<[string, Props, RegExp]>([
    ["as an empty list", { proxyAddresses: [] }, /sms\.proxyAddresses must not be empty/],
    ["with a wrong number", { proxyAddresses: ["5551234"] }, /must be a phone number in E\.164 format/],
    ["with a number twice", { proxyAddresses: ["+14155550100", "+14155550100"] }, /must not repeat an item/],
    ["with the person's number", { proxyAddresses: ["+14155550100", desk] }, /sms\.proxyAddresses must not have the address/],
    [
      "beside a number",
      { proxyAddress: "+14155550100", proxyAddresses: ["+14155550100"] },
      /must not be declared together with `sms\.proxyAddress`/,
    ],
    ["where neither it nor a number is declared", {}, /sms\.proxyAddress is missing/],
  ])("is refused %s", async (_title, sms, problem) => {
    const wrong: Declared = {
      name: "it",
      definition: participant,
      args: (of) => ({ conversation: of("room").id, sms: { address: desk, ...sms } }),
    };
    await expect(engine.preview([room("room"), wrong])).rejects.toThrow(problem);
  });

  it("names the number that the account does not own", async () => {
    const program = [room("room"), person("it", "room", desk, [...numbers, "+14155550199"])];
    await expect(engine.preview(program)).rejects.toThrow("sms.proxyAddresses[3] must be a number of account");
  });

  it("is passed again as it is with ignoreChanges", async () => {
    await engine.up(talk(0));
    const { sms } = engine.of("desk-0").inputs;
    const ignored: Declared = { name: "desk-0", definition: participant, args: (of) => ({ conversation: of("talk-0").id, sms }) };
    await expectSettled(twilio, engine, [room("talk-0"), ignored, ...talk(0).slice(2)]);
  });

  it("decides nothing in a preview while a number is not known, except that a known choice stays", async () => {
    await engine.up(talk(0));
    const program = [...talk(0), room("room"), person("new", "room", desk, [unknown, ...numbers])];
    expect(changes(await engine.preview(program))).toEqual({ room: "create", new: "create" });
    const stays = [room("talk-0"), person("desk-0", "talk-0", desk, [...numbers, unknown]), ...talk(0).slice(2)];
    expect(changes(await engine.preview(stays))).toEqual({});
    const lost = [room("talk-0"), person("desk-0", "talk-0", desk, [unknown]), ...talk(0).slice(2)];
    expect(changes(await engine.preview(lost))).toEqual({ "desk-0": "update" });
  });
});
