import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import { Crash, type Declared } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

describe("a program with every resource type", () => {
  /** The quickstart: each resource depends on earlier ones. */
  const quickstart = (more: Record<string, Props> = {}): Declared[] => [
    { name: "number", definition: phoneNumber, args: { search: { country: "US", smsEnabled: true }, ...more.number } },
    { name: "service", definition: conversationService, args: { friendlyName: "Support", ...more.service } },
    { name: "hello", definition: conversation, args: (of) => ({ service: of("service").id, friendlyName: "Hello", ...more.hello }) },
    {
      name: "mobile",
      definition: participant,
      args: (of) => ({ conversation: of("hello").id, sms: { address: "+15558675310", proxyAddress: of("number").phoneNumber } }),
    },
    { name: "ada", definition: participant, args: (of) => ({ conversation: of("hello").id, identity: "ada", ...more.ada }) },
  ];

  it("previews without a write, creates what it previewed, and then has nothing to change", async () => {
    const { engine } = await oneResource(twilio, phoneNumber);
    const all = (step: string) => Object.fromEntries(["number", "service", "hello", "mobile", "ada"].map((name) => [name, step]));
    expect(await engine.preview(quickstart())).toEqual(all("create"));
    expect(twilio.writes()).toEqual([]);
    expect(await engine.up(quickstart())).toEqual(all("create"));
    expect(twilio.writes()).toHaveLength(5);
    await expectSettled(twilio, engine, quickstart());
    expect(await engine.refresh()).toEqual({});
    await engine.destroy();
    expect(engine.state).toEqual([]);
  });

  it("buys the number that its preview showed", async () => {
    const { engine, created } = await oneResource(twilio, phoneNumber);
    await engine.preview(quickstart());
    const shown = twilio.log.find((line) => line.startsWith("will buy")) as string;
    await engine.up(quickstart());
    expect(shown).toContain(String(engine.of("number").outputs.phoneNumber));
    expect(await created()).toHaveLength(1);
  });

  it.each(["number", "service", "hello", "mobile", "ada"])("continues after a crash that followed the creation of its %s", async (name) => {
    const { engine } = await oneResource(twilio, phoneNumber);
    await expect(engine.up(quickstart(), { crashAfterCreating: name })).rejects.toThrow(Crash);
    twilio.requests();
    const steps = await engine.up(quickstart());
    expect(steps[name]).toBe("create");
    const creations = twilio.writes().length;
    expect(creations).toBeLessThan(5);
    await expectSettled(twilio, engine, quickstart());
    for (const { type, id } of engine.state) expect((await twilio.read(type, id)).sid).toBe(id.split("/").at(-1));
  });

  it("leaves resources unchanged that do not depend on a change", async () => {
    const { engine } = await oneResource(twilio, phoneNumber);
    await engine.up(quickstart());
    const changed = quickstart({ number: { smsUrl: "https://example.com" }, hello: { friendlyName: "Bye" } });
    const steps = { number: "update", service: "same", hello: "update", mobile: "same", ada: "same" };
    expect(await engine.preview(changed)).toEqual(steps);
    expect(await engine.up(changed)).toEqual(steps);
  });

  it("replaces the children of a replaced service", async () => {
    const { engine } = await oneResource(twilio, phoneNumber);
    await engine.up(quickstart());
    const renamed = quickstart({ service: { friendlyName: "Sales", forceDestroy: true } });
    twilio.requests();
    const steps = { number: "same", service: "replace", hello: "replace", mobile: "replace", ada: "replace" };
    expect(await engine.preview(renamed)).toEqual(steps);
    expect(twilio.writes()).toEqual([]);
    expect(await engine.up(renamed)).toEqual(steps);
    await expectSettled(twilio, engine, renamed);
  });

  it("refuses to replace a service that holds conversations, and names them", async () => {
    const { engine } = await oneResource(twilio, phoneNumber);
    await engine.up(quickstart());
    twilio.requests();
    await expect(engine.up(quickstart({ service: { friendlyName: "Sales" } }))).rejects.toThrow(
      /Twilio cannot rename a service.*\("hello"\)/,
    );
    expect(twilio.writes()).toEqual([]);
  });
});

