/** Look-ups about what this run itself declares or created, which Twilio may not have, or not show, yet. */
import { expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationRole } from "../../src/conversations/role";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Note } from "../../src/core/lifecycle/note";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, conversationId, fake, service } from "../support/fake-twilio";

const number = "+14155550100";
const mobile = "+15558675310";

/** A run of an account whose lists are empty, and that sells the number. */
function run() {
  const { of, asked, context } = fake(({ method, path, form }) => {
    if (method === "post")
      return {
        sid: `PN${"7".repeat(32)}`,
        account_sid: account,
        phone_number: form?.PhoneNumber,
        friendly_name: form?.FriendlyName,
        date_created: new Date().toUTCString(),
      };
    return path.includes("IncomingPhoneNumbers") ? { incoming_phone_numbers: [] } : undefined;
  });
  Object.assign(context, { previewLookups: true });
  const check = async (definition: Definition, news: Props) => (await of(definition).check({}, news)).problems;
  return { of, asked, notes: context.notes, check };
}

it("a number that this run bought is a sender of text and WhatsApp messages without a question", async () => {
  const { of, asked, notes, check } = run();
  const kinds = [
    { sms: { address: mobile, proxyAddress: number } },
    { whatsapp: { address: `whatsapp:${mobile}`, proxyAddress: `whatsapp:${number}` } },
  ];
  await of(phoneNumber).create({ phoneNumber: number, onDelete: "release" });
  // A note of the purchase would also answer.
  for (const { key } of notes.all() as Note[]) if (key) notes.remove(key);
  asked.length = 0;
  for (const kind of kinds) expect(await check(participant, { conversation: conversationId, ...kind })).toEqual([]);
  expect(asked).toEqual([]);
});

it("a name to adopt that the same program declares is not looked up", async () => {
  const { asked, check } = run();
  expect(await check(conversation, { service, uniqueName: "lobby" })).toEqual([]);
  expect(await check(conversation, { service, adopt: "lobby" })).toEqual([]);
  expect(asked).toEqual([]);
});

it("a name to adopt that alone identifies no object is looked up, although the same program declares it", async () => {
  const { check } = run();
  const agent = { service, friendlyName: "agent", type: "service", permissions: ["joinConversation"] };
  expect(await check(conversationRole, agent)).toEqual([]);
  expect(await check(conversationRole, { ...agent, type: "conversation", adopt: "agent" })).toEqual([
    expect.objectContaining({ property: "adopt", reason: expect.stringContaining("there is none") }),
  ]);
});
