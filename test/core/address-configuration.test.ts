import { describe, expect, it } from "vitest";
import { addressConfiguration } from "../../src/conversations/address-configuration";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Props } from "../../src/core/lifecycle/props";
import { changedForm, createForm, differences, toInputs, toOutputs } from "../../src/core/lifecycle/wire";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Body, Request } from "../../src/core/twilio/twilio";
import { account, fake, service } from "../support/fake-twilio";
import { noteStoreOf } from "../support/note-store";

const url = "https://example.com/inbound";
const address = "+15558675310";
const sid = `IG${"7".repeat(32)}`;
const webhook = { url, filters: ["onMessageAdded"] };
const studio = { flowSid: `FW${"1".repeat(32)}`, retryCount: 2 };
const sms = { type: "sms", address, enabled: true };

/** A configuration as Twilio returns it. */
const body = (creation: Body, more: Body = {}): Body => ({
  ...{ sid, account_sid: account, type: "sms", address, friendly_name: null, address_country: null },
  auto_creation: { enabled: true, conversation_service_sid: null, ...creation },
  date_created: new Date().toISOString(),
  ...more,
});
const liveWebhook = { type: "webhook", webhook_url: url, webhook_method: "POST", webhook_filters: ["onMessageAdded"] };

/** Form and changes of an update from what Twilio has to what the program declares. */
function update(live: Body, before: Props, after: Props) {
  const [olds, news] = [toOutputs(addressConfiguration, { ...sms, ...before }, live, account), { ...sms, ...after }];
  const changed = differences(addressConfiguration, olds, news);
  return { changed, form: changedForm(addressConfiguration, changed, olds, news, live) };
}

describe("the form of an address configuration", () => {
  it.each<[string, Props, Props]>([
    ["default", { default: {} }, {}],
    ["webhook", { webhook }, { "AutoCreation.WebhookUrl": url, "AutoCreation.WebhookFilters": ["onMessageAdded"] }],
    ["studio", { studio }, { "AutoCreation.StudioFlowSid": studio.flowSid, "AutoCreation.StudioRetryCount": "2" }],
  ])("names the type %s, and has only what belongs to it", (type, autoCreation, form) => {
    expect(createForm(addressConfiguration, { ...sms, autoCreation, conversationService: service })).toEqual({
      ...{ Type: "sms", Address: address, "AutoCreation.Enabled": "true", "AutoCreation.ConversationServiceSid": service },
      ...{ "AutoCreation.Type": type, ...form },
    });
  });

  it("has every property of the new type after a switch, also what the program leaves out, and none of the old type", () => {
    expect(update(body({ type: "default" }), { autoCreation: { default: {} } }, { autoCreation: { webhook } }).form).toEqual({
      ...{ "AutoCreation.Type": "webhook", "AutoCreation.WebhookUrl": url, "AutoCreation.WebhookMethod": "POST" },
      "AutoCreation.WebhookFilters": ["onMessageAdded"],
    });
    expect(
      update(body(liveWebhook), { autoCreation: { webhook } }, { autoCreation: { studio: { flowSid: studio.flowSid } } }).form,
    ).toEqual({
      ...{ "AutoCreation.Type": "studio", "AutoCreation.StudioFlowSid": studio.flowSid, "AutoCreation.StudioRetryCount": "0" },
    });
    expect(update(body(liveWebhook), { autoCreation: { webhook } }, { autoCreation: { default: {} } }).form).toEqual({
      "AutoCreation.Type": "default",
    });
  });

  it("has one property where only that changes", () => {
    const changed = { webhook: { ...webhook, url: `${url}/new` } };
    expect(update(body(liveWebhook), { autoCreation: { webhook } }, { autoCreation: changed })).toEqual({
      changed: ["autoCreation.webhook.url"],
      form: { "AutoCreation.WebhookUrl": `${url}/new` },
    });
  });

  it("a switch does not replace", async () => {
    const olds = toOutputs(addressConfiguration, { ...sms, autoCreation: { webhook } }, body(liveWebhook), account);
    const diff = (news: Props) =>
      fake()
        .of(addressConfiguration)
        .diff(sid, olds, { ...sms, ...news });
    expect(await diff({ autoCreation: { studio } })).toMatchObject({ changes: ["autoCreation"], replaces: [] });
    expect(await diff({ autoCreation: { webhook }, address: "+15558675311" })).toMatchObject({
      replaces: ["address"],
      deleteBeforeReplace: true,
    });
  });
});

