import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConversationArgs } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import { storesWith } from "./stores";

describe("a ConversationSet", () => {
  let lab: Lab;
  let items: Record<string, ConversationArgs> = {};
  const conversations = async () => {
    const service = String((await lab.stack.state()).support?.id);
    return lab.twilio.client.conversations.v1.services(service).conversations.list();
  };
  const sids = async () => (await lab.stack.state()).stores?.outputs.sids as Record<string, string>;
  const messagesOf = (outcome: { diagnostics: readonly { urn: string; message: string }[] }) =>
    outcome.diagnostics.filter(({ urn }) => urn.endsWith("::stores")).map(({ message }) => message);

  beforeAll(async () => {
    lab = await openLab({ program: storesWith(() => items) });
  });
  afterAll(() => lab.close());

  it("creates its items, names them in the preview, and is settled then", async () => {
    items = Object.fromEntries([1, 2, 3].map((number) => [`store-${number}`, { friendlyName: `Store ${number}` }]));
    const preview = await lab.stack.preview();
    expectOk(preview);
    expect(preview.changes).toEqual({ support: "create", stores: "create" });
    expectOk(await lab.stack.up());
    const live = await conversations();
    expect(live.map(({ friendlyName }) => friendlyName).sort()).toEqual(["Store 1", "Store 2", "Store 3"]);
    expect(Object.values(await sids()).sort()).toEqual(live.map(({ sid }) => sid).sort());
    await lab.twilio.forgetCalls();
    expectNothing(await lab.stack.preview());
    expectNothing(await lab.stack.up());
    expect(await lab.twilio.writes()).toEqual([]);
  });

  it("names each change in the preview, and sends only what changes", async () => {
    items = { ...items, "store-2": { friendlyName: "Shop 2" }, "store-4": { friendlyName: "Store 4" } };
    delete items["store-3"];
    const before = await sids();
    const preview = await lab.stack.preview();
    expectOk(preview);
    const lines = messagesOf(preview).join("\n");
    expect(lines).toContain('items["store-2"].friendlyName: "Store 2" => "Shop 2"');
    expect(lines).toContain('items["store-4"]');
    expect(lines).toContain(
      `items["store-3"] is removed; ${String((await lab.stack.state()).support?.id)}/${before["store-3"]} is deleted`,
    );
    expect(lines).not.toContain("store-1");
    await lab.twilio.forgetCalls();
    expectOk(await lab.stack.up());
    expect((await lab.twilio.writes()).map((call) => String(call).split(" ")[0])).toHaveLength(3);
    const after = await sids();
    expect(after["store-1"]).toBe(before["store-1"]);
    expect(after["store-2"]).toBe(before["store-2"]);
    expect(Object.keys(after).sort()).toEqual(["store-1", "store-2", "store-4"]);
    expectNothing(await lab.stack.preview());
  });
});
