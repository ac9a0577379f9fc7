import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import { Crash } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const kinds: [string, Definition, Props, string][] = [
  ["a conversation with a default name", conversation, { service: "«service»", uniqueName: "it~0123456", friendlyName: "One" }, "delete"],
  ["a participant", participant, { conversation: "«conversation»", identity: "ada" }, "delete"],
  ["a number found by search", phoneNumber, { search: { country: "US", areaCode: "415" } }, "release"],
];

describe.each(kinds)("%s whose state is lost", (_what, definition, args, remove) => {
  it("is adopted after a finished create: it is named, and destroy keeps it, whatever onDelete says", async () => {
    const { engine, program, created } = await oneResource(twilio, definition);
    await engine.up(program(args));
    const { id } = engine.of("it");
    const again = twilio.engine();
    const declared = program({ ...args, onDelete: remove });
    await again.up(declared);
    expect(again.of("it").id).toBe(id);
    expect(twilio.log.join("\n")).toContain("It is treated as adopted");
    await expectSettled(twilio, again, declared);
    await again.refresh();
    await again.destroy();
    expect(await created()).toEqual([id.split("/").at(-1)]);
  });

  it("is owned again once the program adopts it by its SID", async () => {
    const { engine, program, created } = await oneResource(twilio, definition);
    await engine.up(program(args));
    const { id } = engine.of("it");
    const again = twilio.engine();
    await again.up(program(args));
    const owned = program({ ...args, search: undefined, adopt: id.split("/").at(-1), onDelete: remove });
    expect(await again.up(owned)).toEqual({ it: "update" });
    await expectSettled(twilio, again, owned);
    await again.destroy();
    expect(await created()).toEqual([]);
  });

  it("is this resource's after a create that was cut off: destroy deletes it", async () => {
    const { engine, program, created } = await oneResource(twilio, definition);
    const declared = program({ ...args, onDelete: remove });
    await expect(engine.up(declared, { crashAfterCreating: "it" })).rejects.toThrow(Crash);
    await engine.up(declared);
    expect(twilio.log.join("\n")).toContain("interrupted run");
    await engine.destroy();
    expect(await created()).toEqual([]);
  });
});

it("a conversation with a default name keeps it after the program has adopted it by its SID", async () => {
  const { engine, program, live } = await oneResource(twilio, conversation);
  const declared = { service: "«service»", friendlyName: "One" };
  await engine.up(program(declared));
  const { unique_name: name } = await live();
  const sid = engine.of("it").id.split("/").at(-1);
  const again = twilio.engine();
  await again.up(program(declared));
  for (const friendlyName of ["One", "Two", "Three"]) {
    await again.up(program({ ...declared, friendlyName, adopt: sid }));
    expect(await live()).toMatchObject({ unique_name: name, friendly_name: friendlyName });
  }
  expect(again.of("it").outputs.__found).toBeUndefined();
  await expectSettled(twilio, again, program({ ...declared, friendlyName: "Three" }));
  again.stack = "renamed";
  await again.up(program({ ...declared, friendlyName: "Four" }));
  expect(await live()).toMatchObject({ unique_name: name, friendly_name: "Four" });
});

describe("a number that an earlier destroy has kept", () => {
  const kept = async (search: Props) => {
    const resource = await oneResource(twilio, phoneNumber);
    await resource.engine.up(resource.program({ search: { country: "US", areaCode: "415", smsEnabled: true } }));
    const { id } = resource.engine.of("it");
    await resource.engine.destroy();
    await resource.engine.up(resource.program({ search }));
    return { ...resource, id };
  };

  it.each<[string, Props]>([
    ["country", { country: "GB", type: "mobile" }],
    ["type", { country: "US", type: "toll-free" }],
    ["areaCode", { country: "US", areaCode: "212" }],
    ["contains", { country: "US", contains: "+1212" }],
  ])("is not used where it does not meet %s, and that is said", async (condition, search) => {
    const { engine, id, created } = await kept(search);
    expect(engine.of("it").id).not.toBe(id);
    expect(twilio.log.join("\n")).toMatch(
      new RegExp(`\\(${id}\\), which was bought for this resource before, does not meet .*${condition}.* and is not used`),
    );
    expect(await created()).toHaveLength(2);
  });

  it.each<[string, Props]>([
    ["less", { country: "US" }],
    ["a place, which Twilio does not tell of a number", { country: "US", inRegion: "CA" }],
    ["digits that it has", { country: "US", contains: "415*******" }],
  ])("is used where the search asks for %s", async (_what, search) => {
    const { engine, id, created } = await kept(search);
    expect(engine.of("it").id).toBe(id);
    expect(await created()).toEqual([id]);
  });
});

