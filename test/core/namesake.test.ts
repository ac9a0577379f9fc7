import { expect, it } from "vitest";
import type { Context } from "../../src/core/lifecycle/definition";
import { candidateKey, refuseNamesake } from "../../src/numbers/own-numbers";
import { account, fake } from "../support/fake-twilio";

const number = { sid: `PN${"1".repeat(32)}`, account_sid: account, phone_number: "+15005550006", friendly_name: "Front desk" };
const other = "urn:of-another-resource";

/** The search for a number with the name of one that the account has. */
function search(friendlyName: string, more: Partial<Context> = {}, note?: object) {
  const { context } = fake(({ path }) => (path.includes("IncomingPhoneNumbers") ? { incoming_phone_numbers: [number] } : undefined));
  if (note) context.notes.write(candidateKey(other), note);
  const own: Context = { ...context, urn: "urn", place: "", holderOf: () => undefined, isGivenUp: async () => false, ...more };
  return refuseNamesake({ friendlyName, search: { country: "US" } }, own);
}

it("a number is not bought under the name of one that the account has: it may have been bought for this resource", async () => {
  await expect(search("Front desk")).rejects.toThrow(`the account has +15005550006 (${number.sid}) with this name, and nothing was bought`);
});

it.each<[string, Partial<Context>, object?]>([
  ["that a resource of another stack has", { holderOf: (sid) => (sid === number.sid ? other : undefined) }],
  [
    "that was bought for another resource, whose state has yet to name it",
    {},
    { number: number.phone_number, sid: number.sid, urn: other },
  ],
])("it is bought beside one %s", async (_which, more, note) => {
  await expect(search("Front desk", more, note)).resolves.toBeUndefined();
});

it("it is bought where no number has exactly this name", async () => {
  await expect(search("Front desk 2")).resolves.toBeUndefined();
});
