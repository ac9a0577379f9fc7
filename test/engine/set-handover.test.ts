import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Conversation, ConversationService, ConversationSet } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

vi.setConfig({ testTimeout: 120_000 });

/** The resources of a program in their order: the keys of a set, or one conversation. `after`: a set that it depends on. */
type Program = Readonly<Record<string, { readonly keys?: readonly string[]; readonly after?: string }>>;

describe("a conversation whose key moves between resources", () => {
  let lab: Lab;
  let program: Program = {};
  let before: string[] = [];
  const conversations = async () => {
    const service = lab.twilio.client.conversations.v1.services(String((await lab.stack.state()).support?.id));
    return { service, sids: (await service.conversations.list()).map(({ sid }) => sid).sort() };
  };
  /** The SIDs that the resources of these types have in the state. */
  const held = async () =>
    (await lab.stack.resources())
      .flatMap(({ type, id, outputs }) => {
        if (outputs?.sids !== undefined) return Object.values(outputs.sids as Record<string, string>);
        return type.endsWith(":Conversation") ? [id.split("/")[1] as string] : [];
      })
      .sort();

  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        const made: Record<string, ConversationSet> = {};
        for (const [name, { keys, after }] of Object.entries(program)) {
          const options = after ? { dependsOn: [made[after] as ConversationSet] } : {};
          const items = Object.fromEntries((keys ?? []).map((key) => [key, { friendlyName: key }]));
          if (keys) made[name] = new ConversationSet(name, { service, items }, options);
          else new Conversation(name, { service, friendlyName: name });
        }
      },
    });
    program = { a: { keys: ["x", "y", "w"] }, b: { keys: ["z"] }, single: {} };
    expectOk(await lab.stack.up());
    const { service, sids } = await conversations();
    before = sids;
    for (const sid of sids) await service.conversations(sid).messages.create({ body: "Hello", author: "ada" });
  });
  afterAll(() => lab.close());

  it.each<[string, Program, number]>([
    ["to a set that is declared first", { b: { keys: ["z", "x"] }, a: { keys: ["y", "w"] }, single: {} }, 1],
    ["to a set that is declared later", { a: { keys: ["w"] }, b: { keys: ["z", "x", "y"] }, single: {} }, 1],
    ["from a resource of that name into a set", { a: { keys: ["w", "single"] }, b: { keys: ["z", "x", "y"] } }, 1],
    // The engine asks nothing about the taker before the giver is done.
    ["to a set that depends on the giver", { b: { keys: ["z"] }, a: { keys: ["w", "single", "x", "y"], after: "b" } }, 2],
    ["from a set that is removed", { c: { keys: ["w", "single", "x", "y"] }, b: { keys: ["z"] } }, 1],
  ])("%s stays the same, with its messages", async (_how, next, updates) => {
    program = next;
    const preview = await lab.stack.preview();
    expectOk(preview);
    expect(preview.text).toContain("takes over");
    expect(preview.text).not.toMatch(/is removed|items? to create/);
    for (let update = 0; update < updates; update += 1) expectOk(await lab.stack.up());
    expect((await conversations()).sids).toEqual(before);
    expect(await held()).toEqual(before);
    expectNothing(await lab.stack.preview());
  });
});
