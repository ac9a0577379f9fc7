import { expect, it } from "vitest";
import { PartialFailure, type ResourceState } from "../../src/core/lifecycle/objects";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Body } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, fake } from "../support/fake-twilio";

const sid = `PN${"1".repeat(32)}`;
const urn = "urn:pulumi:dev::shop::pulumi-nodejs:twilio/numbers:PhoneNumber::desk";
const declared = { phoneNumber: "+15005550006", friendlyName: "Desk", __urn: urn };

/** A number that can be bought, and changed once `isOpen`. */
function numbers() {
  const state = { isOpen: false };
  let row: Body = {};
  const { of, log } = fake(({ method, path, form }) => {
    if (method === "post" && path.endsWith("IncomingPhoneNumbers.json")) {
      row = { sid, account_sid: account, phone_number: form?.PhoneNumber, friendly_name: form?.FriendlyName };
      return { ...row, date_created: new Date().toUTCString() };
    }
    if (method === "post" && !state.isOpen) throw new TwilioError("Cannot update", { status: 403, message: "no" });
    if (method === "post") row = { ...row, friendly_name: form?.FriendlyName };
    return path.includes(sid) ? row : { incoming_phone_numbers: [], available_phone_numbers: [] };
  });
  return { of, state, log };
}

const keptOf = async (create: Promise<unknown>): Promise<ResourceState> => {
  const error = await create.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PartialFailure);
  return (error as PartialFailure).kept;
};

it("a create that failed halfway is completed, also where a refresh has cleared the engine's record of the failure", async () => {
  const { of, state, log } = numbers();
  const kept = await keptOf(of(phoneNumber).create(declared));
  // The next process: the engine has the declared inputs in its state, so that only the provider can tell that something is left to do.
  const refresh = of(phoneNumber);
  const read = await refresh.read(sid, kept.outputs);
  expect(read?.inputs).toBeUndefined();
  const next = of(phoneNumber);
  await next.check(declared, { ...declared, __run: { isPreview: true } });
  expect(await next.diff(sid, read?.outputs ?? {}, declared)).toMatchObject({ changes: ["friendlyName"], replaces: [], isAtTwilio: true });
  expect(log).toContain(`info: PhoneNumber ${sid}: friendlyName is set, because the create failed before that.`);

  state.isOpen = true;
  const { outputs } = await next.update(sid, read?.outputs ?? {}, declared);
  expect(outputs).toMatchObject({ friendlyName: "Desk" });
  // From now on, the engine compares as always: it knows which changes the program ignores.
  expect(await of(phoneNumber).diff(sid, { ...outputs, friendlyName: "Reception" }, declared)).not.toHaveProperty("isAtTwilio");
});

it("a create that failed halfway and turns out to be complete leaves nothing to do", async () => {
  const { of, state } = numbers();
  const kept = await keptOf(of(phoneNumber).create(declared));
  state.isOpen = true;
  await of(phoneNumber).update(sid, kept.outputs, declared);
  const read = await of(phoneNumber).read(sid, kept.outputs);
  expect(await of(phoneNumber).diff(sid, read?.outputs ?? {}, declared)).toMatchObject({
    changes: [],
    replaces: [],
    deleteBeforeReplace: false,
  });
});
