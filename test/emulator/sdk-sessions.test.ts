/** How long a connection of the chat SDK stays signed in. */
import { describe, expect, it } from "vitest";
import { connect } from "./support/client";
import { useEmulator } from "./support/emulator";
import { RawSdk } from "./support/raw-sdk";
import { tokenFor } from "./support/sdk";
import { useSdkService } from "./support/sdk-service";

const twilio = useEmulator();
const sdk = useSdkService(twilio);

const CONFIGURATION = "/Client/v2/Configuration";
const closed = (client: RawSdk) => client.waitFor((_, isClosed) => (isClosed ? true : undefined));
/** How often the client was asked to renew its token, after the emulator has checked the token once more. */
async function renewalRequests(client: RawSdk): Promise<number> {
  await client.call("GET", CONFIGURATION);
  return client.waitFor((received) => received.filter(({ header }) => header.client_update_type === "token_about_to_expire").length);
}

describe("a signed-in client", () => {
  it("is asked once to renew its token three minutes before the expiry, and again before the new token expires", async () => {
    const client = await sdk.signIn("pineapple");
    await twilio.control.advance(3600 - 185);
    expect(await renewalRequests(client)).toBe(0);
    await twilio.control.advance(10);
    expect(await renewalRequests(client)).toBe(1);
    expect(await renewalRequests(client)).toBe(1);
    expect((await client.request({ method: "update", token: sdk.token("pineapple") })).header.status?.code).toBe(200);
    expect(await renewalRequests(client)).toBe(1);
    await twilio.control.advance(3600 - 100);
    expect(await renewalRequests(client)).toBe(2);
  });

  it("can renew its token only for its own user and its own service", async () => {
    const client = await sdk.signIn("pineapple");
    const { sid } = await twilio.conversations.services.create({ friendlyName: "Other" });
    for (const token of [sdk.token("mango"), sdk.token("pineapple", { serviceSid: sid })]) {
      const { header } = await client.request({ method: "update", token });
      expect(header.status).toMatchObject({ code: 401, errorCode: 20106 });
    }
    expect(await client.call("GET", CONFIGURATION)).toMatchObject({ status: 200, body: { identity: "pineapple" } });
  });

  it.each([
    ["its user is deleted", () => sdk.service().users("pineapple").remove(), false],
    ["its service is deleted", () => sdk.service().remove(), true],
  ])("is signed out when %s", async (_what, remove, endsAll) => {
    const [client, other] = [await sdk.signIn("pineapple"), await sdk.signIn("mango")];
    await remove();
    await closed(client);
    if (endsAll) await closed(other);
    else expect(await other.call("GET", CONFIGURATION)).toMatchObject({ status: 200 });
  });

  it("is signed out when its account is suspended, unlike those of other accounts", async () => {
    const { sid, authToken } = await twilio.client.api.v2010.accounts.create({ friendlyName: "Other" });
    const theirs = connect(twilio.emulator, { user: sid, password: authToken, accountSid: sid });
    const key = await theirs.api.newKeys.create({ friendlyName: "chat" });
    const { sid: serviceSid } = await theirs.conversations.services.create({ friendlyName: "Support" });
    const client = await RawSdk.open(twilio.emulator);
    const { header } = await client.init(
      tokenFor({ ...twilio.emulator, accountSid: sid }, { identity: "pineapple", serviceSid, apiKey: key.sid, apiSecret: key.secret }),
    );
    expect(header.status?.code).toBe(200);
    const ours = await sdk.signIn("pineapple");
    await twilio.client.api.v2010.accounts(sid).update({ status: "suspended" });
    await closed(client);
    expect(await ours.call("GET", CONFIGURATION)).toMatchObject({ status: 200 });
  });

  it("that the emulator disconnects cannot sign in on the same connection before it notices", async () => {
    const client = await RawSdk.open(twilio.emulator);
    client.pause();
    client.sendBytes("no message of the protocol");
    client.send({ method: "init", token: sdk.token("pineapple") });
    client.resume();
    await closed(client);
    expect(await sdk.service().users.list()).toEqual([]);
  });
});
