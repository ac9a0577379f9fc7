import { afterAll, describe, expect, inject, it, vi } from "vitest";
import { type Cell, faultsOf, type Operation, tortureByFaults } from "../../tools/torture/faults.mts";
import { interrupted, survive, twoOnOneStack } from "../../tools/torture/incidents.mts";
import type { Live } from "../../tools/torture/inventory.mts";
import { type Kill, tortureByKills } from "../../tools/torture/kills.mts";
import { type Lab, openLab } from "../../tools/torture/lab.mts";
import { everyKind, type Plan, urlOf } from "../../tools/torture/plan.mts";
import { seeded } from "../../tools/torture/random.mts";
import { type Findings, judge } from "../../tools/torture/verdict.mts";

vi.setConfig({ testTimeout: 180_000 });

const options = () => ({ engine: inject("engine"), config: { "twilio:callTimeout": "1" } });

describe("a short cut of the torture", () => {
  it("ends well for the faults that matter most", async () => {
    const faults = faultsOf({ slowMs: 2000, refusedSeconds: 1 });
    const cells: [fault: string, operation: Operation][] = [
      ["slow, 2 s", "create"],
      ["429 for 1 s", "read"],
      ["truncated body", "update"],
      ["503", "remove"],
      ["clock 10 min behind, answer lost", "create"],
      ["services deleted by hand", "read"],
      ["dropped after executing", "update"],
      ["HTML page with 200", "destroy"],
    ];
    const ended: Cell[] = [];
    await tortureByFaults(
      cells.map(([name, operation]) => {
        const fault = faults.find((one) => one.name === name);
        if (!fault) expect.unreachable(`there is no fault "${name}"`);
        return [fault, operation];
      }),
      options(),
      (cell) => ended.push(cell),
    );
    expect(ended.map(({ fault, operation, wrong }) => [fault, operation, wrong])).toEqual(cells.map((cell) => [...cell, []]));
  });

  it.each([true, false])("ends well after kills at chance moments, the state written after each step: %s", async (checkpoints) => {
    const kills: Kill[] = [];
    await tortureByKills({ count: 2, random: seeded(11), checkpoints }, options(), (kill) => kills.push(kill));
    expect(kills.map(({ wrong }) => wrong)).toEqual([[], []]);
  });

  it.each([interrupted(1), twoOnOneStack])("ends well after $name", async (incident) => {
    expect((await survive(incident, options(), seeded(1))).wrong).toEqual([]);
  });
});

describe("what is wrong is reported", () => {
  let lab: Lab;
  afterAll(() => lab.close());

  it("by what Twilio and the engine hold: a twin, an object that is gone, one that differs, a number too many", async () => {
    lab = await openLab(options());
    lab.declare(everyKind(1));
    const outcome = await lab.stack.up();
    const { client } = lab.outside;
    const id = (name: string, live: readonly Live[]) => live.find(({ shows }) => shows.identity === name)?.id.split("/") as string[];
    const [service = "", conversation = "", participant = ""] = id("testPineapple", await lab.live());
    const twin = await client.conversations.v1.services.create({ friendlyName: "Support" });
    const { conversations } = client.conversations.v1.services(service);
    await conversations(conversation).participants(participant).remove();
    await conversations(conversation).update({ friendlyName: "theirs" });
    const [offered] = await client.availablePhoneNumbers("US").local.list({ limit: 1 });
    const { sid } = await client.incomingPhoneNumbers.create({ phoneNumber: offered?.phoneNumber as string });
    const { wrong } = await lab.end(outcome);
    expect([...wrong].sort()).toEqual(
      [
        "3 numbers were bought, not 2",
        expect.stringMatching(new RegExp(`^ConversationService ${twin.sid} .* is nobody's$`)),
        expect.stringMatching(new RegExp(`^PhoneNumber ${sid} .* is nobody's$`)),
        'friendlyName of hello is "theirs", not "hello 1"',
        `pineapple (${service}/${conversation}/${participant}) is not at Twilio`,
      ].sort(),
    );
  });

  const url = urlOf("front-desk", 1);
  const plan: Plan = { "front-desk": { kind: "PhoneNumber", by: "search", onDelete: "release", revision: 1 } };
  const number: Live = { kind: "PhoneNumber", id: "PN1", shows: { smsUrl: url } };
  const well: Findings = {
    plan,
    state: [{ name: "front-desk", kind: "PhoneNumber", id: "PN1" }],
    live: [number],
    kept: [],
    wanted: { bought: 1, released: 0 },
    purchases: { bought: 1, released: 0 },
    last: { ok: true, changes: [], writes: 0 },
  };

  it.each<[what: string, change: Partial<Findings>, wrong: string[]]>([
    ["nothing, where all is well", {}, []],
    ["a number too many", { purchases: { bought: 2, released: 0 } }, ["2 numbers were bought, not 1"]],
    ["a number released", { purchases: { bought: 1, released: 1 } }, ["1 numbers were released, not 0"]],
    ["a double", { live: [number, { ...number, id: "PN2" }] }, [`PhoneNumber PN2 {"smsUrl":"${url}"} is nobody's`]],
    ["a kept number that is gone", { kept: [{ name: "call-back", id: "PN2" }] }, ["the number of call-back (PN2) was not kept"]],
    ["a kept number", { kept: [{ name: "call-back", id: "PN2" }], live: [number, { ...number, id: "PN2" }] }, []],
    ["a double in the state", { state: [...well.state, ...well.state] }, ["the state has 2 of front-desk"]],
    ["one missing in the state", { state: [] }, ["the state has 0 of front-desk", `PhoneNumber PN1 {"smsUrl":"${url}"} is nobody's`]],
    ["one left in the state", { plan: {} }, ["the state has front-desk (PN1), which the program does not declare"]],
    ["one of another kind", { live: [{ ...number, kind: "Conversation" }] }, ["front-desk is a Conversation, not a PhoneNumber"]],
    [
      "one in another place",
      { state: [{ name: "front-desk", kind: "PhoneNumber", id: "IS1/PN1" }], live: [{ ...number, id: "IS1/PN1" }] },
      ["front-desk is in IS1, not in "],
    ],
    ["a last up that failed", { last: { ok: false, changes: [], writes: 0 } }, ["the last up failed"]],
    [
      "a last up that changed something",
      { last: { ok: true, changes: ["x (update)"], writes: 1 } },
      ["the last up changed x (update)", "the last up wrote 1 times"],
    ],
  ])("%s", (_what, change, wrong) => {
    expect(judge({ ...well, ...change })).toEqual(wrong);
  });
});
