/** A service and conversation for tests that use the SDK's protocol directly. */
import { beforeEach } from "vitest";
import type { TestEmulator } from "./emulator";
import { RawSdk } from "./raw-sdk";
import { tokenFor } from "./sdk";

/** Creates a service with an empty conversation before each test. */
export function useSdkService(twilio: TestEmulator) {
  const sdk = {
    serviceSid: "",
    conversationSid: "",
    service: () => twilio.conversations.services(sdk.serviceSid),
    conversation: () => sdk.service().conversations(sdk.conversationSid),
    /** A valid token. `more` overrides its options. */
    token: (identity: string, more: object = {}) => tokenFor(twilio.emulator, { identity, serviceSid: sdk.serviceSid, ...more }),
    /** Connects and signs in. */
    signIn: async (identity: string): Promise<RawSdk> => {
      const client = await RawSdk.open(twilio.emulator);
      await client.init(sdk.token(identity));
      return client;
    },
    /** The SDK's path of the conversation. */
    path: (more = "") => `/Client/v2/Conversations/${sdk.conversationSid}${more}`,
    /** The URL of the service's media. */
    mediaUrl: (more = "") => `${twilio.emulator.url}/mcs.us1.twilio.com/v1/Services/${sdk.serviceSid}/Media${more}`,
  };
  beforeEach(async () => {
    sdk.serviceSid = (await twilio.conversations.services.create({ friendlyName: "Support" })).sid;
    sdk.conversationSid = (await sdk.service().conversations.create({ friendlyName: "Hello" })).sid;
  });
  return sdk;
}
