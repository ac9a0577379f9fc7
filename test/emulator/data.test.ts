/** The data that an emulator starts with: `startEmulator({ data })`, and `/_emulator/data`. */
import { readFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { Control } from "./support/control";
import { clone, folder, type Sids, start, YAML } from "./support/data";

describe("the data of an emulator", () => {
  it("creates an object of each section, with names for SIDs", async () => {
    const emulator = await start({ data: parse(YAML) as object });
    const { body } = await new Control(emulator.url).call("GET", "data");
    expect(body).toEqual({ sids: emulator.sids, problems: [] });
    const sids = emulator.sids as Sids;
    const { api, conversations, client } = connect(emulator);
    const desk = conversations.services(sids.services?.desk as string);
    const [number] = await api.incomingPhoneNumbers.list();
    expect(number).toMatchObject({ sid: sids.numbers?.support, smsUrl: "https://example.com/sms" });
    const main = client.messaging.v1.services(sids.messagingServices?.main as string);
    expect((await main.phoneNumbers.list()).map(({ phoneNumber }) => phoneNumber)).toEqual([number?.phoneNumber]);
    expect((await main.alphaSenders.list()).map(({ alphaSender }) => alphaSender)).toEqual(["ACME"]);
    expect(await desk.configuration().fetch()).toMatchObject({ reachabilityEnabled: true, defaultChatServiceRoleSid: sids.roles?.lead });
    expect(await desk.configuration.webhooks().fetch()).toMatchObject({ postWebhookUrl: "https://example.com/desk" });
    expect(await conversations.configuration().fetch()).toMatchObject({ defaultMessagingServiceSid: sids.messagingServices?.main });
    expect(await conversations.configuration.webhooks().fetch()).toMatchObject({ preWebhookUrl: "https://example.com/account" });
    expect(await desk.users("alice@example.com").fetch()).toMatchObject({ attributes: '{"team":"blue"}', roleSid: sids.roles?.lead });
    const vip = desk.conversations("vip");
    expect(await vip.fetch()).toMatchObject({ sid: sids.conversations?.vip, attributes: '{"level":1}', state: "active" });
    expect((await vip.fetch()).timers).toHaveProperty("date_inactive");
    const people = await vip.participants.list();
    expect(people.map(({ identity }) => identity)).toEqual(["alice@example.com", null]);
    expect(people[1]?.messagingBinding).toMatchObject({ address: "+15558675310", proxy_address: number?.phoneNumber });
    expect(await vip.messages.list()).toMatchObject([{ body: "Hello", author: "alice@example.com", sid: sids.messages?.hello }]);
    expect(await vip.webhooks.list()).toMatchObject([{ sid: sids.conversationWebhooks?.hook }]);
    const old = conversations.conversations(sids.conversations?.old as string);
    expect(await old.fetch()).toMatchObject({ state: "closed" });
    expect(await old.messages.list()).toMatchObject([{ body: "Bye" }]);
    expect(await conversations.addressConfigurations.list()).toMatchObject([
      { address: number?.phoneNumber, autoCreation: { enabled: true, conversation_service_sid: sids.services?.desk } },
    ]);
  });

  it("changes nothing when a folder has it already, and the difference when the data differ", async () => {
    const stateDir = await folder();
    const data = parse(YAML) as Record<string, Record<string, Record<string, unknown>>>;
    const everything = async () => {
      const emulator = await startEmulator({ stateDir, data });
      const state = await new Control(emulator.url).ok("GET", "state");
      const sids = clone(emulator.sids) as Sids;
      const { conversations } = connect(emulator);
      return { emulator, state, sids, conversations };
    };
    const first = await everything();
    const other = await first.conversations
      .services(first.sids.services?.desk as string)
      .conversations.create({ friendlyName: "Of others" });
    await first.emulator.close();
    const second = await everything();
    expect(second.sids).toEqual(first.sids);
    expect((second.state.conversations as unknown[]).length).toBe((first.state.conversations as unknown[]).length + 1);
    await second.emulator.close();

    // An update, an update by removal, a replacement, a deletion and a creation.
    data.conversations = { vip: { service: "desk", friendlyName: "VIP", messagingService: "main", attributes: {} } };
    data.participants = { agent: { conversation: "vip", identity: "bob" }, phone: data.participants?.phone ?? {} };
    data.messages = { next: { conversation: "vip", body: "Next" } };
    const third = await everything();
    onTestFinished(() => third.emulator.close());
    const desk = third.conversations.services(third.sids.services?.desk as string);
    const vip = desk.conversations(first.sids.conversations?.vip as string);
    expect(await vip.fetch()).toMatchObject({ friendlyName: "VIP", uniqueName: null, attributes: "{}", timers: {} });
    expect((await vip.participants.list()).map(({ identity }) => identity)).toEqual([null, "bob"]);
    expect(third.sids.participants?.phone).toBe(first.sids.participants?.phone);
    expect((await vip.messages.list()).map(({ body }) => body)).toEqual(["Next"]);
    expect(third.sids.conversations).toEqual({ vip: first.sids.conversations?.vip });
    expect(await desk.conversations(other.sid).fetch()).toMatchObject({ friendlyName: "Of others" });
  });

  it("restores a configuration that the data no longer have, also if its role is deleted with it", async () => {
    const stateDir = await folder();
    const data = parse(YAML) as Record<string, unknown>;
    const before = await startEmulator({ stateDir, data: { services: { desk: {} } } });
    const sid = (before.sids as Sids).services?.desk as string;
    const found = await connect(before).conversations.services(sid).configuration().fetch();
    await before.close();
    await (await startEmulator({ stateDir, data })).close();
    const emulator = await start({ stateDir, data: { services: { desk: {} } } });
    const { conversations } = connect(emulator);
    const desk = conversations.services(sid);
    expect((await desk.configuration().fetch()).defaultChatServiceRoleSid).toBe(found.defaultChatServiceRoleSid);
    expect(await desk.configuration.webhooks().fetch()).toMatchObject({ postWebhookUrl: null, filters: null });
    expect(await conversations.configuration.webhooks().fetch()).toMatchObject({ preWebhookUrl: null });
    expect((await conversations.configuration().fetch()).defaultMessagingServiceSid).toMatch(/^MG/);
    expect(await desk.users.list()).toEqual([]);
  });

  it("changes a configuration before it deletes the role that it had", async () => {
    const stateDir = await folder();
    const services = { desk: {} };
    const roles = { lead: { service: "desk", type: "service", permissions: ["joinConversation"] } };
    const configuration = { service: "desk", reachabilityEnabled: true };
    const serviceConfigurations = { desk: { ...configuration, defaultChatServiceRole: "lead" } };
    await (await startEmulator({ stateDir, data: { services, roles, serviceConfigurations } })).close();
    const emulator = await start({ stateDir, data: { services, serviceConfigurations: { desk: configuration } } });
    const desk = connect(emulator).conversations.services((emulator.sids as Sids).services?.desk as string);
    expect((await desk.roles.list()).map(({ friendlyName }) => friendlyName)).not.toContain("lead");
    expect(await desk.configuration().fetch()).toMatchObject({ reachabilityEnabled: true });
  });

  it("creates an object again that somebody deleted, and all of them after a reset", async () => {
    const emulator = await start({ data: parse(YAML) as object });
    const before = clone(emulator.sids) as Sids;
    const { conversations } = connect(emulator);
    await conversations
      .services(before.services?.desk as string)
      .conversations("vip")
      .remove();
    await new Control(emulator.url).ok("POST", "data");
    const after = clone(emulator.sids) as Sids;
    expect(after.services).toEqual(before.services);
    expect(after.conversations?.vip).not.toBe(before.conversations?.vip);
    const vip = conversations.services(after.services?.desk as string).conversations(after.conversations?.vip as string);
    expect(await vip.participants.list()).toHaveLength(2);
    await emulator.reset();
    const reset = emulator.sids as Sids;
    expect(
      await conversations
        .services(reset.services?.desk as string)
        .conversations("vip")
        .fetch(),
    ).toMatchObject({
      sid: reset.conversations?.vip,
    });
  });

  it("may be those of the documentation", async () => {
    const page = await readFile("docs/emulator.md", "utf8");
    const example = parse(/```yaml\n(numbers:[\s\S]*?)```/.exec(page)?.[1] ?? "") as object;
    const { sids } = await start({ data: example });
    expect(Object.keys(sids)).toEqual(Object.keys(example).filter((section) => section !== "accountWebhooks"));
  });

  it("takes over a user that a participant created", async () => {
    const stateDir = await folder();
    const data = { conversations: { a: {} }, participants: { p: { conversation: "a", identity: "carol" } } };
    const first = await startEmulator({ stateDir, data });
    const [user] = await connect(first).conversations.users.list();
    await first.close();
    const second = await start({ stateDir, data: { ...data, users: { carol: { friendlyName: "Carol" } } } });
    expect(await connect(second).conversations.users.list()).toMatchObject([{ sid: user?.sid, friendlyName: "Carol" }]);
  });
});
