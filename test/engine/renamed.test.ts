import type { CustomResourceOptions } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation, ConversationService, Participant } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

describe("resources with a natural key, of which Twilio accepts only one", () => {
  let lab: Lab;
  let person = "ada";
  let aliases: CustomResourceOptions["aliases"];
  let options: CustomResourceOptions = {};
  let friendlyName: string | undefined;
  let attributes: Record<string, unknown> = {};
  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        const hello = new Conversation("hello", { service, uniqueName: "hello", friendlyName, attributes }, options);
        new Participant(person, { conversation: hello, identity: "ada" }, { aliases });
      },
    });
    expectOk(await lab.stack.up());
  });
  afterAll(() => lab.close());

  const sid = async (name: string) =>
    String((await lab.stack.state())[name]?.id)
      .split("/")
      .at(-1) as string;
  const service = async () => lab.twilio.client.conversations.v1.services(await sid("support"));
  const conversations = async () => (await (await service()).conversations.list()).map((found) => found.sid);
  const participants = async () => {
    const there = await service();
    const found = await Promise.all((await conversations()).map((conversation) => there.conversations(conversation).participants.list()));
    return found.flat().map((one) => one.sid);
  };

  it("are refused after a rename without an alias, and the preview advises one; with it, they stay", async () => {
    const before = await participants();
    person = "ada-renamed";
    const advice = 'It belongs to Participant "ada" of stack test. If that resource was renamed, add the option aliases: [{ name: "…" }]';
    const preview = await lab.stack.preview();
    expect(preview.ok).toBe(false);
    expect(preview.text).toContain(`Cannot create Participant: ${before[0]} has its place. ${advice}`);
    const refused = await lab.stack.up();
    expect(refused.ok).toBe(false);
    expect(refused.text).toContain(advice);
    expect(await participants()).toEqual(before);
    aliases = [{ name: "ada" }];
    expectOk(await lab.stack.up());
    expect(await participants()).toEqual(before);
    expect(await sid("ada-renamed")).toBe(before[0]);
    expectNothing(await lab.stack.up());
  });

  it("are not adopted as their own replacement by `pulumi up --replace`", async () => {
    const { hello } = await lab.stack.state();
    const before = await conversations();
    await expect(lab.stack.stack.up({ replace: [String(hello?.urn)] })).rejects.toThrow(/deleteBeforeReplace: true|The name belongs to/);
    expect(await conversations()).toEqual(before);
    expectNothing(await lab.stack.up());
  });

  it("are replaced by `pulumi up --replace` with deleteBeforeReplace", async () => {
    const { hello } = await lab.stack.state();
    const before = await conversations();
    options = { deleteBeforeReplace: true };
    await lab.stack.stack.up({ replace: [String(hello?.urn)] });
    const after = await conversations();
    expect(after).toEqual([await sid("hello")]);
    expect(after).not.toEqual(before);
    expect(await participants()).toEqual([await sid("ada-renamed")]);
    expectNothing(await lab.stack.up());
  });

  it("are replaced as replaceOnChanges says, even with ignoreChanges, and no old object is left", async () => {
    person = "bob";
    aliases = [{ name: "ada-renamed" }];
    options = {};
    friendlyName = "One";
    expectOk(await lab.stack.up());
    const before = await conversations();
    options = { ignoreChanges: ["attributes"], replaceOnChanges: ["friendlyName"], deleteBeforeReplace: true };
    attributes = { held: "back" };
    friendlyName = "Two";
    const replaced = await lab.stack.up();
    expectOk(replaced);
    expect(replaced.changes.hello).toBe("replace");
    expect(await conversations()).toEqual([await sid("hello")]);
    expect(await conversations()).not.toEqual(before);
    expect(await participants()).toEqual([await sid("bob")]);
  });

  it("may go to a new resource once the one that has it is replaced", async () => {
    const [before] = await participants();
    lab.stack.program = async () => {
      const service = new ConversationService("support", { friendlyName: "Support" });
      const hello = new Conversation("hello", { service, uniqueName: "hello", friendlyName, attributes }, options);
      const bob = new Participant("bob", { conversation: hello, identity: "bob" });
      new Participant("ada", { conversation: hello, identity: "ada" }, { dependsOn: bob });
    };
    expectOk(await lab.stack.preview());
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(outcome.changes).toMatchObject({ bob: "replace", ada: "create" });
    expect((await participants()).sort()).toEqual([await sid("ada"), await sid("bob")].sort());
    expect(await participants()).not.toContain(before);
  });
});