describe("what Twilio returns", () => {
  it("in another spelling is not a change", () => {
    const live = body({ ...liveWebhook, webhook_method: "post" }, { type: "sMs" });
    const declared = { autoCreation: { webhook: { ...webhook, method: "POST" } } };
    expect(update(live, declared, declared).changed).toEqual([]);
  });

  it.each<[string, Body, Props]>([
    ["default to webhook", body(liveWebhook), { default: {} }],
    ["webhook to default", body({ type: "default" }), { webhook }],
    ["webhook to studio", body({ type: "studio", studio_flow_sid: studio.flowSid }), { webhook }],
  ])("after a switch by hand from %s shows that the declared type is gone, and the update sets it again", (_switch, live, autoCreation) => {
    const inputs = toInputs(addressConfiguration, toOutputs(addressConfiguration, { ...sms, autoCreation }, live, account));
    expect(inputs).not.toHaveProperty("autoCreation");
    const form = update(live, { autoCreation }, { autoCreation }).form;
    expect(form).toMatchObject({ "AutoCreation.Type": Object.keys(autoCreation)[0] });
  });

  it("shows that somebody disabled it", () => {
    const live = body({ type: "default", enabled: false });
    expect(update(live, { autoCreation: { default: {} } }, { autoCreation: { default: {} } })).toEqual({
      changed: ["enabled"],
      form: { "AutoCreation.Enabled": "true" },
    });
  });
});

describe("the check of an address configuration", () => {
  const reasons = (args: Props) =>
    findProblems(addressConfiguration, { autoCreation: { default: {} }, ...args }, {}).map(
      ({ property, reason }) => `${property} ${reason}`,
    );

  it.each<Props>([
    { type: "sms", address },
    { type: "sms", address: "12345", addressCountry: "US" },
    { type: "whatsapp", address: `whatsapp:${address}` },
    { type: "messenger", address: "messenger:103204021551234" },
    { type: "email", address: "support@example.com" },
    { type: "apple", address: "urn:mbid:1234" },
    { type: "rcs", address: "anything" },
    { type: "chat", address: `IG${"1".repeat(32)}` },
    { type: "gbm", address: "agent" },
  ])("accepts $type $address", (args) => {
    expect(reasons(args)).toEqual([]);
  });

  it.each<[Props, string]>([
    [{ type: "sms", address: "5558675310" }, "address of type sms must look like a phone number in E.164 format, like +15558675310"],
    [{ type: "sms", address: `whatsapp:${address}` }, "address of type sms must look like a phone number"],
    [{ type: "whatsapp", address }, `write "whatsapp:${address}"`],
    [{ type: "messenger", address: "103204021551234" }, "address of type messenger must look like messenger: and the page's id"],
    [{ type: "email", address: "Support <support@example.com>" }, "address of type email must look like an email address"],
    [{ type: "apple", address: "1234" }, "address of type apple must look like urn:mbid:"],
    [{ type: "google", address: "agent" }, 'type must be one of "sms"'],
    [{ type: "sms", address: "12345" }, "addressCountry is missing: a short code requires the country"],
    [{ type: "sms", address, addressCountry: "US" }, "addressCountry must not be declared: only a short code has a country"],
    [{ type: "sms", address: "12345", addressCountry: "USA" }, "addressCountry must look like an ISO 3166 country code"],
    [{ type: "sms", address, autoCreation: {} }, "autoCreation.default is missing: declare exactly one of"],
    [{ type: "sms", address, autoCreation: undefined }, "autoCreation.default is missing: declare exactly one of"],
    [
      { type: "sms", address, autoCreation: { default: {}, studio } },
      "autoCreation.studio must not be declared together with `autoCreation.default`",
    ],
    [{ type: "sms", address, autoCreation: { default: { url } } }, "autoCreation.default must be {}; received"],
    [{ type: "sms", address, autoCreation: { webhook: { url } } }, "autoCreation.webhook.filters is missing"],
    [
      { type: "sms", address, autoCreation: { webhook: { url, filters: ["onConversationAdded"] } } },
      "autoCreation.webhook.filters must be one of",
    ],
    [{ type: "sms", address, autoCreation: { studio: { ...studio, retryCount: 4 } } }, "must be a whole number from 0 to 3; received 4"],
  ])("rejects %j", (args, reason) => {
    expect(reasons(args)).toEqual([expect.stringContaining(reason)]);
  });

  it.each<[Props, string | undefined]>([
    [{ type: "rcs", address: "agent" }, "address of type rcs does not look like rcs: and the agent's id"],
    [{ type: "rcs", address: "rcs:agent" }, undefined],
    [{ type: "chat", address: "web" }, "address of type chat does not look like the SID of a deployment key"],
    [{ type: "gbm", address: "agent" }, "which Google ended in July 2024"],
    [{ type: "email", address: "support@example.com" }, undefined],
  ])("warns of %j: %s", async (args, warning) => {
    const { of, log } = fake();
    const { problems } = await of(addressConfiguration).check({}, { autoCreation: { default: {} }, ...args });
    expect(problems).toEqual([]);
    expect(log).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
  });
});

