/** Calls each route of a resource with Twilio's client. */
import { expect } from "vitest";
import type { TestEmulator } from "./emulator";

/** The routes of addresses, and of the numbers that need one. */
export async function callAddresses({ api }: TestEmulator): Promise<void> {
  const { addresses } = api;
  const text = { customerName: "x", street: "4 Main Street", city: "Berlin", region: "BE", postalCode: "10115", isoCountry: "DE" };
  const { sid } = await addresses.create(text);
  const [offer] = await api.availablePhoneNumbers("DE").mobile.list({ limit: 1 });
  const number = await api.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber ?? "", addressSid: sid });
  expect(await addresses(sid).dependentPhoneNumbers.list()).toHaveLength(1);
  await api.incomingPhoneNumbers(number.sid).remove();
  await addresses(sid).update({ friendlyName: "x" });
  await addresses(sid).fetch();
  await addresses.list();
  await addresses(sid).remove();
}

/** The routes of push credentials. */
export async function callPushCredentials({ conversations: { credentials } }: TestEmulator): Promise<void> {
  const { sid } = await credentials.create({ type: "fcm", secret: "{}" });
  await credentials(sid).update({ friendlyName: "x" });
  await credentials(sid).fetch();
  await credentials.list();
  await credentials(sid).remove();
}
