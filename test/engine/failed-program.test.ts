import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversation, type ConversationArgs, ConversationService } from "../../src/index";
import { expectOk, type Lab, openLab } from "./lab";

let lab: Lab;
/** Arguments of the conversation. */
let args: (service: ConversationService) => ConversationArgs = () => ({});
let isKept = true;

const program = async () => {
  const service = new ConversationService("support", { friendlyName: "Support" });
  if (isKept) new Conversation("hello", { service, ...args(service) });
};

beforeAll(async () => {
  lab = await openLab({ program });
  expectOk(await lab.stack.up());
});
afterAll(() => lab.close());

it.each<[string, (service: ConversationService) => ConversationArgs, RegExp]>([
  ["an invalid property", () => ({ timers: { closed: "soon" } }), /timers\.closed must be/],
  ["a promise that fails", () => ({ friendlyName: Promise.reject(new Error("no name today")) }), /no name today/],
  [
    "an output that fails",
    ({ sid }) => ({
      friendlyName: sid.apply((): string => {
        throw new Error("no name today");
      }),
    }),
    /no name today/,
  ],
])("%s in an inline program fails the update, which deletes nothing that exists", async (_what, wrong, message) => {
  const before = Object.keys(await lab.stack.state()).sort();
  args = wrong;
  const outcome = await lab.stack.up();
  args = () => ({});
  expect(outcome.ok).toBe(false);
  expect(outcome.text).toMatch(message);
  expect(outcome.changes).toEqual({});
  expect(Object.keys(await lab.stack.state()).sort()).toEqual(before);
  expect((await lab.twilio.writes()).filter((write) => JSON.stringify(write).toUpperCase().includes("DELETE"))).toEqual([]);
});

it("afterwards, an update deletes what the program no longer declares", async () => {
  isKept = false;
  const outcome = await lab.stack.up();
  expectOk(outcome);
  expect(outcome.changes).toEqual({ hello: "delete" });
});
