import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Props } from "../../src/core/lifecycle/props";
import { messagingServiceSender } from "../../src/messaging/messaging-service-sender";
import { fake } from "../support/fake-twilio";
import { expectSettled } from "../support/one-resource";
import { type Fixture, TestTwilio } from "../support/test-twilio";

const MG = `MG${"1".repeat(32)}`;
const PN = `PN${"2".repeat(32)}`;
const AI = `AI${"3".repeat(32)}`;

describe("the check of a sender", () => {
  const reasons = (args: Props) =>
    findProblems(messagingServiceSender, { messagingService: MG, ...args }, {}).map(({ property, reason }) => `${property} ${reason}`);
  const oneOf = "declare exactly one of `phoneNumber`, `shortCode`, `alphaSender`, `channelSender`";

  it.each<[Props, string]>([
    [{}, `phoneNumber is missing: ${oneOf}`],
    [{ phoneNumber: PN, alphaSender: "Shop" }, `alphaSender must not be declared together with \`phoneNumber\`: ${oneOf}`],
    [{ phoneNumber: "+14155550100" }, "phoneNumber must be a SID that begins with PN"],
    [{ shortCode: "70711" }, "shortCode must be a SID that begins with SC"],
    [{ channelSender: "rcs:agent" }, "channelSender must be a SID that begins with XE"],
    [{ alphaSender: "twelve chars" }, "alphaSender must have at most 11 characters"],
    [{ alphaSender: "12345" }, "alphaSender must consist of letters, digits, spaces or any of - + _ &, and not only of digits"],
    [{ alphaSender: "Ünicode" }, "alphaSender must consist of letters"],
    [{ alphaSender: "" }, "alphaSender must not be empty"],
    [{ alphaSender: "Shop", adopt: "Shop" }, "adopt must be a SID that begins with PN"],
    [{ alphaSender: "Shop", messagingService: PN }, "messagingService must be a MessagingService"],
  ])("refuses %j", (args, reason) => {
    expect(reasons(args)).toEqual([expect.stringContaining(reason)]);
  });

  it.each<Props>([{ phoneNumber: PN }, { alphaSender: "A-b_c &+1" }, { alphaSender: "eleven char", adopt: AI }])("accepts %j", (args) => {
    expect(reasons(args)).toEqual([]);
  });
});