describe("an operation that fails halfway", () => {
  it("keeps a service whose configuration cannot be read, and completes it on the next update", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService);
    await twilio.control("POST", "faults", { method: "GET", path: "*/Configuration", status: 403, times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow("Cannot read the configuration");
    expect(await created()).toEqual([engine.of("it").id]);
    expect(engine.of("it").initErrors?.[0]).toContain("HTTP 403");
    expect(await engine.up(program({ friendlyName: "Support" }))).toEqual({ it: "update" });
    expect(engine.of("it").outputs.configuration).toMatchObject({ defaultConversationRoleSid: expect.stringMatching(/^RL/) });
    expect(await created()).toHaveLength(1);
    await expectSettled(twilio, engine, program({ friendlyName: "Support" }));
  });

  it("leaves an incomplete service that can be destroyed", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService);
    await twilio.control("POST", "faults", { method: "GET", path: "*/Configuration", status: 403, times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow();
    await engine.destroy();
    expect(await created()).toEqual([]);
  });

  it("keeps a number that was bought but not named, and names it on the next update", async () => {
    const { engine, program, created, live } = await oneResource(twilio, phoneNumber);
    const wanted = program({ areaCode: "415", friendlyName: "Front desk" });
    await twilio.control("POST", "faults", { method: "POST", path: "*/IncomingPhoneNumbers/*", status: 403, times: 1 });
    await expect(engine.up(wanted)).rejects.toThrow("HTTP 403");
    expect(await created()).toEqual([engine.of("it").id]);
    expect(await engine.up(wanted)).toEqual({ it: "update" });
    expect(await created()).toHaveLength(1);
    expect((await live()).friendly_name).toBe("Front desk");
    await expectSettled(twilio, engine, wanted);
  });

  it("keeps the old conversation when its replacement fails", async () => {
    const { engine, program, created } = await oneResource(twilio, conversation);
    await engine.up(program({ service: "«service»", friendlyName: "Hello" }));
    const before = engine.state;
    await twilio.control("POST", "faults", { method: "POST", status: 400, times: 1 });
    await expect(engine.up(program({ service: "«otherService»", friendlyName: "Hello" }))).rejects.toThrow("HTTP 400");
    expect(engine.state).toEqual(before);
    expect(await created()).toHaveLength(1);
    expect(await engine.up(program({ service: "«otherService»", friendlyName: "Hello" }))).toEqual({ it: "replace" });
    expect(await created()).toEqual([]);
  });

  it("deletes a replaced conversation on the next update if its deletion failed", async () => {
    const { engine, program, created } = await oneResource(twilio, conversation);
    await engine.up(program({ service: "«service»" }));
    await twilio.control("POST", "faults", { method: "DELETE", status: 400, times: 1 });
    await expect(engine.up(program({ service: "«otherService»" }))).rejects.toThrow("Cannot delete Conversation");
    expect(await created()).toHaveLength(1);
    await engine.up(program({ service: "«otherService»" }));
    expect(await created()).toEqual([]);
    await expectSettled(twilio, engine, program({ service: "«otherService»" }));
  });
});

describe("an update of an object that somebody else deleted", () => {
  it("asks for a refresh, after which the object is created again", async () => {
    const { engine, program, created } = await oneResource(twilio, conversation);
    await engine.up(program({ service: "«service»", friendlyName: "Hello" }));
    await twilio.rest("DELETE", ...twilio.pathOf(conversation.type, engine.of("it").id));
    const changed = program({ service: "«service»", friendlyName: "Bye" });
    await expect(engine.up(changed)).rejects.toThrow(/Cannot update Conversation[\s\S]*20404[\s\S]*pulumi refresh/);
    await engine.refresh();
    expect(await engine.up(changed)).toEqual({ it: "create" });
    expect(await created()).toHaveLength(1);
  });
});

describe("a closed conversation", () => {
  it("can be kept and deleted, but neither reopened nor changed", async () => {
    const { engine, program, created } = await oneResource(twilio, conversation);
    const hello = (more: Props) => program({ service: "«service»", friendlyName: "Hello", ...more });
    await engine.up(hello({}));
    await engine.up(hello({ state: "closed" }));
    await expectSettled(twilio, engine, hello({ state: "closed" }));
    twilio.requests();
    await expect(engine.preview(hello({ state: "active" }))).rejects.toThrow(
      /is closed, and a closed conversation cannot become "active" again/,
    );
    await expect(engine.preview(hello({ state: "closed", friendlyName: "Bye" }))).rejects.toThrow("cannot be changed (friendlyName)");
    expect(twilio.writes()).toEqual([]);
    expect(await engine.up(hello({ state: "closed", onDelete: "delete" }))).toEqual({ it: "update" });
    await engine.destroy();
    expect(await created()).toEqual([]);
  });

  it("causes no update if somebody else closed it and the program does not declare `state`", async () => {
    const { engine, program } = await oneResource(twilio, conversation);
    await engine.up(program({ service: "«service»" }));
    await twilio.rest("POST", ...twilio.pathOf(conversation.type, engine.of("it").id), { State: "closed" });
    expect(await engine.refresh()).toEqual({ it: "changed" });
    await expectSettled(twilio, engine, program({ service: "«service»" }));
  });
});
