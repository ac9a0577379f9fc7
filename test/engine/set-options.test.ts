import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConversationArgs, ConversationService, ConversationSet, TwilioProvider, UserSet } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

describe("the options of a set", () => {
  let lab: Lab;
  let items: Record<string, ConversationArgs> = { a: { friendlyName: "A" }, b: { friendlyName: "B" } };
  let options: { ignoreChanges?: string[]; protect?: boolean; aliases?: { name: string }[] } = {};
  let name = "stores";
  let isDeclared = true;
  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        if (isDeclared) new ConversationSet(name, { service, items }, options);
      },
    });
    expectOk(await lab.stack.up());
  });
  afterAll(() => lab.close());
  const live = async () => {
    const service = String((await lab.stack.state()).support?.id);
    const found = await lab.twilio.client.conversations.v1.services(service).conversations.list();
    return Object.fromEntries(found.map(({ friendlyName, sid }) => [friendlyName, sid]));
  };

  it("ignoreChanges leaves one property of one item as it is", async () => {
    options = { ignoreChanges: ['items["a"].friendlyName'] };
    items = { a: { friendlyName: "New A" }, b: { friendlyName: "New B" } };
    expectOk(await lab.stack.up());
    expect(Object.keys(await live()).sort()).toEqual(["A", "New B"]);
    expectNothing(await lab.stack.preview());
    options = {};
    expectOk(await lab.stack.up());
    expect(Object.keys(await live()).sort()).toEqual(["New A", "New B"]);
  });

  it("an alias renames a set, whose items keep their conversations", async () => {
    const before = await live();
    [name, options] = ["shops", { aliases: [{ name: "stores" }] }];
    expectOk(await lab.stack.up());
    expect(await live()).toEqual(before);
    options = {};
    expectNothing(await lab.stack.preview());
  });

  it("protect keeps a set, and a set that is no longer protected goes with its items", async () => {
    options = { protect: true };
    expectOk(await lab.stack.up());
    isDeclared = false;
    expect((await lab.stack.up()).ok).toBe(false);
    expect(Object.keys(await live())).toHaveLength(2);
    [isDeclared, options] = [true, {}];
    expectOk(await lab.stack.up());
    isDeclared = false;
    expectOk(await lab.stack.up());
    expect(await live()).toEqual({});
  });
});

it("a set of another account has its items there, and says which service takes them", async () => {
  const lab = await openLab();
  const sub = await lab.twilio.client.api.v2010.accounts.create({ friendlyName: "Tenant" });
  lab.stack.program = async () => {
    const provider = new TwilioProvider("tenant", { accountSid: sub.sid, authToken: sub.authToken });
    const service = new ConversationService("support", { friendlyName: "Support" }, { provider });
    const users = new UserSet("agents", { service, items: { ada: { identity: "ada" }, grace: { identity: "grace" } } }, { provider });
    return { sids: users.sids, ids: users.ids, accountSid: users.accountSid };
  };
  try {
    expectOk(await lab.stack.up());
    const { sids, ids, accountSid } = (await lab.stack.outputs()) as Record<string, Record<string, string>>;
    expect(accountSid).toBe(sub.sid);
    const service = (await lab.stack.state()).support?.id;
    expect(ids).toEqual({ ada: `${service}/${sids?.ada}`, grace: `${service}/${sids?.grace}` });
    expectNothing(await lab.stack.up());
    expectOk(await lab.stack.destroy());
  } finally {
    await lab.close();
  }
});
