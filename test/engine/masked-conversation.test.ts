import { afterAll, beforeAll, expect, it } from "vitest";
import { MaskedConversation, PhoneNumber } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

const [ada, grace, lin] = ["+15558675310", "+15558675311", "+15558675312"] as const;
let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const search = { country: "US", type: "local", smsEnabled: true } as const;

it("MaskedConversation: two people text through proxies, a second one for one of them moves nobody, and destroy leaves nothing", async () => {
  const { stack, twilio } = lab;
  const declare =
    ({ withSecond = false, onlySecondProxy = false } = {}) =>
    async () => {
      const [one, two] = ["one", "two"].map((name) => new PhoneNumber(name, { search, onDelete: "release" })) as [PhoneNumber, PhoneNumber];
      const proxyNumbers = onlySecondProxy ? [two.phoneNumber] : [one, two.phoneNumber];
      const people = (first: string, second: string) => [{ name: "first", address: first }, { address: second }] as const;
      const other = withSecond
        ? new MaskedConversation("other", { people: people(lin, ada), proxyNumbers, forceDestroy: true })
        : undefined;
      const ride = new MaskedConversation("ride", { people: people(ada, grace), proxyNumbers, forceDestroy: true });
      return {
        numbers: [one.phoneNumber, two.phoneNumber],
        ride: ride.proxyAddresses,
        other: other?.proxyAddresses,
        participant: ride.participants[0].id,
      };
    };
  const text = (from: string, to: unknown, body: string) =>
    fetch(`${twilio.url}/_emulator/inbound`, { method: "POST", body: JSON.stringify({ from, to, body }) });
  const received = async (phone: string) => {
    const outbox = await fetch(`${twilio.url}/_emulator/outbox?to=${encodeURIComponent(phone)}`);
    return ((await outbox.json()) as { messages: { from: string; body: string }[] }).messages.map(({ from, body }) => ({ from, body }));
  };

  stack.program = declare();
  expectOk(await stack.up());
  const { numbers, ride, participant } = (await stack.outputs()) as { numbers: string[]; ride: string[]; participant: string };
  expect(ride).toEqual([numbers[0], numbers[0]]);
  expectNothing(await stack.preview());
  const [service, conversation, sid] = participant.split("/") as [string, string, string];
  const live = await twilio.client.conversations.v1.services(service).conversations(conversation).participants(sid).fetch();
  expect(live.attributes).toBe('{"name":"first"}');
  await text(ada, ride[0], "On my way");
  await text(grace, ride[1], "Thanks");
  expect(await received(grace)).toEqual([{ from: ride[1], body: "On my way" }]);
  expect(await received(ada)).toEqual([{ from: ride[0], body: "Thanks" }]);

  stack.program = declare({ onlySecondProxy: true });
  const moved = await stack.preview();
  expectOk(moved);
  expect(moved.changes).toEqual({ "ride-first": "replace", "ride-second": "replace" });
  expect(moved.text).toContain(`The pool no longer has ${numbers[0]}: this participant moves to ${numbers[1]}.`);

  stack.program = declare({ withSecond: true });
  const preview = await stack.preview();
  expectOk(preview);
  expect(preview.changes).toEqual({ other: "create", "other-first": "create", "other-second": "create" });
  expectOk(await stack.up());
  const { other, ride: still } = (await stack.outputs()) as { other: string[]; ride: string[] };
  expect([still, other]).toEqual([ride, [numbers[0], numbers[1]]]);
  await text(ada, other[1], "And you?");
  expect(await received(lin)).toEqual([{ from: other[0], body: "And you?" }]);
  expect(await received(grace)).toHaveLength(1);

  stack.program = declare({ withSecond: true, onlySecondProxy: true });
  const full = await stack.preview();
  expect(full.ok).toBe(false);
  const [, second] = other;
  expect(full.text).toContain("sms.proxyAddresses must have a number that is free for this address");
  expect(full.text).toMatch(new RegExp(`all 1 are taken: \\${second} in CH[0-9a-f]{32} \\("other"\\)`));

  stack.program = async () => {
    new MaskedConversation("alone", { people: [{ address: ada }, { address: ada }], proxyNumbers: numbers });
  };
  const alone = await stack.preview();
  expect(alone.ok).toBe(false);
  expect(alone.text).toContain('MaskedConversation "alone": people must have two different addresses; both have the same one');

  expectOk(await stack.destroy());
  expect(await twilio.client.conversations.v1.conversations.list()).toEqual([]);
  expect(await twilio.client.incomingPhoneNumbers.list()).toEqual([]);
});
