import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Declared } from "../support/mini-engine";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const desk = (friendlyName = "Support", forceDestroy?: boolean): Declared[] => [
  { name: "service", definition: conversationService, args: { friendlyName, ...(forceDestroy && { forceDestroy }) } },
];
const chat: Declared[] = [
  ...desk(),
  { name: "room", definition: conversation, args: (of) => ({ service: of("service").id }) },
  { name: "ada", definition: participant, args: (of) => ({ conversation: of("room").id, identity: "ada" }) },
];

/** Brings a program up on an empty account, and returns how to reach its service. */
async function deployed(program: Declared[]) {
  await twilio.reset();
  const engine = twilio.engine();
  await engine.up(program);
  const path = `/v1/Services/${engine.of("service").id}`;
  const post = (below: string, form: Record<string, string>) => twilio.rest("POST", "conversations", `${path}/${below}`, form);
  const exists = () =>
    twilio.rest("GET", "conversations", path).then(
      () => true,
      () => false,
    );
  return { engine, post, exists, get: (below: string) => twilio.rest("GET", "conversations", `${path}/${below}`) };
}

type Deployed = Awaited<ReturnType<typeof deployed>>;

describe("a service that holds what this stack does not manage", () => {
  it.each<[string, (service: Deployed) => Promise<unknown>, RegExp]>([
    [
      "a role",
      ({ post }) => post("Roles", { FriendlyName: "agent", Type: "service", Permission: "joinConversation" }),
      /role RL\w+ \("agent"\)/,
    ],
    [
      "a second role with the name of one of Twilio's",
      ({ post }) => post("Roles", { FriendlyName: "service user", Type: "service", Permission: "joinConversation" }),
      /role RL\w+ \("service user"\)/,
    ],
    ["a user with attributes", ({ post }) => post("Users", { Identity: "eve", Attributes: '{"plan":"gold"}' }), /user US\w+, who has/],
    ["a user with a name", ({ post }) => post("Users", { Identity: "eve", FriendlyName: "Eve" }), /user US\w+, who has/],
    [
      "a user with another role than the default",
      async ({ post, get }) => {
        const { roles } = (await get("Roles")) as { roles: { sid: string; friendly_name: string }[] };
        const { sid = "" } = roles.find(({ friendly_name }) => friendly_name === "service admin") ?? {};
        await post("Users", { Identity: "eve", RoleSid: sid });
      },
      /user US\w+, who has/,
    ],
    [
      "webhooks",
      ({ post }) => post("Configuration/Webhooks", { PostWebhookUrl: "https://me:pass@example.com" }),
      /its webhooks \(post_webhook_url\)/,
    ],
  ])("is neither deleted nor replaced: %s", async (_what, create, lost) => {
    const service = await deployed(desk());
    await create(service);
    await expect(service.engine.preview(desk("Help"))).rejects.toThrow(lost);
    const refused = await service.engine.destroy().catch(({ message }: Error) => message);
    expect(refused).toMatch(lost);
    expect(refused).toContain("which this stack does not manage");
    expect(refused).not.toContain("me:pass");
    expect(await service.exists()).toBe(true);
    await service.engine.up(desk("Support", true));
    await service.engine.destroy();
    expect(await service.exists()).toBe(false);
  });

  it("is not deleted with more roles than an error lists, whose number it states", async () => {
    const { engine, post } = await deployed(desk());
    for (let index = 0; index < 7; index += 1) {
      await post("Roles", { FriendlyName: `agent ${index}`, Type: "service", Permission: "joinConversation" });
    }
    await expect(engine.destroy()).rejects.toThrow(/role RL\w+ \("agent 4"\); and 2 more\. Nothing was deleted/);
  });

  it("is not deleted if it has more users than anybody would look through", async () => {
    const service = await deployed(desk());
    for (let index = 0; index <= 1000; index += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, more) => service.post("Users", { Identity: `user ${index + more}` })));
    }
    await expect(service.engine.destroy()).rejects.toThrow("more than 1000 users");
    expect(await service.exists()).toBe(true);
  });
});

describe("a service that holds nothing but what follows from this stack", () => {
  it("is deleted: a participant leaves a user without data behind", async () => {
    const { engine, exists, get } = await deployed(chat);
    expect(((await get("Users")) as { users: unknown[] }).users).toHaveLength(1);
    await engine.destroy();
    expect(await exists()).toBe(false);
  });

  it("is deleted with a user whose attributes are an empty object, however it is written", async () => {
    const { engine, exists, post } = await deployed(chat);
    await post("Users", { Identity: "eve", Attributes: "{ }" });
    await engine.destroy();
    expect(await exists()).toBe(false);
  });

  it("is deleted although the default role of users was changed after a user was created", async () => {
    const { engine, exists, post, get } = await deployed(chat);
    const { roles } = (await get("Roles")) as { roles: { sid: string; friendly_name: string }[] };
    const { sid = "" } = roles.find(({ friendly_name }) => friendly_name === "service admin") ?? {};
    await post("Configuration", { DefaultChatServiceRoleSid: sid });
    await post("Users", { Identity: "later" });
    await engine.destroy();
    expect(await exists()).toBe(false);
  });
});
