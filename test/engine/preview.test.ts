import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation, ConversationService, Participant, PhoneNumber } from "../../src/index";
import { type Lab, openLab } from "./lab";

const service = `IS${"1".repeat(32)}`;
const conversation = `${service}/CH${"2".repeat(32)}`;
const mobile = "+15558675310";

/** Mistakes that no type checker finds, in JavaScript or with values that are known only at run time. */
const mistakes: Record<string, { readonly program: () => void; readonly says: readonly string[] }> = {
  "a property is missing": {
    program: () => void new ConversationService("it", {} as never),
    says: ['ConversationService "it": friendlyName is missing', "is missing: ConversationService requires `friendlyName`"],
  },
  "a property is misspelled": {
    program: () => void new Conversation("it", { service, friendlyNme: "Hello" } as never),
    says: ["is not a property of Conversation: did you mean `friendlyName`?"],
  },
  "a property of a group is misspelled": {
    program: () => void new Participant("it", { conversation, sms: { address: mobile, proxyAdress: "+15558675311" } } as never),
    says: ["did you mean `sms.proxyAddress`?", "is missing: declare the Twilio number that the person exchanges texts with"],
  },
  "several properties are invalid": {
    program: () =>
      void new Conversation("it", { service, friendlyName: 7, attributes: "{}", timers: { inactive: "PT1S", closed: "soon" } } as never),
    says: [
      'must be an object, not its JSON text; received "{}"',
      'must be at least PT1M, Twilio\'s minimum; received "PT1S"',
      'must be an ISO 8601 duration, like PT10M for ten minutes or P1D for a day; received "soon"',
      "must be a string; received 7",
    ],
  },
  "a participant has both an identity and an SMS address": {
    program: () =>
      void new Participant("it", { conversation, identity: "a", sms: { address: mobile, proxyAddress: "+15558675311" } } as never),
    says: [
      "must not be declared together with `identity`: a person in a chat has an identity, a phone has an address: declare two participants",
    ],
  },
  "a participant has neither an identity nor an address": {
    program: () => void new Participant("it", { conversation } as never),
    says: ["is missing: declare one of `identity`, `sms`, `whatsapp`, `rcs`, `messenger`, `address` or `projectedAddress`"],
  },
  "numbers are not in E.164 format": {
    program: () => void new Participant("it", { conversation, sms: { address: "555-867-5310", proxyAddress: "whatsapp:+15558675311" } }),
    says: [
      'must be a phone number in E.164 format: + and country code, digits only, like +15558675310; received "555-867-5310"',
      'must be a phone number in E.164 format: + and country code, digits only, like +15558675310; received "whatsapp:+15558675311"',
    ],
  },
  "an address equals its proxy address": {
    program: () => void new Participant("it", { conversation, sms: { address: mobile, proxyAddress: mobile } }),
    says: ["must differ from the address: one is the person's number, the other a number of the account"],
  },
  "the parent's id has another type": {
    program: () => void new Participant("it", { conversation: `CH${"2".repeat(32)}`, identity: "a" }),
    says: [`must be a Conversation: pass the resource or its id, IS…/CH…; received "CH${"2".repeat(32)}"`],
  },
  "the parent is a resource of another type": {
    program: () =>
      void new Participant("it", { conversation: new ConversationService("s", { friendlyName: "S" }) as never, identity: "a" }),
    says: ["conversation must be a Conversation or the id of one; received a ConversationService"],
  },
  "a number has two choices": {
    program: () => void new PhoneNumber("it", { areaCode: "415", phoneNumber: mobile }),
    says: ["must not be declared together with `phoneNumber`: declare exactly one of `phoneNumber`, `areaCode`, `search`, `adopt`"],
  },
  "the unique name of a conversation looks like a SID": {
    program: () => void new Conversation("it", { service, uniqueName: `CH${"2".repeat(32)}` }),
    says: ["must not look like a conversation's SID"],
  },
};

describe("a preview of an invalid program", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab.close());

  it.each(Object.entries(mistakes))("fails if %s, and says what to write", async (_what, { program, says }) => {
    lab.stack.program = async () => program();
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    for (const words of says) expect(outcome.text).toContain(words);
    expect(outcome.text).not.toMatch(/^ +at /m);
    expect(await lab.twilio.calls()).toEqual([]);
  });

  it("reports the problems of every resource, not only of the first one", async () => {
    lab.stack.program = async () => {
      new PhoneNumber("number", { search: { country: "us" } });
      const room = new Conversation("room", { service, messagingServiceSid: "MG1" });
      new Participant("guest", { conversation: room, sms: { address: "5551234", proxyAddress: mobile } });
    };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("3 resources have invalid properties:");
    for (const where of [
      'PhoneNumber "number": search.country ',
      'Conversation "room": messagingServiceSid ',
      'Participant "guest": sms.address ',
    ]) {
      expect(outcome.text).toContain(where);
    }
    expect(await lab.twilio.calls()).toEqual([]);
  });

  it("reports the problem of a single resource once", async () => {
    lab.stack.program = async () => void new PhoneNumber("number", { search: { country: "us" } });
    const outcome = await lab.stack.preview();
    expect(outcome.text).not.toContain("resources have invalid properties");
    expect(outcome.text).toContain("a country's two letters");
  });
});
