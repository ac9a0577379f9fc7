/** Calls each route of a resource with Twilio's client. */
import { expect } from "vitest";
import { authorizationOf } from "./client";
import { ALICE, buyNumber, type TestEmulator } from "./emulator";
import { send } from "./http";
import { RawSdk } from "./raw-sdk";
import { tokenFor } from "./sdk";

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

type Service = ReturnType<TestEmulator["conversations"]["services"]>;

/** Only the SDK adds a push binding. */
export async function callPushBindings({ emulator }: TestEmulator, service: Service): Promise<void> {
  const { sid: serviceSid } = await service.fetch();
  const device = await RawSdk.open(emulator);
  await device.init(tokenFor(emulator, { identity: "alice", serviceSid }));
  await device.call("POST", "/v1/registrations", { channel_type: "fcm", data: { registration_id: "device" } });
  const [binding] = await service.bindings.list();
  await service.bindings(binding?.sid as string).fetch();
  await service.bindings(binding?.sid as string).remove();
}

/** The routes of a text message's media and of the feedback on it. */
export async function callSmsMedia({ api, emulator }: TestEmulator, from: string): Promise<void> {
  const { sid } = await api.messages.create({ from, to: ALICE, mediaUrl: ["https://example.com/a.gif"] });
  const message = api.messages(sid);
  const [media] = await message.media.list();
  await message.media(media?.sid as string).fetch();
  const path = `/api.twilio.com/2010-04-01/Accounts/${emulator.accountSid}/Messages/${sid}/Media/${media?.sid}`;
  await send(emulator.url, { path, headers: { Authorization: authorizationOf(emulator) } });
  await message.media(media?.sid as string).remove();
  await message.feedback.create({ outcome: "unconfirmed" });
}

/** The routes that no client knows, and that only explain why there is nothing. */
export async function callWithoutClient({ emulator, client }: TestEmulator): Promise<void> {
  const headers = { Authorization: authorizationOf(emulator) };
  for (const service of ["", "/Services/x"]) {
    const root = `/conversations.twilio.com/v1${service}/Conversations/x`;
    for (const method of ["GET", "POST"]) await send(emulator.url, { method, path: `${root}/Export`, headers });
    await send(emulator.url, { path: `${root}/Messages/x/ChannelMetadata`, headers });
  }
  const account = `/api.twilio.com/2010-04-01/Accounts/${emulator.accountSid}`;
  await send(emulator.url, { path: `${account}/Notifications/x.json`, headers });
  const addOns = `${account}/IncomingPhoneNumbers/x/AssignedAddOns`;
  await send(emulator.url, { method: "POST", path: `${addOns}.json`, headers });
  for (const method of ["GET", "DELETE"]) await send(emulator.url, { method, path: `${addOns}/x.json`, headers });
  for (const end of ["Extensions.json", "Extensions/x.json"]) await send(emulator.url, { path: `${addOns}/x/${end}`, headers });
  await send(emulator.url, { path: "/messaging.twilio.com/v1/Services/x/Compliance/Usa2p/x", headers });
  const [sender] = await client.messaging.v2.channelsSenders.list({ channel: "rcs" });
  await client.messaging.v2.channelsSenders(sender?.sid as string).fetch();
}

/** The routes of messaging services and their senders. */
export async function callMessaging(twilio: TestEmulator): Promise<void> {
  const { services } = twilio.client.messaging.v1;
  await twilio.client.messaging.v2.channelsSenders.list({ channel: "rcs" });
  const number = await buyNumber(twilio);
  const { sid } = await services.create({ friendlyName: "x" });
  await services(sid).update({ friendlyName: "y" });
  await services(sid).fetch();
  await services.list();
  await services(sid).phoneNumbers.create({ phoneNumberSid: number.sid });
  await services(sid).phoneNumbers(number.sid).fetch();
  await services(sid).phoneNumbers.list();
  await services(sid).phoneNumbers(number.sid).remove();
  await callOtherSenders(twilio, sid);
  await services(sid).remove();
}

