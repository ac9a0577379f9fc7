import { expect, it } from "vitest";
import { ConversationService, PhoneNumber, Subaccount, TwilioProvider } from "../../src/index";
import { expectHidden } from "./hidden";
import { expectOk, openLab } from "./lab";
import { emulatorClient } from "./twilio";

it("a subaccount is used by the run that creates it; its auth token is encrypted in the state and appears nowhere; destroy leaves it empty and suspended", async () => {
  const lab = await openLab();
  const { client } = lab.twilio;
  const tokens = new Set<string>();
  let friendlyName = "Acme";
  lab.stack.program = async () => {
    const sub = new Subaccount("acme", { friendlyName });
    sub.authToken.apply((token) => token !== undefined && tokens.add(token));
    const provider = new TwilioProvider("in-acme", { accountSid: sub.sid, authToken: sub.authToken });
    new ConversationService("support", { friendlyName: "Support" }, { provider });
    const search = { country: "US", type: "local" } as const;
    new PhoneNumber("desk", { search, onDelete: "release" }, { provider });
  };
  try {
    expectOk(await lab.stack.preview());
    for (const operation of ["up", "refresh", "the second up"]) {
      if (operation === "the second up") friendlyName = "Acme Inc";
      const outcome = await lab.stack[operation === "refresh" ? "refresh" : "up"]({ debug: true });
      expectOk(outcome);
      if (operation !== "up") expect(outcome.changes).toEqual(operation === "refresh" ? {} : { acme: "update" });
      expect(tokens.size).toBe(1);
      await expectHidden(lab, [...tokens][0] as string, { resource: "acme", output: "authToken" }, operation, outcome);
    }
    const { acme, support, desk } = await lab.stack.state();
    const [authToken] = tokens;
    const account = await client.api.v2010.accounts(String(acme?.id)).fetch();
    expect(account).toMatchObject({ friendlyName: "Acme Inc", status: "active", authToken });
    const inside = emulatorClient({ url: lab.twilio.url, accountSid: account.sid, authToken: String(authToken) }).client;
    expect((await inside.conversations.v1.services.list()).map(({ sid }) => sid)).toContain(support?.id);
    expect((await inside.incomingPhoneNumbers.list()).map(({ sid }) => sid)).toEqual([desk?.id]);
    expect(await client.incomingPhoneNumbers.list()).toEqual([]);

    const destroy = await lab.stack.destroy();
    expectOk(destroy);
    expect(destroy.text).toContain(`Subaccount ${account.sid} is suspended and stays at Twilio`);
    expect((await client.api.v2010.accounts(account.sid).fetch()).status).toBe("suspended");
    expect(await client.api.v2010.accounts(account.sid).incomingPhoneNumbers.list()).toEqual([]);
    expect(destroy.text + destroy.events).not.toContain(String(authToken));
  } finally {
    await lab.close();
  }
});