describe("a sender", () => {
  let twilio: TestTwilio;
  let fixture: Fixture;
  let numbers: string[];
  beforeAll(async () => {
    twilio = await TestTwilio.open();
  });
  afterAll(() => twilio.close());
  beforeEach(async () => {
    await twilio.reset();
    fixture = await twilio.fixture();
    const owned = await twilio.rest("GET", "api", `${twilio.accountPath()}/IncomingPhoneNumbers.json`);
    numbers = (owned.incoming_phone_numbers as Props[]).map(({ sid }) => String(sid));
  });

  const program = (args: Props) => [{ name: "it", definition: messagingServiceSender, args }];
  const at = (service: string, sid = "") => `/v1/Services/${service}/PhoneNumbers${sid && `/${sid}`}`;
  const inService = async (service: string) =>
    ((await twilio.rest("GET", "messaging", at(service))).phone_numbers as Props[]).map(({ sid }) => sid);
  const join = (service: string, sid: string) => twilio.rest("POST", "messaging", at(service), { PhoneNumberSid: sid });

  it("moves to another service: it leaves the old one before it joins the new one", async () => {
    const engine = twilio.engine();
    const { messagingService: one, otherMessagingService: two } = fixture;
    const phoneNumber = numbers[0] as string;
    await engine.up(program({ messagingService: one, phoneNumber }));
    expect(engine.of("it")).toMatchObject({
      id: `${one}/${phoneNumber}`,
      outputs: { sid: phoneNumber, sender: expect.stringMatching(/^\+1415/) },
    });
    await expectSettled(twilio, engine, program({ messagingService: one, phoneNumber }));
    expect(await engine.up(program({ messagingService: two, phoneNumber }))).toEqual({ it: "replace" });
    expect(twilio.writes()).toEqual([`delete ${at(one, phoneNumber)}`, `post ${at(two)}`]);
    expect([await inService(one), await inService(two)]).toEqual([[], [phoneNumber]]);
  });

  it("becomes one of another kind by a replacement", async () => {
    const engine = twilio.engine();
    const { messagingService } = fixture;
    await engine.up(program({ messagingService, phoneNumber: numbers[0] }));
    expect(await engine.up(program({ messagingService, alphaSender: "My Shop" }))).toEqual({ it: "replace" });
    expect(engine.of("it").id).toMatch(/^MG\w{32}\/AI\w{32}$/);
    expect(await inService(messagingService)).toEqual([]);
    await expectSettled(twilio, engine, program({ messagingService, alphaSender: "My Shop" }));
  });

  it("that another service has is refused with the name of that service", async () => {
    const { messagingService: one, otherMessagingService: two } = fixture;
    await join(two, numbers[0] as string);
    const failed = twilio.engine().up(program({ messagingService: one, phoneNumber: numbers[0] }));
    await expect(failed).rejects.toThrow(
      `It is in messaging service ${two} ("other fixture"), and a sender belongs to one service. Remove it there, or declare that service as \`messagingService\`.`,
    );
    expect(await inService(two)).toEqual([numbers[0]]);
    // The search for the holder uses published paths only.
    expect(twilio.requests().map(({ path }) => path)).toContain(at(two, numbers[0]));
  });

  it("that another resource of the program keeps is not taken from it", async () => {
    const { messagingService: one, otherMessagingService: two } = fixture;
    const phoneNumber = numbers[0] as string;
    const engine = twilio.engine();
    const first = { name: "first", definition: messagingServiceSender, args: { messagingService: one, phoneNumber } };
    await engine.up([first]);
    const both = [first, ...program({ messagingService: two, phoneNumber })];
    await expect(engine.up(both)).rejects.toThrow(
      /It belongs to MessagingServiceSender "first" of stack dev; if that resource was renamed/,
    );
    expect(await inService(one)).toEqual([phoneNumber]);
  });

  it("that the service has already is treated as adopted: a destroy keeps it", async () => {
    const { messagingService } = fixture;
    const phoneNumber = numbers[0] as string;
    await join(messagingService, phoneNumber);
    const engine = twilio.engine();
    await engine.up(program({ messagingService, phoneNumber }));
    expect(engine.of("it").id).toBe(`${messagingService}/${phoneNumber}`);
    expect(twilio.log.filter((line) => line.includes("treated as adopted"))).not.toEqual([]);
    await engine.up([]);
    expect(await inService(messagingService)).toEqual([phoneNumber]);
  });

  it("is adopted by its SID; one of another kind is not", async () => {
    const { messagingService } = fixture;
    const phoneNumber = numbers[0] as string;
    await join(messagingService, phoneNumber);
    const engine = twilio.engine();
    await expect(engine.up(program({ messagingService, alphaSender: "Shop", adopt: phoneNumber }))).rejects.toThrow(
      "it is a phoneNumber. Declare `phoneNumber`, or adopt another object.",
    );
    await engine.up(program({ messagingService, phoneNumber, adopt: phoneNumber }));
    await engine.up([]);
    expect(await inService(messagingService)).toEqual([phoneNumber]);
  });

  it("whose create had no response is found, and is ours", async () => {
    const { messagingService } = fixture;
    const phoneNumber = numbers[0] as string;
    await twilio.control("POST", "faults", { method: "POST", path: "*/PhoneNumbers", drop: "after", times: 1 });
    const engine = twilio.engine();
    await engine.up(program({ messagingService, phoneNumber }));
    expect(twilio.writes()).toEqual([`post ${at(messagingService)}`]);
    await engine.up([]);
    expect(await inService(messagingService)).toEqual([]);
  });

  it("that somebody removed is gone after a refresh, and is added again under the same id", async () => {
    const { messagingService } = fixture;
    const phoneNumber = numbers[0] as string;
    const engine = twilio.engine();
    const wanted = program({ messagingService, phoneNumber });
    await engine.up(wanted);
    const { id } = engine.of("it");
    await twilio.rest("DELETE", "messaging", at(messagingService, phoneNumber));
    await engine.refresh();
    expect(engine.state).toEqual([]);
    expect(await engine.up(wanted)).toEqual({ it: "create" });
    expect(engine.of("it").id).toBe(id);
    await expectSettled(twilio, engine, wanted);
  });

  it("that a killed delete removed is added again once, although its id is the same", async () => {
    const { messagingService } = fixture;
    const phoneNumber = numbers[0] as string;
    const engine = twilio.engine();
    const wanted = program({ messagingService, phoneNumber });
    await engine.up(wanted);
    const { state } = engine;
    await engine.up([]);
    // The engine was killed before it saved the deletion.
    engine.state = state;
    expect(await engine.up(wanted)).toEqual({ it: "replace" });
    expect(await inService(messagingService)).toEqual([phoneNumber]);
    await expectSettled(twilio, engine, wanted);
  });
});

it("a number's sender may be older than the request that added it", async () => {
  const body = {
    sid: PN,
    account_sid: `AC${"1".repeat(32)}`,
    service_sid: MG,
    phone_number: "+14155550100",
    date_created: "2020-01-01T00:00:00Z",
  };
  const { of } = fake(() => body);
  const created = await of(messagingServiceSender).create({ messagingService: MG, phoneNumber: PN });
  expect(created).toMatchObject({ id: `${MG}/${PN}`, outputs: { sender: "+14155550100" } });
});
