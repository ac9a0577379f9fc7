import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversation, ConversationConfiguration, MessagingService, MessagingServiceSender, PhoneNumber } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

const search = { country: "US", areaCode: "415", smsEnabled: true } as const;

let lab: Lab;
let declareSenders: (services: { one: MessagingService; two: MessagingService }, number: PhoneNumber) => void = () => {};

beforeAll(async () => {
  lab = await openLab({
    program: async () => {
      const number = new PhoneNumber("desk", { search });
      const one = new MessagingService("one", { friendlyName: "One" });
      const two = new MessagingService("two", { friendlyName: "Two" });
      new ConversationConfiguration("account", { defaultMessagingServiceSid: two });
      new Conversation("hello", { messagingServiceSid: one });
      declareSenders({ one, two }, number);
    },
  });
});
afterAll(() => lab.close());

const services = () => lab.twilio.client.messaging.v1.services;
const numbersOf = async (service: string) => {
  const { [service]: found } = await lab.stack.state();
  return (await services()(found?.id as string).phoneNumbers.list()).map(({ sid }) => sid);
};
const deskSid = async () => (await lab.stack.state()).desk?.id as string;

it("a number joins the service that the program declares, and others take that service as a resource", async () => {
  declareSenders = ({ one }, number) => void new MessagingServiceSender("sender", { messagingService: one, phoneNumber: number });
  expectOk(await lab.stack.up());
  const { sender, one, two, hello } = await lab.stack.state();
  expect(sender?.id).toBe(`${one?.id}/${await deskSid()}`);
  expect(sender?.outputs).toMatchObject({ messagingService: one?.id, sender: expect.stringMatching(/^\+1415/) });
  expect(hello?.outputs.messagingServiceSid).toBe(one?.id);
  const configuration = await lab.twilio.client.conversations.v1.configuration().fetch();
  expect(configuration.defaultMessagingServiceSid).toBe(two?.id);
  expectNothing(await lab.stack.preview());
});

it("two resources of one program cannot have the same number", async () => {
  declareSenders = ({ one, two }, number) => {
    new MessagingServiceSender("sender", { messagingService: one, phoneNumber: number });
    new MessagingServiceSender("second", { messagingService: two, phoneNumber: number });
  };
  const outcome = await lab.stack.preview();
  expect(outcome.ok).toBe(false);
  expect(outcome.text).toMatch(/MessagingServiceSender "second": phoneNumber must not be the same as in MessagingServiceSender "sender"/);
});

it("a number moves in one update, as the same resource and as another one", async () => {
  declareSenders = ({ two }, number) => void new MessagingServiceSender("sender", { messagingService: two, phoneNumber: number });
  const moved = await lab.stack.up();
  expectOk(moved);
  expect(moved.changes.sender).toBe("replace");
  expect([await numbersOf("one"), await numbersOf("two")]).toEqual([[], [await deskSid()]]);

  declareSenders = ({ one }, number) => void new MessagingServiceSender("other", { messagingService: one, phoneNumber: number });
  const handedOver = await lab.stack.up();
  expectOk(handedOver);
  expect(handedOver.changes).toEqual({ sender: "delete", other: "create" });
  expect([await numbersOf("one"), await numbersOf("two")]).toEqual([[await deskSid()], []]);
  expectNothing(await lab.stack.refresh());
});

it("a number that somebody has put into another service is refused, with the name of that service", async () => {
  const { client } = lab.twilio;
  const [offer] = await client.availablePhoneNumbers("US").local.list({ areaCode: 415, smsEnabled: true, limit: 1 });
  const { sid } = await client.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber as string });
  const elsewhere = await services().create({ friendlyName: "Elsewhere" });
  await services()(elsewhere.sid).phoneNumbers.create({ phoneNumberSid: sid });
  declareSenders = ({ one, two }, number) => {
    new MessagingServiceSender("other", { messagingService: one, phoneNumber: number });
    new MessagingServiceSender("taken", { messagingService: two, phoneNumber: sid });
  };
  const outcome = await lab.stack.up();
  expect(outcome.ok).toBe(false);
  expect(outcome.text).toContain(`It is in messaging service ${elsewhere.sid} ("Elsewhere"), and a sender belongs to one service.`);
  expect((await services()(elsewhere.sid).phoneNumbers.list()).map((number) => number.sid)).toEqual([sid]);
});

it("destroy leaves the number in the account and in no service", async () => {
  const sid = await deskSid();
  const { one, two } = await lab.stack.state();
  expectOk(await lab.stack.destroy());
  const left = await services().list();
  expect(left.map(({ friendlyName }) => friendlyName)).toEqual(["Default Messaging Service for Conversations", "Elsewhere"]);
  expect(left.map((service) => service.sid)).not.toContain(one?.id ?? two?.id);
  expect((await lab.twilio.client.incomingPhoneNumbers(sid).fetch()).sid).toBe(sid);
  for (const service of left) {
    expect((await services()(service.sid).phoneNumbers.list()).map((number) => number.sid)).not.toContain(sid);
  }
});
