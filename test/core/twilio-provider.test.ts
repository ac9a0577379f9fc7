import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Conversation, TwilioProvider, type TwilioProviderArgs } from "../../src/index";
import { fresh, hex, inputsOf, refusal, registered, run, settled, value } from "../support/mock-run";

beforeEach(() => run());

describe("providers of one account", () => {
  afterEach(() => vi.unstubAllEnvs());
  const main = `AC${hex("6")}`;
  const provider = (more: Partial<TwilioProviderArgs> = {}) =>
    new TwilioProvider(fresh("provider"), { accountSid: main, authToken: "secret", ...more });
  const conversation = (uniqueName: string, options: pulumi.CustomResourceOptions) => new Conversation(fresh("c"), { uniqueName }, options);

  it("share names: a second resource of the name fails", async () => {
    const uniqueName = fresh("lobby");
    await settled(conversation(uniqueName, { provider: provider() }));
    const message = await refusal(conversation(uniqueName, { provider: provider() }));
    expect(message).toContain(`uniqueName must not be the same as in Conversation`);
  });

  it("share names with the stack's own resources, where the account is the stack's", async () => {
    vi.stubEnv("TWILIO_ACCOUNT_SID", main);
    const uniqueName = fresh("lobby");
    await settled(conversation(uniqueName, {}));
    expect(await refusal(conversation(uniqueName, { provider: provider() }))).toContain(
      "uniqueName must not be the same as in Conversation",
    );
  });

  it("are distinguished by their region and base URL, and where an account is not known yet", async () => {
    const uniqueName = fresh("lobby");
    const [later, another] = [pulumi.output(main), pulumi.output(`AC${hex("6")}`)];
    const others: Partial<TwilioProviderArgs>[] = [
      {},
      { region: "ie1" },
      { baseUrl: "https://example.com" },
      { accountSid: later },
      { accountSid: another },
      { accountSid: `AC${hex("7")}` },
    ];
    await settled(conversation(uniqueName, {}), ...others.map((more) => conversation(uniqueName, { provider: provider(more) })));
  });
});

describe("a `TwilioProvider`", () => {
  it("registers its credentials, with secrets marked as secret, and its name", async () => {
    const sub = new TwilioProvider("sub", { accountSid: `AC${hex("5")}`, authToken: "secret", maxConcurrency: 3 });
    await value(sub.urn);
    const { type, inputs } = registered.find(({ name }) => name === "sub") as pulumi.runtime.MockResourceArgs;
    expect(type).toBe("pulumi:providers:pulumi-nodejs");
    expect(inputs).toMatchObject({ "twilio:accountSid": `AC${hex("5")}`, "twilio:provider": "sub" });
    const secret = inputs["twilio:authToken"];
    expect(secret.value ?? secret).toBe("secret");
    expect(inputs).not.toHaveProperty("twilio:apiSecret");
  });

  it("registers no auth token with an API key, as a secret of nothing is one in the state", async () => {
    const name = fresh("by-key");
    const byKey = new TwilioProvider(name, { accountSid: `AC${hex("5")}`, apiKey: `SK${hex("5")}`, apiSecret: "secret" });
    await value(byKey.urn);
    expect(inputsOf(name)).not.toHaveProperty("twilio:authToken");
    expect(inputsOf(name)).toHaveProperty("twilio:apiSecret");
  });
});
