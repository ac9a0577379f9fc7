import { expect, it } from "vitest";
import { connect, errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const url = (path: string) => `https://example.com/${path}`;

it("applications are created with Twilio's defaults, filtered by their exact name, updated and deleted", async () => {
  const application = await twilio.api.applications.create({ friendlyName: "Desk" });
  expect(application).toMatchObject({
    friendlyName: "Desk",
    apiVersion: "2010-04-01",
    voiceUrl: null,
    voiceMethod: "POST",
    smsUrl: null,
    smsMethod: "POST",
    statusCallback: null,
    voiceCallerIdLookup: false,
  });
  const other = await twilio.api.applications.create({ friendlyName: "Desk two" });
  expect((await twilio.api.applications.list({ friendlyName: "Desk" })).map(({ sid }) => sid)).toEqual([application.sid]);
  expect((await twilio.api.applications.list()).map(({ sid }) => sid)).toEqual([other.sid, application.sid]);
  const settings = { smsUrl: url("sms"), smsMethod: "GET", messageStatusCallback: url("status"), voiceCallerIdLookup: true };
  expect(await twilio.api.applications(application.sid).update(settings)).toMatchObject({ ...settings, friendlyName: "Desk" });
  expect(await twilio.api.applications(application.sid).fetch()).toMatchObject(settings);
  expect(await twilio.api.applications(application.sid).update({ smsUrl: "" })).toMatchObject({ smsUrl: null, smsMethod: "GET" });
  expect(await twilio.api.applications(application.sid).update({ smsStatusCallback: url("older") })).toMatchObject({
    messageStatusCallback: url("older"),
  });
  expect(await twilio.api.applications(application.sid).update({ messageStatusCallback: "" })).toMatchObject({
    messageStatusCallback: null,
  });
  await twilio.api.applications(application.sid).remove();
  expect(await errorOf(twilio.api.applications(application.sid).fetch())).toMatchObject({ status: 404 });
});

it.each([
  [{ voiceUrl: "desk" }, 21402],
  [{ voiceMethod: "PUT" }, 21403],
  [{ voiceFallbackUrl: url("fallback") }, 21405],
  [{ smsFallbackUrl: url("fallback") }, 21406],
  [{ friendlyName: "x".repeat(65) }, 20002],
])("%j is refused with code %d, at a create and at an update", async (settings, code) => {
  expect(await errorOf(twilio.api.applications.create(settings))).toMatchObject({ status: 400, code });
  const { sid } = await twilio.api.applications.create({ friendlyName: "Desk" });
  expect(await errorOf(twilio.api.applications(sid).update(settings))).toMatchObject({ status: 400, code });
});

it("an application's URL replaces that of the number which names it, as long as there is such an application", async () => {
  const { sid, phoneNumber } = await buyNumber(twilio);
  const number = twilio.api.incomingPhoneNumbers(sid);
  const inbound = async () => (await twilio.control.inbound(ALICE, phoneNumber, "hi")).smsUrl;
  const application = await twilio.api.applications.create({ smsUrl: "http://127.0.0.1:1/application" });
  await number.update({ smsUrl: "http://127.0.0.1:1/number" });
  const before = await inbound();
  await number.update({ smsApplicationSid: application.sid });
  expect([before, await inbound()]).toEqual(["http://127.0.0.1:1/number", "http://127.0.0.1:1/application"]);
});

it("applications belong to one account", async () => {
  const sub = await twilio.client.api.v2010.accounts.create({ friendlyName: "Sub" });
  const { sid } = await twilio.api.applications.create({ friendlyName: "Desk" });
  const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
  expect(await theirs.api.applications.list()).toEqual([]);
  expect(await errorOf(theirs.api.applications(sid).fetch())).toMatchObject({ status: 404 });
  await theirs.api.applications.create({ friendlyName: "Theirs" });
  expect((await twilio.client.api.v2010.accounts(sub.sid).applications.list()).map(({ friendlyName }) => friendlyName)).toEqual(["Theirs"]);
});
