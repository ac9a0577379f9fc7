import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addressConfiguration } from "../../src/conversations/address-configuration";
import { conversationRole } from "../../src/conversations/role";
import { conversationServiceConfiguration } from "../../src/conversations/service-configuration";
import { conversationServiceWebhookConfiguration } from "../../src/conversations/service-webhook-configuration";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import type { Declared } from "../support/mini-engine";
import { type Fixture, TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
let fixture: Fixture;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
beforeEach(async () => {
  await twilio.reset();
  fixture = await twilio.fixture();
});
afterAll(() => twilio.close());

const declared = (name: string, definition: Definition, args: Props): Declared => ({ name, definition, args });
const webhooksOf = (service: string) => twilio.rest("GET", "conversations", `/v1/Services/${service}/Configuration/Webhooks`);

it("the webhooks of a service and an address configuration of that service do not reset each other", async () => {
  const { service, numbers } = fixture;
  const [address] = numbers;
  const hooks = (url: string) =>
    declared("hooks", conversationServiceWebhookConfiguration, {
      service,
      postWebhookUrl: url,
      filters: ["onConversationAdded"],
      method: "GET",
    });
  const inbound = (url: string) =>
    declared("inbound", addressConfiguration, {
      ...{ type: "sms", address, enabled: true, conversationService: service },
      autoCreation: { webhook: { url, filters: ["onMessageAdded"] } },
    });
  const [one, two, three] = ["one", "two", "three"].map((name) => `https://example.com/${name}`) as [string, string, string];
  const live = async () => ({
    hooks: await webhooksOf(service),
    creation: (await twilio.rest("GET", "conversations", `/v1/Configuration/Addresses/${encodeURIComponent(address)}`)).auto_creation,
  });
  const settings = (url: string) => ({ post_webhook_url: url, filters: ["onConversationAdded"], method: "GET" });
  const creation = (url: string) => ({ type: "webhook", webhook_url: url, webhook_filters: ["onMessageAdded"], webhook_method: "POST" });

  const engine = twilio.engine();
  await engine.up([hooks(one), inbound(two)]);
  expect(await live()).toMatchObject({ hooks: settings(one), creation: creation(two) });
  expect(await engine.up([hooks(three), inbound(two)])).toEqual({ hooks: "update", inbound: "same" });
  expect(await live()).toMatchObject({ hooks: settings(three), creation: creation(two) });
  expect(await engine.up([hooks(three), inbound(one)])).toEqual({ hooks: "same", inbound: "update" });
  expect(await live()).toMatchObject({ hooks: settings(three), creation: creation(one) });
  expect(await engine.refresh()).toEqual({});
  await engine.up([inbound(one)]);
  expect(await live()).toMatchObject({ hooks: { post_webhook_url: null, filters: null }, creation: creation(one) });
});

it("a change of the service replaces: the former service gets its former values back", async () => {
  const { service, otherService } = fixture;
  const former = `https://example.com/former`;
  await twilio.rest("POST", "conversations", `/v1/Services/${service}/Configuration/Webhooks`, { PostWebhookUrl: former });
  const hooks = (of: string) => [
    declared("hooks", conversationServiceWebhookConfiguration, { service: of, postWebhookUrl: "https://example.com/ours", method: "GET" }),
  ];
  const engine = twilio.engine();
  await engine.up(hooks(service));
  expect(engine.of("hooks").id).toBe(service);
  expect(await engine.up(hooks(otherService))).toEqual({ hooks: "replace" });
  expect(engine.of("hooks").id).toBe(otherService);
  expect(await webhooksOf(service)).toMatchObject({ post_webhook_url: former });
  expect(await webhooksOf(otherService)).toMatchObject({ post_webhook_url: "https://example.com/ours", method: "GET" });
  twilio.requests();
  await engine.destroy();
  expect(await webhooksOf(otherService)).toMatchObject({ post_webhook_url: null });
  // An empty method is none that Twilio accepts.
  const forms = twilio.requests().flatMap(({ method, form }) => (method === "post" ? [form.get("Method")] : []));
  expect(forms).toEqual([null]);
  expect(twilio.log.at(-1)).toContain('method (not set before; Twilio cannot clear "GET")');
});

it("a role of another type, or of another service, is refused in the preview", async () => {
  const { service, otherService, role } = fixture;
  const preview = (args: Props) => twilio.engine().preview([declared("settings", conversationServiceConfiguration, args)]);
  await expect(preview({ service, defaultChatServiceRoleSid: role })).rejects.toThrow(
    `defaultChatServiceRoleSid must be the SID of a role of type service in the service; this role has the type conversation`,
  );
  await expect(preview({ service: otherService, defaultConversationRoleSid: role })).rejects.toThrow(
    `account ${twilio.emulator.accountSid} has no such role there`,
  );
  expect(await preview({ service, defaultConversationRoleSid: role })).toEqual({ settings: "create" });
});

it("a role of the same program is the default role; destroy restores the former one before it deletes the role", async () => {
  const { service } = fixture;
  const settings = () => twilio.rest("GET", "conversations", `/v1/Services/${service}/Configuration`);
  const former = (await settings()).default_conversation_role_sid;
  const engine = twilio.engine();
  await engine.up([
    declared("guest", conversationRole, { service, friendlyName: "guest", type: "conversation", permissions: ["sendMessage"] }),
    {
      name: "settings",
      definition: conversationServiceConfiguration,
      args: (of) => ({ service, defaultConversationRoleSid: of("guest").sid }),
    },
  ]);
  const sid = engine.of("guest").id.split("/")[1];
  expect((await settings()).default_conversation_role_sid).toBe(sid);
  await engine.destroy();
  expect((await settings()).default_conversation_role_sid).toBe(former);
  const { roles } = await twilio.rest("GET", "conversations", `/v1/Services/${service}/Roles`);
  expect((roles as Props[]).map((role) => role.sid)).not.toContain(sid);
});
