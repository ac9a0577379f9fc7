import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation, type ConversationArgs, ConversationService, Participant, PhoneNumber } from "../../src/index";
import type { Outcome } from "../support/engine";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

describe("changes by somebody else at Twilio", () => {
  let lab: Lab;
  const declared: ConversationArgs = {
    friendlyName: "Hello",
    uniqueName: "hello",
    attributes: { color: "red", list: [1, { a: 1, b: 2 }] },
  };
  let args = declared;
  let parent: "support" | "sales" = "support";

  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const { phoneNumber: proxyAddress } = new PhoneNumber("front-desk", { search: { country: "US", smsEnabled: true } });
        const services = {
          support: new ConversationService("support", { friendlyName: "Support" }),
          sales: new ConversationService("sales", { friendlyName: "Sales" }),
        };
        const conversation = new Conversation("hello", { service: services[parent], ...args });
        new Participant("mobile", { conversation, sms: { address: "+15558675310", proxyAddress } });
        new Participant("pineapple", { conversation, identity: "testPineapple", attributes: { vip: true } });
        new Participant("group", { conversation, address: "+15558675311" });
      },
    });
    expectOk(await lab.stack.up());
  });
  afterAll(() => lab.close());

  const idOf = async (name: string) => String((await lab.stack.state())[name]?.id);
  async function conversation() {
    const [service, sid] = (await idOf("hello")).split("/") as [string, string];
    return lab.twilio.client.conversations.v1.services(service).conversations(sid);
  }
  const participant = async (name: string) => (await conversation()).participants((await idOf(name)).split("/").at(-1) as string);
  const diffOf = ({ steps }: Outcome, name: string) => Object.keys(steps.find((step) => step.name === name)?.diff ?? {});

  /** Expects that a further up changes nothing, and that every participant exists once. */
  async function expectSettled(): Promise<void> {
    expectNothing(await lab.stack.up());
    expect(await (await conversation()).participants.list()).toHaveLength(3);
  }

  it("a deleted conversation: refresh removes it and its participants from the state, and up creates them again", async () => {
    await (await conversation()).remove();
    const gone = ["hello", "mobile", "pineapple", "group"];
    expect((await lab.stack.refresh()).changes).toEqual(Object.fromEntries(gone.map((name) => [name, "delete"])));
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(outcome.changes).toEqual(Object.fromEntries(gone.map((name) => [name, "create"])));
    await expectSettled();
  });

  it("a deleted service: refresh removes it and its children from the state, and up creates them again", async () => {
    await lab.twilio.client.conversations.v1.services(await idOf("support")).remove();
    const gone = ["support", "hello", "mobile", "pineapple", "group"];
    expect((await lab.stack.refresh()).changes).toEqual(Object.fromEntries(gone.map((name) => [name, "delete"])));
    expectOk(await lab.stack.up());
    expect((await lab.twilio.client.conversations.v1.services.list()).map(({ friendlyName }) => friendlyName).sort()).toEqual([
      "Default Conversations Service",
      "Sales",
      "Support",
    ]);
    await expectSettled();
  });

  it("a participant removed and added manually: up takes over the new one and creates no second one", async () => {
    await (await participant("pineapple")).remove();
    const { sid } = await (await conversation()).participants.create({ identity: "testPineapple" });
    expectOk(await lab.stack.refresh());
    expectOk(await lab.stack.up());
    expect(await idOf("pineapple")).toBe(`${await idOf("hello")}/${sid}`);
    expect(JSON.parse((await (await participant("pineapple")).fetch()).attributes)).toEqual({ vip: true });
    await expectSettled();
  });

  it("changed friendlyName, uniqueName, attributes, participant attributes and proxy address: refresh shows and up repairs each", async () => {
    await (await conversation()).update({ friendlyName: "Theirs", uniqueName: "theirs", attributes: '{"color":"blue"}' });
    await (await participant("pineapple")).update({ attributes: '{"vip":false}' });
    const proxy = String((await lab.stack.state())["front-desk"]?.outputs.phoneNumber);
    await (await participant("group")).update({ "messagingBinding.proxyAddress": proxy });
    expect((await lab.stack.refresh()).changes).toEqual({ hello: "update", pineapple: "update", group: "update" });
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(outcome.changes).toEqual({ hello: "update", pineapple: "update", group: "replace" });
    expect(diffOf(outcome, "hello").sort()).toEqual(["attributes.color", "attributes.list", "friendlyName", "uniqueName"]);
    const { friendlyName, uniqueName, attributes } = await (await conversation()).fetch();
    expect({ friendlyName, uniqueName, attributes: JSON.parse(attributes) }).toEqual(declared);
    expect(JSON.parse((await (await participant("pineapple")).fetch()).attributes)).toEqual({ vip: true });
    expect((await (await participant("group")).fetch()).messagingBinding).not.toHaveProperty("proxy_address");
    await expectSettled();
  });

  it("attributes in another order and with other whitespace, and a role that the program does not declare: no change", async () => {
    await (await conversation()).update({ attributes: '{ "list": [1, {"b":2,  "a":1}],\n"color" :"red"}' });
    const service = lab.twilio.client.conversations.v1.services(await idOf("support"));
    const { sid } = await service.roles.create({ friendlyName: "theirs", type: "conversation", permission: ["sendMessage"] });
    await (await participant("pineapple")).update({ roleSid: sid });
    expectNothing(await lab.stack.refresh());
    expect((await lab.stack.state()).pineapple?.outputs.roleSid).toBe(sid);
    expectNothing(await lab.stack.up());
    expect((await (await participant("pineapple")).fetch()).roleSid).toBe(sid);
  });

  it("friendlyName and attributes are cleared when the program no longer declares them", async () => {
    args = { uniqueName: "hello" };
    expect((await lab.stack.up()).changes).toEqual({ hello: "update" });
    expect(await (await conversation()).fetch()).toMatchObject({ friendlyName: null, attributes: "{}" });
  });

  it("a conversation that moves to another service is replaced with its participants, as the preview shows", async () => {
    parent = "sales";
    const moved = { hello: "replace", mobile: "replace", pineapple: "replace", group: "replace" };
    expect((await lab.stack.preview()).changes).toEqual(moved);
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(outcome.changes).toEqual(moved);
    expect(await idOf("hello")).toContain(await idOf("sales"));
    expect(await lab.twilio.client.conversations.v1.services(await idOf("support")).conversations.list()).toEqual([]);
    await expectSettled();
  });

  it("a closed conversation whose state the program does not declare: it stays closed, and the preview of a change fails", async () => {
    await (await conversation()).update({ state: "closed" });
    expectNothing(await lab.stack.refresh());
    expect((await lab.stack.state()).hello?.outputs.state).toBe("closed");
    expectNothing(await lab.stack.up());
    args = { ...args, friendlyName: "Too late" };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("is closed, and a closed conversation cannot be changed (friendlyName). Declare a new one");
    args = { uniqueName: "hello" };
  });

  it("a conversation renamed and then closed: refresh shows the change, and the preview of the repair fails", async () => {
    // A new conversation, because the previous one is closed.
    parent = "support";
    args = { friendlyName: "Ours", uniqueName: "closes" };
    expectOk(await lab.stack.up());
    await (await conversation()).update({ friendlyName: "Theirs" });
    await (await conversation()).update({ state: "closed" });
    const outcome = await lab.stack.refresh();
    expectOk(outcome);
    expect(outcome.changes).toEqual({ hello: "update" });
    const preview = await lab.stack.preview();
    expect(preview.ok).toBe(false);
    expect(preview.text).toContain("is closed, and a closed conversation cannot be changed (friendlyName). Declare a new one");
    args = { uniqueName: "hello" };
  });

  it("everything deleted: destroy without a refresh succeeds in one run", async () => {
    for (const name of ["support", "sales"]) await lab.twilio.client.conversations.v1.services(await idOf(name)).remove();
    expectOk(await lab.stack.destroy());
    expect(await lab.stack.state()).toEqual({});
  });
});
