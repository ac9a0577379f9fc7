import { expect, it } from "vitest";
import { ApiKey, ConversationService, TwilioProvider } from "../../src/index";
import { expectHidden } from "./hidden";
import { expectOk, openLab } from "./lab";

it("a new key signs in to the run that creates it; its secret is encrypted in the state and appears nowhere, also after a refresh and an update", async () => {
  const lab = await openLab();
  const { accountSid } = lab.twilio;
  let friendlyName = "ci";
  const secrets = new Set<string>();
  lab.stack.program = async () => {
    const key = new ApiKey("ci", { friendlyName });
    key.secret.apply((secret) => secret !== undefined && secrets.add(secret));
    const provider = new TwilioProvider("by-key", { accountSid, apiKey: key.sid, apiSecret: key.secret });
    new ConversationService("support", { friendlyName: "Support" }, { provider });
  };
  try {
    expectOk(await lab.stack.preview());
    for (const operation of ["up", "refresh", "the second up"]) {
      if (operation === "the second up") friendlyName = "build";
      const outcome = await lab.stack[operation === "refresh" ? "refresh" : "up"]({ debug: true });
      expectOk(outcome);
      if (operation !== "up") expect(outcome.changes).toEqual(operation === "refresh" ? {} : { ci: "update" });
      expect(secrets.size).toBe(1);
      await expectHidden(lab, [...secrets][0] as string, { resource: "ci", output: "secret" }, operation, outcome);
    }
    expectOk(await lab.stack.destroy());
  } finally {
    await lab.close();
  }
});