describe("the create of a second configuration for an address", () => {
  const inputs = { ...sms, autoCreation: { default: {} }, __urn: "urn:pulumi:dev::p::t::inbound" };
  const refused = (status: number) => new TwilioError("Cannot create", { status, message: "the address is taken" });
  const path = `/v1/Configuration/Addresses/${encodeURIComponent(address)}`;

  it.each([400, 403, 409])(
    "is refused with status %i: the error names the existing one and how to adopt it; nothing else is sent",
    async (status) => {
      const { of, asked } = fake((request) => {
        if (request.method === "post") throw refused(status);
        return request.path === path ? body({ type: "default" }) : undefined;
      });
      await expect(of(addressConfiguration).create(inputs)).rejects.toThrow(
        new RegExp(`the address is taken[^]*has AddressConfiguration ${sid} already[^]*declare adopt: "${sid}"`),
      );
      expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
    },
  );

  it("is refused for another reason: the error says nothing of adoption", async () => {
    const { of } = fake((request) => {
      if (request.method === "post") throw refused(400);
      return undefined;
    });
    const error = await of(addressConfiguration)
      .create(inputs)
      .catch((thrown: Error) => thrown);
    expect((error as Error).message).toContain("the address is taken");
    expect((error as Error).message).not.toContain("adopt");
  });

  it("is adopted on request, by SID or by address", async () => {
    for (const adopt of [sid, address]) {
      const { of, asked } = fake((request) => (request.method === "get" ? body({ type: "default" }) : undefined));
      expect(await of(addressConfiguration).create({ ...inputs, adopt })).toMatchObject({ id: sid });
      expect(asked.filter((request) => request.startsWith("post"))).toEqual([]);
    }
  });

  it("is ours where the response to the first request was lost", async () => {
    const notes = noteStoreOf();
    let sent = 0;
    const { of, context } = fake((request) => {
      if (request.method === "get") return request.path === path && sent > 0 ? body({ type: "default" }) : undefined;
      sent += 1;
      throw new TwilioError("Cannot create", { status: 0, message: "connection lost" });
    });
    Object.assign(context, { notes });
    expect(await of(addressConfiguration).create(inputs)).toMatchObject({ id: sid });
    expect(sent).toBe(1);
  });

  it("does not write the address, which may be secret, into the error", async () => {
    const { of } = fake((request) => {
      if (request.method === "post") throw refused(409);
      return body({ type: "default" });
    });
    const error = await of(addressConfiguration)
      .create(inputs)
      .catch((thrown: Error) => thrown);
    expect((error as Error).message).toContain(sid);
    expect((error as Error).message).not.toContain(address);
  });
});

describe("a configuration that names a deleted service", () => {
  const declared = { ...sms, autoCreation: { default: {} }, conversationService: service };
  const live = body({ type: "default", conversation_service_sid: service });
  const refresh = async (services: (path: string) => Body | undefined) => {
    const made = fake(({ path }) => (path.startsWith("/v1/Services/") ? services(path) : live));
    const olds = toOutputs(addressConfiguration, declared, live, account);
    return { ...made, read: await made.of(addressConfiguration).read(sid, olds) };
  };

  it("is drift: the refresh reports it and shows the service as missing, and repairs nothing", async () => {
    const { read, log, asked } = await refresh(() => undefined);
    expect(read?.inputs).toMatchObject({ address });
    expect(read?.inputs).not.toHaveProperty("conversationService");
    expect(log).toEqual([
      expect.stringContaining(`AddressConfiguration ${sid} names ConversationService ${service}, which account ${account} no longer has`),
    ]);
    expect(asked.filter((request) => !request.startsWith("get"))).toEqual([]);
  });

  it("is none while the service exists, or cannot be read", async () => {
    const exists = await refresh(() => ({ sid: service, account_sid: account }));
    const unread = await refresh(() => {
      throw new TwilioError("Cannot look up", { status: 503, message: "later" });
    });
    for (const { read, log } of [exists, unread]) {
      expect(read).not.toHaveProperty("inputs");
      expect(log).toEqual([]);
    }
  });
});

describe("a preview of an address configuration", () => {
  const numbers = `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers.json`;
  const there = ({ path, query }: Request): Body | undefined => {
    if (path === numbers) return { incoming_phone_numbers: query?.PhoneNumber === address ? [{ phone_number: address }] : [] };
    if (path === "/v2/Channels/Senders") return { senders: [{ sender_id: "whatsapp:+4915112345678" }] };
    return path === `/v1/Services/${service}` ? { sid: service } : undefined;
  };
  const reasons = async (args: Props) => {
    const made = fake(there);
    Object.assign(made.context, { previewLookups: true });
    const { problems } = await made.of(addressConfiguration).check({}, { autoCreation: { default: {} }, ...args });
    return problems.map(({ property, reason }) => `${property} ${reason}`);
  };

  it.each<[Props, string | undefined]>([
    [{ type: "sms", address }, undefined],
    [{ type: "sms", address: "+15558675312" }, `address must be a number of account ${account}`],
    [{ type: "sms", address: "12345", addressCountry: "US" }, undefined],
    [{ type: "whatsapp", address: "whatsapp:+4915112345678" }, undefined],
    [{ type: "whatsapp", address: "whatsapp:+15558675312" }, `address must be a WhatsApp sender of account ${account}`],
    [{ type: "email", address: "help@example.com", conversationService: service }, undefined],
    [
      { type: "email", address: "help@example.com", conversationService: `IS${"9".repeat(32)}` },
      "conversationService must be the SID of a ConversationService",
    ],
  ])("asks Twilio for what %j names", async (args, reason) => {
    expect(await reasons(args)).toEqual(reason === undefined ? [] : [expect.stringContaining(reason)]);
  });
});
