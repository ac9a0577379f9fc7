import { beforeEach, describe, expect, it } from "vitest";
import { authorizationOf, connect, errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();

/** Twilio's client of IAM, and one that signs in with a new key. */
const iam = () => twilio.client.iam.v1;
const account = () => ({ accountSid: twilio.emulator.accountSid });
const restricted = (...allow: string[]) => iam().newApiKey.create({ ...account(), keyType: "restricted", policy: { allow } });
const signIn = ({ sid, secret }: { sid: string; secret: string }) => connect(twilio.emulator, { user: sid, password: secret });

/** A request that the client cannot send. */
async function request(path: string, init: RequestInit = {}): Promise<{ sid: string }> {
  const response = await fetch(twilio.emulator.url + path, { ...init, headers: { authorization: authorizationOf(twilio.emulator) } });
  return (await response.json()) as { sid: string };
}

describe("IAM keys", () => {
  it("are created, changed and deleted; only the create shows the secret, and no list shows a policy", async () => {
    const key = await iam().newApiKey.create({ ...account(), friendlyName: "ci" });
    expect(twilio.http.last()).toMatchObject({ status: 201, body: { friendly_name: "ci", policy: null, secret: expect.any(String) } });
    expect((twilio.http.last().body as Record<string, string>).date_created).toMatch(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000$/);
    await iam().apiKey(key.sid).update({ friendlyName: "build" });
    expect(twilio.http.last().body).not.toHaveProperty("secret");
    expect(twilio.http.last().body).not.toHaveProperty("flags");
    const limited = await restricted("/twilio/messaging/messages/read");
    expect(await iam().apiKey(limited.sid).fetch()).toMatchObject({
      friendlyName: null,
      policy: { allow: ["/twilio/messaging/messages/read"] },
    });
    await iam().getApiKeys.list(account());
    const { keys } = twilio.http.last().body as { keys: Record<string, unknown>[] };
    const listed = Object.fromEntries(keys.map(({ sid, ...rest }) => [sid, rest]));
    expect(listed[key.sid]).toMatchObject({ friendly_name: "build", flags: ["rest_api", "signing"] });
    expect(listed[limited.sid]).toMatchObject({ flags: ["rest_api", "restricted"] });
    expect(listed[limited.sid]).not.toHaveProperty("policy");
    await iam().apiKey(key.sid).remove();
    expect(await errorOf(iam().apiKey(key.sid).fetch())).toMatchObject({ status: 404 });
  });

  it("are listed only for an account, which must be the caller's own", async () => {
    expect(await request("/iam.twilio.com/v1/Keys")).toMatchObject({ status: 400, code: 20001 });
    expect(await errorOf(iam().getApiKeys.list({ accountSid: `AC${"0".repeat(32)}` }))).toMatchObject({ status: 404 });
  });

  it("fold all actions of a resource, replace the whole policy, and never change their type", async () => {
    const actions = ["update", "read", "delete", "list", "create"].map((action) => `/twilio/messaging/messages/${action}`);
    const key = await restricted(...actions, "/twilio/conversations/messages/read");
    expect(key.policy).toEqual({ allow: ["/twilio/conversations/messages/read", "/twilio/messaging/messages/*"] });
    const changed = await iam()
      .apiKey(key.sid)
      .update({ policy: { allow: ["/twilio/messaging/services/list"] } });
    expect(changed.policy).toEqual({ allow: ["/twilio/messaging/services/list"] });
    const standard = await iam().newApiKey.create(account());
    const toRestricted = iam()
      .apiKey(standard.sid)
      .update({ policy: { allow: ["/twilio/messaging/services/list"] } });
    expect(await errorOf(toRestricted)).toMatchObject({ status: 400, code: 70001 });
  });

  it("refuse what Twilio refuses", async () => {
    for (const [call, expected] of [
      [restricted("/twilio/messaging/faxes/read"), { code: 70002, message: "assertion '/twilio/messaging/faxes/read' is invalid" }],
      [restricted(), { code: 70001, message: "The request has constraint violations" }],
      [restricted(...Array.from({ length: 101 }, (_, index) => `/twilio/conversations/r${index}/read`)), { code: 70001 }],
      [iam().newApiKey.create({ ...account(), friendlyName: "x".repeat(65) }), { code: 70001 }],
      [iam().apiKey("SK1").fetch(), { code: 70002, message: "Invalid Sid provided in the request" }],
      [twilio.api.keys("SK1").fetch(), { code: 70002 }],
    ] as const)
      expect(await errorOf(call as Promise<unknown>)).toMatchObject({ status: 400, ...expected });
  });
});

it("the same keys are under Keys, SigningKeys and IAM; the 2010 API ignores a policy", async () => {
  const key = await twilio.api.newSigningKeys.create({ friendlyName: "signing" });
  expect(await twilio.api.keys(key.sid).fetch()).toMatchObject({ friendlyName: "signing" });
  expect(await iam().apiKey(key.sid).fetch()).toMatchObject({ friendlyName: "signing", policy: null });
  expect((await twilio.api.signingKeys.list()).map(({ sid }) => sid)).toEqual((await twilio.api.keys.list()).map(({ sid }) => sid));
  const path = `/api.twilio.com/2010-04-01/Accounts/${twilio.emulator.accountSid}/Keys.json`;
  const form = { KeyType: "restricted", Policy: '{"allow":["/twilio/messaging/messages/read"]}' };
  const { sid } = await request(path, { method: "POST", body: new URLSearchParams(form) });
  expect(await iam().apiKey(sid).fetch()).toMatchObject({ policy: null });
});

it("the emulator's own key is a main key, which manages accounts and keys", async () => {
  const { apiKey, apiSecret, accountSid } = twilio.emulator;
  const { client } = signIn({ sid: apiKey, secret: apiSecret });
  expect(await client.iam.v1.getApiKeys.list({ accountSid })).toMatchObject([
    { sid: apiKey, flags: ["rest_api", "signing", "manage_accounts", "manage_keys"] },
  ]);
  expect(await client.api.v2010.accounts(accountSid).fetch()).toMatchObject({ sid: accountSid });
});

describe("a standard key", () => {
  it("manages neither accounts nor keys, and everything else", async () => {
    const { client, conversations, api } = signIn(await iam().newApiKey.create(account()));
    await conversations.services.list();
    await api.messages.list();
    for (const call of [
      () => client.iam.v1.getApiKeys.list(account()),
      () => client.iam.v1.newApiKey.create(account()),
      () => api.keys.list(),
      () => api.newSigningKeys.create({}),
      () => client.api.v2010.accounts(twilio.emulator.accountSid).fetch(),
      () => client.api.v2010.accounts.create({}),
    ])
      expect(await errorOf(call())).toMatchObject({ status: 401, code: 20003, message: "Authenticate" });
  });
});

describe("a restricted key", () => {
  const phone = "+15005550006";
  let sms = "";
  beforeEach(async () => {
    const { phoneNumber } = await buyNumber(twilio);
    sms = (await twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "x" })).sid;
  });
  type Client = ReturnType<typeof signIn>;
  it.each<
    [permission: string, allowed: (client: Client) => Promise<unknown>, other: (client: Client) => Promise<unknown>, missing: string]
  >([
    ["messaging/messages/list", ({ api }) => api.messages.list(), ({ api }) => api.messages("SM1").fetch(), "messaging/messages/read"],
    [
      "messaging/services/create",
      ({ client }) => client.messaging.v1.services.create({ friendlyName: "x" }),
      ({ client }) => client.messaging.v1.services.list(),
      "messaging/services/list",
    ],
    [
      "phone-numbers/available-numbers/list",
      ({ api }) => api.availablePhoneNumbers("US").local.list({ limit: 1 }),
      ({ api }) => api.incomingPhoneNumbers.create({ phoneNumber: phone }),
      "phone-numbers/active-numbers/create",
    ],
    [
      "iam/api-keys/list",
      ({ client }) => client.iam.v1.getApiKeys.list(account()),
      ({ client }) => client.iam.v1.newApiKey.create(account()),
      "iam/api-keys/create",
    ],
    [
      "iam/accounts/read",
      ({ client }) => client.api.v2010.accounts(twilio.emulator.accountSid).fetch(),
      ({ api }) => api.keys.list(),
      "iam/api-keys/list",
    ],
    [
      "messaging/messages.media/read",
      ({ api }) => api.messages(sms).media.list(),
      ({ api }) => api.messages(sms).media("ME1").remove(),
      "messaging/messages.media/delete",
    ],
    [
      "messaging/messages.feedback/create",
      ({ api }) => api.messages(sms).feedback.create(),
      ({ api }) => api.messages(sms).update({ body: "" }),
      "messaging/messages/update",
    ],
    [
      "billing/usage/read",
      ({ api }) => api.usage.records.today.list(),
      ({ client }) => client.pricing.v1.messaging.countries.list(),
      "messaging/pricing/list",
    ],
    [
      "conversations/conversations/*",
      ({ conversations }) => conversations.conversations.create({}),
      ({ conversations }) => conversations.conversations("x").messages.list(),
      "conversations/messages/list",
    ],
    [
      "conversations/configuration/read",
      ({ conversations }) => conversations.configuration().fetch(),
      ({ conversations }) => conversations.configuration().update({}),
      "conversations/configuration/update",
    ],
    [
      "conversations/users/update",
      ({ conversations }) => conversations.users("alice").update({ friendlyName: "A" }),
      ({ conversations }) => conversations.users("alice").fetch(),
      "conversations/users/read",
    ],
  ])("with %s may do that and nothing else", async (permission, allowed, other, missing) => {
    await twilio.conversations.users.create({ identity: "alice" });
    const client = signIn(await restricted(`/twilio/${permission}`));
    await allowed(client);
    expect(await errorOf(other(client))).toMatchObject({
      status: 401,
      code: 70051,
      message: `Authorization Error: required permission twilio/${missing} is missing`,
    });
  });

  it("that may create keys can create one that may do everything", async () => {
    const minter = signIn(await restricted("/twilio/iam/api-keys/create"));
    const { conversations } = signIn(await minter.client.iam.v1.newApiKey.create(account()));
    expect(await conversations.services.list()).toHaveLength(1);
  });
});
