/** Calls each route of a resource with Twilio's client. */
import { buyNumber, type TestEmulator } from "./emulator";
import { RawSdk } from "./raw-sdk";
import { tokenFor } from "./sdk";

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