describe("a refresh that finds nothing", () => {
  const two = (twice: Definition, args: Props) =>
    ["it", "other"].map((name) => ({ name, definition: twice, args: { ...args, friendlyName: name } }));
  const remove = (engine: { of(name: string): { id: string } }, name: string) =>
    twilio.rest("DELETE", ...twilio.pathOf(conversationService.type, engine.of(name).id));

  it("of several objects is refused, and the state keeps them", async () => {
    const { engine } = await oneResource(twilio, conversationService);
    await engine.up(two(conversationService, {}));
    await remove(engine, "it");
    await remove(engine, "other");
    const before = engine.state;
    await expect(engine.refresh()).rejects.toThrow(/None of the stack's objects.*account AC.*acceptAllMissing/);
    expect(engine.state).toEqual(before);
  });

  it("of several objects is believed where the configuration accepts it", async () => {
    const { engine } = await oneResource(twilio, conversationService, { "twilio:acceptAllMissing": "true" });
    await engine.up(two(conversationService, {}));
    await remove(engine, "it");
    await remove(engine, "other");
    expect(await engine.refresh()).toEqual({ it: "gone", other: "gone" });
  });

  it("of one object, or of what was inside one object, is believed", async () => {
    const { engine, fixture } = await oneResource(twilio, conversation);
    const room = { name: "room", definition: conversation, args: { service: fixture.service, uniqueName: "room" } };
    const members = ["ada", "bob"].map((identity) => ({
      name: identity,
      definition: participant,
      args: (of: (name: string) => Props) => ({ conversation: of("room").id, identity }),
    }));
    await engine.up([room, ...members]);
    await twilio.rest("DELETE", ...twilio.pathOf(conversation.type, engine.of("room").id));
    expect(await engine.refresh()).toEqual({ room: "gone", ada: "gone", bob: "gone" });
  });
});

it("a preview names each of several numbers that it finds by their marks, and none is bought", async () => {
  const { engine, created } = await oneResource(twilio, phoneNumber);
  const program = ["it", "other"].map((name) => ({ name, definition: phoneNumber, args: { search: { country: "US", areaCode: "415" } } }));
  await engine.up(program);
  const again = twilio.engine();
  twilio.log.length = 0;
  await again.preview(program);
  expect(twilio.log.filter((line) => line.includes("carries the mark of this resource"))).toHaveLength(2);
  expect(twilio.log.join("\n")).not.toContain("will buy");
  await again.up(program);
  expect(twilio.log.join("\n")).not.toContain("was bought instead");
  expect(await created()).toHaveLength(2);
});

it("a create whose second step failed is finished once the engine has the object in its state", async () => {
  const { engine, program } = await oneResource(twilio, phoneNumber);
  const named = { search: { country: "US", areaCode: "415" }, friendlyName: "Front desk" };
  await twilio.control("POST", "faults", { method: "POST", path: "*/IncomingPhoneNumbers/{Sid}.json", status: 400, times: 1 });
  await expect(engine.up(program(named))).rejects.toThrow("exists and is in the state");
  expect(engine.of("it").id).toMatch(/^PN/);
  expect([...twilio.notes.keys()].filter((key) => key.startsWith(phoneNumber.type))).toEqual([]);
});
