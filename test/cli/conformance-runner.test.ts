/** What the runner of facts does about facts that are wrong, or that would do harm. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Fact, refusal } from "../../src/cli/commands/conformance/fact";
import { facts } from "../../src/cli/commands/conformance/facts";
import type { Lab } from "../../src/cli/commands/conformance/lab";
import { openRest } from "../../src/cli/commands/conformance/rest";
import { type Outcome, testFacts } from "../../src/cli/commands/conformance/run";
import type { Need } from "../../src/cli/commands/conformance/terms";
import { connect } from "../../src/core/twilio/connection";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";

let emulator: Emulator;
let twilio: EmulatorClient;

beforeAll(async () => {
  emulator = await startEmulator();
  twilio = emulatorClient(emulator);
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const fact = (needs: Need, check: (lab: Lab) => Promise<unknown>): Fact => ({
  id: "planted.fact",
  says: "A planted fact",
  certainty: "inferred",
  source: "https://www.twilio.com/docs/x",
  needs,
  check,
});

async function test(...planted: Fact[]): Promise<Outcome> {
  const config: Record<string, string> = {
    "twilio:accountSid": emulator.accountSid,
    "twilio:authToken": emulator.authToken,
    "twilio:baseUrl": emulator.url,
  };
  const openEmbedded = () => Promise.reject(new Error("not used"));
  const connection = await connect({ config: (key) => config[key], env: {}, cwd: ".", openEmbedded });
  const priceOf = () => Promise.resolve({ amount: "1.15", currency: "USD" });
  const interrupted = new AbortController().signal;
  const consent = { writes: true, costLimit: 5 };
  return testFacts({ facts: planted, send: openRest(connection), consent, priceOf, interrupted, onTested: () => {} });
}

const services = async () => (await twilio.client.conversations.v1.services.list()).map(({ friendlyName }) => friendlyName);

it("reports wrong facts as refuted with what was received, and goes on with the others", async () => {
  const wrong = fact("write", async (lab) => lab.has((await lab.conversation()).body, { state: "inactive" }));
  const right = fact("write", async (lab) => lab.has((await lab.conversation()).body, { state: "active" }));
  const faulty = fact("write", async () => JSON.parse("{"));
  const { results, left } = await test(wrong, faulty, right);
  expect(results).toMatchObject([
    { answer: "refuted", expected: "state 'inactive'", received: "'active'" },
    { answer: "not run", reason: expect.stringContaining("its check failed: ") },
    { answer: "confirmed" },
  ]);
  expect(left).toEqual([]);
  expect((await services()).filter((name) => name.startsWith("twilio-conversations-conformance"))).toEqual([]);
});

it("deletes at once what Twilio creates instead of refusing it", async () => {
  const accepted = {
    ...fact("read", async () => {}),
    ...refusal({ id: "x", says: "x", code: 50000, path: "/v1/Services", form: { FriendlyName: "accepted" } }),
  };
  let during: string[] = [];
  const later = fact("read", async () => {
    during = await services();
  });
  const { results } = await test({ ...accepted, source: "x" }, later);
  expect(results[0]).toMatchObject({ answer: "refuted", expected: "code 50000", received: "status 201" });
  expect(results[1]?.answer).toBe("confirmed");
  expect(during).not.toContain("accepted");
});

it("never sends a request that could change or cost what the run does not own, whatever a fact says", async () => {
  const { client } = twilio;
  const { sid } = await client.conversations.v1.services.create({ friendlyName: "Support" });
  const [offer] = await client.availablePhoneNumbers("US").local.list({ limit: 1 });
  const { phoneNumber } = await client.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber as string });
  const someone = "+15558675310";
  const binding = { "MessagingBinding.Address": someone, "MessagingBinding.ProxyAddress": phoneNumber };
  await twilio.forgetCalls();
  const harmful: [Need, (lab: Lab) => Promise<unknown>, why: string][] = [
    ["read", (lab) => lab.post("/v1/Services", { FriendlyName: "x" }), "a fact that only reads must not send it"],
    ["write", (lab) => lab.delete(`/v1/Services/${sid}`), `this run did not create ${sid}`],
    ["write", (lab) => lab.post(`/v1/Services/${sid}/Conversations`), `this run did not create ${sid}`],
    ["read", (lab) => lab.refuses({ code: 1, path: `/v1/Services/${sid}/Conversations` }), `this run did not create ${sid}`],
    [
      "write",
      (lab) => lab.post("/v1/Configuration", { DefaultInactiveTimer: "PT5M" }),
      "it is about an object that this run did not create",
    ],
    ["write", (lab) => lab.delete("/v1/Conversations/support"), "it is about an object that this run did not create"],
    ["write", (lab) => lab.post("api:/IncomingPhoneNumbers.json", { AreaCode: "415" }), "it could buy a number"],
    ["read", (lab) => lab.refuses({ code: 1, path: "api:/IncomingPhoneNumbers.json", form: { AreaCode: "415" } }), "it could buy a number"],
    ["purchase", (lab) => lab.post("api:/Messages.json", { To: someone, From: phoneNumber, Body: "x" }), "it could text somebody"],
  ];
  const { results } = await test(...harmful.map(([needs, check]) => fact(needs, check)));
  for (const [index, [, , why]] of harmful.entries())
    expect(results[index]).toMatchObject({ answer: "not run", reason: expect.stringContaining(`was not sent: ${why}`) });
  expect(await twilio.writes()).toEqual([]);

  const texting = fact("write", async (lab) => {
    const { path } = await lab.conversation();
    await lab.create(`${path}/Participants`, binding);
    await lab.post(`${path}/Messages`, { Body: "x" });
  });
  expect((await test(texting)).results).toMatchObject([{ answer: "not run", reason: expect.stringContaining("it could text somebody") }]);
  expect(await client.messages.list()).toEqual([]);
});

it("has about 150 facts or more, each with its own id, a sentence and a page of Twilio", () => {
  expect(facts.length).toBeGreaterThanOrEqual(150);
  expect(new Set(facts.map(({ id }) => id)).size).toBe(facts.length);
  expect(new Set(facts.map(({ says }) => says)).size).toBe(facts.length);
  for (const { id, says, source } of facts) {
    expect(id).toMatch(/^[a-z0-9-]+\.[a-z0-9-]+$/);
    expect(says).toMatch(/^[A-Z].*[^.]$/);
    expect(source).toMatch(/^https:\/\/www\.twilio\.com\/docs\/[a-z0-9/-]+$/);
  }
});