/** Calls the routes of the senders that are not numbers, and what can be read of campaigns. */
async function callOtherSenders(twilio: TestEmulator, serviceSid: string): Promise<void> {
  const { services, usecases } = twilio.client.messaging.v1;
  const service = services(serviceSid);
  const [code] = await twilio.api.shortCodes.list();
  const { sid } = await twilio.api.shortCodes(code?.sid as string).update({ friendlyName: "x" });
  await twilio.api.shortCodes(sid).fetch();
  await service.shortCodes.create({ shortCodeSid: sid });
  await service.shortCodes(sid).fetch();
  await service.shortCodes.list();
  await service.shortCodes(sid).remove();
  const alpha = await service.alphaSenders.create({ alphaSender: "Twilio" });
  await service.alphaSenders(alpha.sid).fetch();
  await service.alphaSenders.list();
  await service.alphaSenders(alpha.sid).remove();
  const destination = await service.destinationAlphaSenders.create({ alphaSender: "Twilio", isoCountryCode: "FR" });
  await service.destinationAlphaSenders(destination.sid).fetch();
  await service.destinationAlphaSenders.list({ isoCountryCode: "FR" });
  await service.destinationAlphaSenders(destination.sid).remove();
  const [{ sid: channel } = { sid: "" }] = await twilio.client.messaging.v2.channelsSenders.list({ channel: "rcs" });
  await service.channelSenders.create({ sid: channel });
  await service.channelSenders(channel).fetch();
  await service.channelSenders.list();
  await service.channelSenders(channel).remove();
  await service.usAppToPerson.list();
  await service.usAppToPersonUsecases.fetch();
  await usecases.fetch();
}

/** The routes of prices. */
export async function callPricing({ client: { pricing } }: TestEmulator): Promise<void> {
  const { phoneNumbers, messaging, voice } = pricing.v1;
  const { v2 } = pricing;
  const countries = [phoneNumbers.countries, messaging.countries, voice.countries, v2.voice.countries, v2.countries];
  for (const one of countries as readonly (typeof v2.countries)[]) {
    await one.list();
    await one("SE").fetch();
  }
  for (const numbers of [voice.numbers, v2.voice.numbers, v2.numbers] as readonly (typeof v2.numbers)[]) {
    await numbers("+447700900123").fetch();
  }
}

/** The routes of usage, caller IDs, tokens, and of the lists that are always empty. */
export async function callUsage(twilio: TestEmulator): Promise<void> {
  const { usage, outgoingCallerIds, validationRequests, tokens, notifications, incomingPhoneNumbers } = twilio.api;
  await usage.records.list();
  const { allTime, daily, lastMonth, monthly, thisMonth, today, yearly, yesterday } = usage.records;
  const periods = [allTime, daily, lastMonth, monthly, thisMonth, today, yearly, yesterday] as readonly (typeof today)[];
  for (const period of periods) await period.list();
  const trigger = { callbackUrl: "https://example.com", triggerValue: "10", usageCategory: "sms", recurring: "daily" as const };
  const { sid } = await usage.triggers.create(trigger);
  await usage.triggers(sid).update({ friendlyName: "x" });
  await usage.triggers(sid).fetch();
  await usage.triggers.list();
  await usage.triggers(sid).remove();
  await validationRequests.create({ phoneNumber: ALICE });
  const [callerId] = await outgoingCallerIds.list();
  await outgoingCallerIds(callerId?.sid as string).update({ friendlyName: "x" });
  await outgoingCallerIds(callerId?.sid as string).fetch();
  await outgoingCallerIds(callerId?.sid as string).remove();
  await tokens.create();
  await notifications.list();
  const number = await buyNumber(twilio);
  await incomingPhoneNumbers(number.sid).assignedAddOns.list();
  await incomingPhoneNumbers(number.sid).remove();
}
