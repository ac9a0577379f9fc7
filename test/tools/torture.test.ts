import { afterAll, describe, expect, inject, it, vi } from "vitest";
import type { LiveObject } from "../../tools/harness/live-objects.mts";
import { seeded } from "../../tools/harness/random.mts";
import { allCases, type FaultResult, runFaultMatrix } from "../../tools/torture/fault-matrix.mts";
import type { Operation } from "../../tools/torture/faults.mts";
import { type KillResult, runKills } from "../../tools/torture/kills.mts";
import { fullPlan, type Plan, urlOf } from "../../tools/torture/plan.mts";
import { type FinalState, findProblems } from "../../tools/torture/problems.mts";
import { recover } from "../../tools/torture/recovery.mts";
import { duplicatedRequests } from "../../tools/torture/response-scenarios.mts";
import { runScenario } from "../../tools/torture/scenario.mts";
import { interrupted, twoRunsOneStack } from "../../tools/torture/scenarios.mts";
import { openTestbed, type Testbed } from "../../tools/torture/testbed.mts";

vi.setConfig({ testTimeout: 180_000 });

const options = () => ({ engine: inject("engine"), config: { "twilio:callTimeout": "1" } });

describe("a short torture run", () => {
  it("recovers from the most important faults", async () => {
    const cases = allCases({ slowMs: 2000, refusedSeconds: 1 });
    // One for each operation. The matrix has all.
    const chosen: [fault: string, operation: Operation][] = [
      ["clock 10 min behind, response lost", "create"],
      ["services deleted manually", "read"],
      ["dropped after executing", "update"],
      ["HTML page with 200", "destroy"],
    ];
    const results: FaultResult[] = [];
    await runFaultMatrix(
      chosen.map(([name, operation]) => {
        const found = cases.find(([fault, other]) => fault.name === name && other === operation);
        return found ?? expect.unreachable(`there is no fault "${name}"`);
      }),
      options(),
      (result) => results.push(result),
    );
    expect(results.map(({ fault, operation, problems }) => [fault, operation, problems])).toEqual(chosen.map((one) => [...one, []]));
  });

  it.each([true, false])("recovers from kills at random moments (state written after each step: %s)", async (checkpoints) => {
    const results: KillResult[] = [];
    await runKills({ count: 1, random: seeded(11), checkpoints }, options(), (result) => results.push(result));
    expect(results.map(({ problems }) => problems)).toEqual([[]]);
  });

  // Killed destroys, renamed stacks and false responses have tests of their own.
  it.each([interrupted(1), twoRunsOneStack, duplicatedRequests("second")])("recovers from $name", async (scenario) => {
    expect((await runScenario(scenario, options(), seeded(1))).problems).toEqual([]);
  });
});

describe("the final check", () => {
  let testbed: Testbed;
  afterAll(() => testbed.close());

  it("finds an unexpected service, an unexpected number, a missing participant and a changed conversation", async () => {
    testbed = await openTestbed(options());
    testbed.plan = fullPlan(1);
    const outcome = await testbed.stack.up();
    const { client } = testbed.client;
    const participantId = (await testbed.liveObjects()).find(({ properties }) => properties.identity === "testPineapple")?.id;
    const [service = "", conversation = "", participant = ""] = participantId?.split("/") ?? [];
    const duplicate = await client.conversations.v1.services.create({ friendlyName: "Support" });
    const { conversations } = client.conversations.v1.services(service);
    await conversations(conversation).participants(participant).remove();
    await conversations(conversation).update({ friendlyName: "changed" });
    const [offered] = await client.availablePhoneNumbers("US").local.list({ limit: 1 });
    const { sid } = await client.incomingPhoneNumbers.create({ phoneNumber: offered?.phoneNumber as string });
    const { problems } = await recover(testbed, outcome);
    expect([...problems].sort()).toEqual(
      [
        "3 numbers were bought, not 2",
        expect.stringMatching(new RegExp(`^ConversationService ${duplicate.sid} .* is not expected$`)),
        expect.stringMatching(new RegExp(`^PhoneNumber ${sid} .* is not expected$`)),
        'friendlyName of hello is "changed", not "hello 1"',
        `pineapple (${service}/${conversation}/${participant}) does not exist at Twilio`,
      ].sort(),
    );
  });

  const url = urlOf("front-desk", 1);
  const plan: Plan = { "front-desk": { kind: "PhoneNumber", by: "search", onDelete: "release", revision: 1 } };
  const number: LiveObject = { kind: "PhoneNumber", id: "PN1", properties: { smsUrl: url } };
  const correct: FinalState = {
    plan,
    state: [{ name: "front-desk", kind: "PhoneNumber", id: "PN1" }],
    live: [number],
    retained: [],
    expectedPurchases: { bought: 1, released: 0 },
    purchases: { bought: 1, released: 0 },
    last: { ok: true, changes: [], writes: 0 },
  };

  it.each<[what: string, change: Partial<FinalState>, problems: string[]]>([
    ["no problem in the expected state", {}, []],
    ["an additional purchase", { purchases: { bought: 2, released: 0 } }, ["2 numbers were bought, not 1"]],
    ["a released number", { purchases: { bought: 1, released: 1 } }, ["1 numbers were released, not 0"]],
    ["a duplicate object", { live: [number, { ...number, id: "PN2" }] }, [`PhoneNumber PN2 {"smsUrl":"${url}"} is not expected`]],
    [
      "a retained number that no longer exists",
      { retained: [{ name: "call-back", id: "PN2" }] },
      ["the number of call-back (PN2) was not retained"],
    ],
    ["no problem with a retained number", { retained: [{ name: "call-back", id: "PN2" }], live: [number, { ...number, id: "PN2" }] }, []],
    ["a duplicate in the state", { state: [...correct.state, ...correct.state] }, ["the state has 2 entries for front-desk"]],
    [
      "a missing resource in the state",
      { state: [] },
      ["the state has 0 entries for front-desk", `PhoneNumber PN1 {"smsUrl":"${url}"} is not expected`],
    ],
    ["an undeclared resource in the state", { plan: {} }, ["the state has front-desk (PN1), which the program does not declare"]],
    ["an object of another type", { live: [{ ...number, kind: "Conversation" }] }, ["front-desk is a Conversation, not a PhoneNumber"]],
    [
      "an object with another parent",
      { state: [{ name: "front-desk", kind: "PhoneNumber", id: "IS1/PN1" }], live: [{ ...number, id: "IS1/PN1" }] },
      ["front-desk is in IS1, not in "],
    ],
    ["a last up that failed", { last: { ok: false, changes: [], writes: 0 } }, ["the last up failed"]],
    [
      "a last up that changed something",
      { last: { ok: true, changes: ["x (update)"], writes: 1 } },
      ["the last up changed x (update)", "the last up sent 1 writes"],
    ],
  ])("finds %s", (_what, change, problems) => {
    expect(findProblems({ ...correct, ...change })).toEqual(problems);
  });
});
