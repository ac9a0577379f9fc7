import twilioNode from "twilio";
import { describe, expect, it, vi } from "vitest";
import { errorOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { clientWith, SDKS, waitUntilInitialized } from "./support/sdk";
import { useSdkService } from "./support/sdk-service";

const twilio = useEmulator();
const sdk = useSdkService(twilio);
const CREDENTIAL = `CR${"a".repeat(32)}`;

/** A token whose grant names a push credential. */
function tokenOf(identity: string, pushCredentialSid?: string): string {
  const { AccessToken } = twilioNode.jwt;
  const { accountSid, apiKey, apiSecret } = twilio.emulator;
  const token = new AccessToken(accountSid, apiKey, apiSecret, { identity, ttl: 3600 });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid: sdk.serviceSid, ...(pushCredentialSid ? { pushCredentialSid } : {}) }));
  return token.toJwt();
}

async function signIn(version: (typeof SDKS)[number], identity: string, pushCredentialSid?: string) {
  const client = await clientWith(version, twilio.emulator, tokenOf(identity, pushCredentialSid));
  await waitUntilInitialized(client);
  return client;
}

const service = () => twilio.conversations.services(sdk.serviceSid);

describe.each(SDKS)("push bindings, %s", (version) => {
  it("are what the SDK registers, and can be listed, fetched and deleted", async () => {
    const client = await signIn(version, "alice", CREDENTIAL);
    expect(await service().bindings.list()).toEqual([]);
    await client.setPushRegistrationId("fcm", "device-1");
    const [binding] = await service().bindings.list();
    expect(binding).toMatchObject({
      sid: expect.stringMatching(/^BS[0-9a-f]{32}$/),
      accountSid: twilio.emulator.accountSid,
      chatServiceSid: sdk.serviceSid,
      credentialSid: CREDENTIAL,
      identity: "alice",
      endpoint: "device-1",
      bindingType: "fcm",
    });
    expect([...(binding?.messageTypes ?? [])].sort()).toEqual(["added_to_conversation", "new_message", "removed_from_conversation"]);
    const sid = binding?.sid as string;
    expect(binding?.url).toBe(`https://conversations.twilio.com/v1/Services/${sdk.serviceSid}/Bindings/${sid}`);
    expect((await service().bindings(sid).fetch()).endpoint).toBe("device-1");
    expect(await service().bindings(sid).remove()).toBe(true);
    expect(await errorOf(service().bindings(sid).fetch())).toMatchObject({ status: 404, code: 20404 });
  });

  it("end when the SDK removes its registration, or all of a device", async () => {
    const client = await signIn(version, "alice");
    await client.setPushRegistrationId("fcm", "device-1");
    expect(await service().bindings.list()).toMatchObject([{ credentialSid: null }]);
    await client.unsetPushRegistrationId("fcm");
    expect(await service().bindings.list()).toEqual([]);
    await client.setPushRegistrationId("apn", "device-2");
    await client.removePushRegistrations("apn", "device-3");
    expect(await service().bindings.list()).toHaveLength(1);
    await client.removePushRegistrations("apn", "device-2");
    expect(await service().bindings.list()).toEqual([]);
  });
});

describe("push bindings", () => {
  it("are one per device and type, of the user who registered last", async () => {
    for (const identity of ["alice", "bob"]) await (await signIn(SDKS[0], identity)).setPushRegistrationId("fcm", "device-1");
    await (await signIn(SDKS[0], "bob")).setPushRegistrationId("apn", "device-1");
    expect((await service().bindings.list()).map(({ identity, bindingType }) => `${identity} ${bindingType}`)).toEqual([
      "bob fcm",
      "bob apn",
    ]);
    expect(await service().bindings.list({ bindingType: ["apn", "gcm"] })).toHaveLength(1);
    expect(await service().bindings.list({ identity: ["alice"] })).toEqual([]);
    expect(await service().bindings.list({ identity: ["alice", "bob"] })).toHaveLength(2);
    expect(await errorOf(service().bindings.list({ bindingType: ["sms" as "apn"] }))).toMatchObject({ status: 400, code: 20001 });
  });

  it("make their user notifiable, and end with the user", async () => {
    await service().configuration().update({ reachabilityEnabled: true });
    const client = await signIn(SDKS[0], "alice");
    expect((await service().users("alice").fetch()).isNotifiable).toBe(false);
    await client.setPushRegistrationId("fcm", "device-1");
    expect((await service().users("alice").fetch()).isNotifiable).toBe(true);
    const user = await client.getUser("alice");
    await vi.waitFor(() => expect(user.isNotifiable).toBe(true));
    await service().users("alice").remove();
    expect(await service().bindings.list()).toEqual([]);
  });

  it("of another service are not found", async () => {
    await (await signIn(SDKS[0], "alice")).setPushRegistrationId("fcm", "device-1");
    const [binding] = await service().bindings.list();
    const other = twilio.conversations.services((await twilio.conversations.services.create({ friendlyName: "x" })).sid);
    expect(await other.bindings.list()).toEqual([]);
    expect(await errorOf(other.bindings(binding?.sid as string).remove())).toMatchObject({ status: 404, code: 20404 });
  });
});
