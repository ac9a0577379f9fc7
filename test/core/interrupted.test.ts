import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition, Props } from "../../src/core/lifecycle/definition";
import { phoneNumber } from "../../src/numbers/phone-number";
import { Crash, type Declared } from "../support/mini-engine";
import { expectSettled, stage } from "../support/stage";
import { World } from "../support/world";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

describe("a whole program", () => {
  /** The quickstart: each resource follows from those before it. */
  const quickstart = (more: Record<string, Props> = {}): Declared[] => [
    { name: "number", definition: phoneNumber, args: { search: { country: "US", smsEnabled: true }, ...more.number } },
    { name: "service", definition: conversationService, args: { friendlyName: "Support", ...more.service } },
    { name: "room", definition: conversation, args: (of) => ({ service: of("service").id, friendlyName: "Hello", ...more.room }) },
    {
      name: "mobile",
      definition: participant,
      args: (of) => ({ conversation: of("room").id, sms: { address: "+15558675310", proxyAddress: of("number").phoneNumber } }),
    },
    { name: "ada", definition: participant, args: (of) => ({ conversation: of("room").id, identity: "ada", ...more.ada }) },
  ];

  it("is previewed without a write, made as previewed, and then settled", async () => {
    const { engine } = await stage(world, phoneNumber);
    const all = (step: string) => Object.fromEntries(["number", "service", "room", "mobile", "ada"].map((name) => [name, step]));
    expect(await engine.preview(quickstart())).toEqual(all("create"));
    expect(world.writes()).toEqual([]);
    expect(await engine.up(quickstart())).toEqual(all("create"));
    expect(world.writes()).toHaveLength(5);
    await expectSettled(world, engine, quickstart());
    expect(await engine.refresh()).toEqual({});
    await engine.destroy();
    expect(engine.state).toEqual([]);
  });

  it("buys what its preview has shown, whatever is for sale by then", async () => {
    const { engine, made } = await stage(world, phoneNumber);
    await engine.preview(quickstart());
    const shown = world.log.find((line) => line.startsWith("will buy")) as string;
    await engine.up(quickstart());
    expect(shown).toContain(String(engine.of("number").outputs.phoneNumber));
    expect(await made()).toHaveLength(1);
  });

  it.each(["number", "service", "room", "mobile", "ada"])("that died after making its %s goes on where it was", async (name) => {
    const { engine } = await stage(world, phoneNumber);
    await expect(engine.up(quickstart(), { crashAfterCreating: name })).rejects.toThrow(Crash);
    world.requests();
    const steps = await engine.up(quickstart());
    expect(steps[name]).toBe("create");
    const creations = world.writes().length;
    expect(creations).toBeLessThan(5);
    await expectSettled(world, engine, quickstart());
    for (const { type, id } of engine.state) expect((await world.read(type, id)).sid).toBe(id.split("/").at(-1));
  });

  it("changes what depends on nothing of a change not at all", async () => {
    const { engine } = await stage(world, phoneNumber);
    await engine.up(quickstart());
    const changed = quickstart({ number: { smsUrl: "https://example.com" }, room: { friendlyName: "Bye" } });
    const steps = { number: "update", service: "same", room: "update", mobile: "same", ada: "same" };
    expect(await engine.preview(changed)).toEqual(steps);
    expect(await engine.up(changed)).toEqual(steps);
  });

  it("replaces what lies in what is replaced, the inner ones first to go", async () => {
    const { engine } = await stage(world, phoneNumber);
    await engine.up(quickstart());
    const renamed = quickstart({ service: { friendlyName: "Sales", forceDestroy: true } });
    world.requests();
    const steps = { number: "same", service: "replace", room: "replace", mobile: "replace", ada: "replace" };
    expect(await engine.preview(renamed)).toEqual(steps);
    expect(world.writes()).toEqual([]);
    expect(await engine.up(renamed)).toEqual(steps);
    await expectSettled(world, engine, renamed);
  });

  it("does not replace a service that holds what is not its own, and says what that is", async () => {
    const { engine } = await stage(world, phoneNumber);
    await engine.up(quickstart());
    world.requests();
    await expect(engine.up(quickstart({ service: { friendlyName: "Sales" } }))).rejects.toThrow(
      /Twilio cannot rename a service.*\("Hello"\)/,
    );
    expect(world.writes()).toEqual([]);
  });
});

describe("half made", () => {
  it("a service is kept, and made whole by the next update", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await world.control("POST", "faults", { method: "GET", path: "*/Configuration", status: 403, times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow("Cannot read the configuration");
    expect(await made()).toEqual([engine.of("it").id]);
    expect(engine.of("it").initErrors?.[0]).toContain("HTTP 403");
    expect(await engine.up(program({ friendlyName: "Support" }))).toEqual({ it: "update" });
    expect(engine.of("it").outputs.configuration).toMatchObject({ defaultConversationRoleSid: expect.stringMatching(/^RL/) });
    expect(await made()).toHaveLength(1);
    await expectSettled(world, engine, program({ friendlyName: "Support" }));
  });

  it("a service can still be destroyed", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await world.control("POST", "faults", { method: "GET", path: "*/Configuration", status: 403, times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow();
    await engine.destroy();
    expect(await made()).toEqual([]);
  });

  it("a number that was bought but not named is kept, and named by the next update", async () => {
    const { engine, program, made, live } = await stage(world, phoneNumber);
    const wanted = program({ areaCode: "415", friendlyName: "Front desk" });
    await world.control("POST", "faults", { method: "POST", path: "*/IncomingPhoneNumbers/*", status: 403, times: 1 });
    await expect(engine.up(wanted)).rejects.toThrow("HTTP 403");
    expect(await made()).toEqual([engine.of("it").id]);
    expect(await engine.up(wanted)).toEqual({ it: "update" });
    expect(await made()).toHaveLength(1);
    expect((await live()).friendly_name).toBe("Front desk");
    await expectSettled(world, engine, wanted);
  });

  it("a replacement that fails leaves the old one where it was", async () => {
    const { engine, program, made } = await stage(world, conversation);
    await engine.up(program({ service: "«service»", friendlyName: "Hello" }));
    const before = engine.state;
    await world.control("POST", "faults", { method: "POST", status: 400, times: 1 });
    await expect(engine.up(program({ service: "«otherService»", friendlyName: "Hello" }))).rejects.toThrow("HTTP 400");
    expect(engine.state).toEqual(before);
    expect(await made()).toHaveLength(1);
    expect(await engine.up(program({ service: "«otherService»", friendlyName: "Hello" }))).toEqual({ it: "replace" });
    expect(await made()).toEqual([]);
  });

  it("a replacement whose old one could not be deleted deletes it next time", async () => {
    const { engine, program, made } = await stage(world, conversation);
    await engine.up(program({ service: "«service»" }));
    await world.control("POST", "faults", { method: "DELETE", status: 400, times: 1 });
    await expect(engine.up(program({ service: "«otherService»" }))).rejects.toThrow("Cannot delete Conversation");
    expect(await made()).toHaveLength(1);
    await engine.up(program({ service: "«otherService»" }));
    expect(await made()).toEqual([]);
    await expectSettled(world, engine, program({ service: "«otherService»" }));
  });
});

describe("a create that Twilio never saw", () => {
  it.each<[string, Definition, Props]>([
    ["a number", phoneNumber, { phoneNumber: "«forSale»" }],
    ["a number by search", phoneNumber, { areaCode: "415" }],
    ["a conversation", conversation, { service: "«service»" }],
    ["a conversation with a name of its own", conversation, { service: "«service»", uniqueName: "lobby" }],
    ["a person in a chat", participant, { conversation: "«room»", identity: "ada" }],
    ["a phone", participant, { conversation: "«room»", sms: { address: "+15558675310", proxyAddress: "«number0»" } }],
    ["a phone in a group text", participant, { conversation: "«room»", address: "+14155550100" }],
  ])("of %s is sent again once it is clear that nothing was made", async (_what, definition, args) => {
    const { engine, program, made } = await stage(world, definition);
    await world.control("POST", "faults", { method: "POST", drop: "before", times: 1 });
    expect(await engine.up(program(args))).toEqual({ it: "create" });
    expect(await made()).toHaveLength(1);
    await expectSettled(world, engine, program(args));
  });

  it("of a service waits for the next run, since Twilio would make two of it", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await world.control("POST", "faults", { method: "POST", drop: "before", times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow("run `pulumi up` again");
    expect(await made()).toEqual([]);
    await engine.up(program({ friendlyName: "Support" }));
    expect(await made()).toHaveLength(1);
  });
});

/** Resources of which there can be only one: a second one of the same key is a conflict. */
const singular: [string, Definition, Props][] = [
  ["a person in a chat", participant, { conversation: "«room»", identity: "ada" }],
  ["a phone", participant, { conversation: "«room»", sms: { address: "+15558675310", proxyAddress: "«number0»" } }],
  ["a conversation with a name of its own", conversation, { service: "«service»", uniqueName: "lobby" }],
];

describe("a resource that is renamed without an alias", () => {
  const renamed = (program: Declared[]): Declared[] => program.map((declared) => ({ ...declared, name: "renamed" }));

  it.each(singular)("hands %s over: it is neither made anew nor deleted with the old name", async (_what, definition, args) => {
    const { engine, program, made } = await stage(world, definition);
    await engine.up(program(args));
    const [object, ...more] = await made();
    expect(more).toEqual([]);
    // A conversation's note was forgotten by then, and nothing says any more that it is ours.
    if (definition === conversation) {
      await expect(engine.up(renamed(program(args)))).rejects.toThrow("In the way is");
    } else {
      await engine.up(renamed(program(args)));
      expect(engine.state.map(({ name, id }) => [name, id.split("/").at(-1)])).toEqual([["renamed", object]]);
      expect(world.log.join()).toContain("is another resource's of this stack by now and stays");
      await expectSettled(world, engine, renamed(program(args)));
    }
    expect(await made()).toEqual([object]);
  });

  it.each(singular.slice(0, 2))("hands %s over although the run dies after taking it", async (_what, definition, args) => {
    const { engine, program, made } = await stage(world, definition);
    await engine.up(program(args));
    const before = await made();
    await expect(engine.up(renamed(program(args)), { crashAfterCreating: "renamed" })).rejects.toThrow(Crash);
    await engine.up(renamed(program(args)));
    expect(await made()).toEqual(before);
    await expectSettled(world, engine, renamed(program(args)));
  });
});

describe("a resource that the engine is told to replace", () => {
  it.each([...singular, ["a conversation", conversation, { service: "«service»" }] as const])(
    "does not take %s for its own replacement, and says what to do",
    async (_what, definition, args) => {
      const { engine, program, made } = await stage(world, definition);
      await engine.up(program(args));
      const before = await made();
      await expect(engine.up(program(args), { replace: "it" })).rejects.toThrow(/deleteBeforeReplace: true|In the way is/);
      expect(await made()).toEqual(before);
      await expectSettled(world, engine, program(args));
    },
  );

  it.each<[string, Definition, Props, Props]>([
    ["a person in a chat", participant, { conversation: "«room»", identity: "ada" }, { conversation: "«room»", identity: "bob" }],
    [
      "a phone in another room",
      participant,
      { conversation: "«room»", address: "+14155550100" },
      { conversation: "«otherRoom»", address: "+14155550100" },
    ],
    ["a conversation", conversation, { service: "«service»" }, { service: "«otherService»" }],
  ])("finds the replacement of %s again that a killed run has made", async (_what, definition, before, after) => {
    const { engine, program, made } = await stage(world, definition);
    await engine.up(program(before));
    await expect(engine.up(program(after), { crashAfterCreating: "it" })).rejects.toThrow(Crash);
    await engine.up(program(after));
    await expectSettled(world, engine, program(after));
    const objects = (await made()).filter((sid) => engine.state.some(({ id }) => id.endsWith(sid)));
    // What lies in the other service is not listed here.
    if (definition === participant) expect(await made()).toEqual(objects);
    else expect(await made()).toEqual([]);
  });

  it("is another service afterwards, right after it was made too", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await engine.up(program({ friendlyName: "Support" }));
    const [before] = await made();
    await engine.up(program({ friendlyName: "Support" }), { replace: "it" });
    const after = await made();
    expect(after).toEqual([engine.of("it").id]);
    expect(after).not.toContain(before);
  });
});

describe("a note of an interrupted create", () => {
  const urn = (definition: Definition, name = "it") => `urn:pulumi:dev::laws::pulumi-nodejs:${definition.type}::${name}`;

  it("proves nothing of what somebody else makes a day later", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    const key = `service "Support" ${urn(conversationService)}`;
    world.notes.set(key, JSON.stringify({ key, at: new Date(Date.now() - 86_400_000).toISOString() }));
    const theirs = await world.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" });
    await engine.up(program({ friendlyName: "Support" }));
    expect(engine.of("it").id).not.toBe(theirs.sid);
    expect(await made()).toHaveLength(2);
  });

  it("proves nothing of a number that is another's", async () => {
    const { engine, program, fixture } = await stage(world, phoneNumber);
    const [number] = fixture.numbers;
    world.notes.set(`number ${urn(phoneNumber)} ${number}`, JSON.stringify({ at: new Date().toISOString() }));
    await expect(engine.up(program({ phoneNumber: number, smsUrl: "https://example.com" }))).rejects.toThrow(
      "is a number of this account already",
    );
    expect(engine.state).toEqual([]);
  });

  it("of one resource proves nothing to another that wants the same name", async () => {
    const { engine, program, made, live } = await stage(world, conversation);
    const lobby = program({ service: "«service»", uniqueName: "lobby", friendlyName: "Ours" });
    await engine.up(lobby);
    const { sid } = await live();
    const other = world.engine();
    await expect(other.up(lobby.map((declared) => ({ ...declared, name: "other" })))).rejects.toThrow(
      new RegExp(`50353[\\s\\S]*In the way is ${sid} \\("Ours"\\), active, of service IS`),
    );
    expect(await made()).toEqual([sid]);
  });
});

describe("a purchase that Twilio carries out late", () => {
  it("is waited for: that Twilio will not sell the number meanwhile leads to no other one", async () => {
    const { engine, program, made } = await stage(world, phoneNumber, { "twilio:callTimeout": "1" });
    const path = "*/IncomingPhoneNumbers.json";
    // Twilio is at work on the first request, and sells the number to nobody else meanwhile.
    await world.control("POST", "faults", { method: "POST", path, delayMs: 3500, times: 1 });
    await world.control("POST", "faults", { method: "POST", path, nth: 2, times: 1, status: 400, code: 21422 });
    await engine.up(program({ areaCode: "415" }));
    expect(world.log.join()).toContain("may be on its way from a purchase without an answer");
    expect(await made()).toEqual([engine.of("it").id]);
    await expectSettled(world, engine, program({ areaCode: "415" }));
  });
});

describe("two participants that swap their identities", () => {
  it("are whole after two runs at the most, and two", async () => {
    const { engine, fixture, made } = await stage(world, participant);
    const people = (one: string, two: string): Declared[] =>
      [one, two].map((identity, index) => ({ name: `p${index}`, definition: participant, args: { conversation: fixture.room, identity } }));
    await engine.up(people("ada", "bob"));
    await engine.up(people("bob", "ada")).catch(() => engine.up(people("bob", "ada")));
    await expectSettled(world, engine, people("bob", "ada"));
    expect(await made()).toHaveLength(2);
    expect([engine.of("p0").outputs.identity, engine.of("p1").outputs.identity]).toEqual(["bob", "ada"]);
  });
});

describe("two runs of one program at once, each with a backend and notes of its own", () => {
  it.each([{ areaCode: "415" }, { search: { country: "US", areaCode: "415" } }])("buy one number and share it (%j)", async (way) => {
    const { engine, program, made } = await stage(world, phoneNumber);
    const other = world.engine({}, new Map());
    await Promise.all([engine.up(program(way)), other.up(program(way))]);
    expect(await made()).toEqual([engine.of("it").id]);
    expect(other.of("it").id).toBe(engine.of("it").id);
  });

  it("buy one where the program names it: the other run asks instead of buying", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    const other = world.engine({}, new Map());
    const named = program({ areaCode: "415", friendlyName: "Front desk" });
    const ended = await Promise.allSettled([engine.up(named), other.up(named)]);
    expect(await made()).toHaveLength(1);
    for (const end of ended) if (end.status === "rejected") expect(String(end.reason)).toContain("a number of that name already");
    expect(ended.some(({ status }) => status === "fulfilled")).toBe(true);
  });
});

describe("a number whose resource was renamed and keeps its mark", () => {
  it("is not taken for that of a new resource with the old name", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    await engine.up(program({ areaCode: "415" }));
    const number = engine.of("it").outputs.phoneNumber;
    const later = world.engine();
    const moved: Declared[] = [{ name: "main-line", definition: phoneNumber, args: { adopt: number } }];
    await later.up(moved);
    await later.up([...moved, ...program({ areaCode: "415" })]);
    expect(later.of("it").outputs.phoneNumber).not.toBe(number);
    expect(await made()).toHaveLength(2);
  });
});

describe("a service whose create Twilio carries out late", () => {
  it("is waited for, and is one", async () => {
    const { engine, program, made } = await stage(world, conversationService, { "twilio:callTimeout": "1" });
    await world.control("POST", "faults", { method: "POST", path: "*/Services", delayMs: 2500, times: 1 });
    expect(await engine.up(program({ friendlyName: "Support" }))).toEqual({ it: "create" });
    expect(world.log.join()).toContain("may still be on its way");
    expect(await made()).toEqual([engine.of("it").id]);
    await expectSettled(world, engine, program({ friendlyName: "Support" }));
  });

  it("is told from one that was made before by somebody else, by Twilio's clock", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await world.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" });
    await world.control("POST", "clock", { advanceSeconds: 3600 });
    await world.control("POST", "faults", { method: "POST", path: "*/Services", drop: "after", times: 1 });
    await engine.up(program({ friendlyName: "Support" }));
    const [theirs, ours, ...more] = await made();
    expect([more, engine.of("it").id]).toEqual([[], ours]);
    expect(theirs).not.toBe(ours);
  });
});

describe("two services of one name that were interrupted together", () => {
  const twins: Declared[] = ["one", "two"].map((name) => ({ name, definition: conversationService, args: { friendlyName: "Support" } }));

  it("are found again, one each", async () => {
    const { engine, made } = await stage(world, conversationService);
    await world.control("POST", "faults", { method: "POST", path: "*/Services", drop: "after" });
    await world.control("POST", "faults", { method: "GET", path: "*/Services", status: 403 });
    for (const name of ["one", "two"]) {
      const alone = twins.filter((twin) => twin.name === name);
      await expect(engine.up(alone)).rejects.toThrow();
    }
    await world.control("DELETE", "faults");
    await engine.up(twins);
    expect(await made()).toHaveLength(2);
    expect(new Set([engine.of("one").id, engine.of("two").id]).size).toBe(2);
    await expectSettled(world, engine, twins);
  });
});

describe("a conversation whose program wants no owner mark", () => {
  const room = { service: "«service»", ownerMark: "none-may-duplicate" };

  it("has no unique name, and gets the default one when the mark is wanted again", async () => {
    const { engine, program, live } = await stage(world, conversation);
    await engine.up(program(room));
    expect((await live()).unique_name).toBeNull();
    await expectSettled(world, engine, program(room));
    await engine.up(program({ service: "«service»" }));
    expect((await live()).unique_name).toMatch(/^it~[0-9a-f]{7}$/);
    await engine.up(program(room));
    expect((await live()).unique_name).toBeNull();
  });

  it("is not made a second time by the same run, and the error says that nothing can tell what became of it", async () => {
    const { engine, program, made } = await stage(world, conversation);
    await world.control("POST", "faults", { method: "POST", drop: "after", times: 1 });
    const refused = engine.up(program(room));
    await expect(refused).rejects.toThrow("look for it at Twilio before you run `pulumi up`, and take it over with `adopt`");
    await expect(refused).rejects.not.toThrow("it looks first");
    expect(await made()).toHaveLength(1);
  });
});

describe("a number that was chosen by search and has a name of its own", () => {
  const wanted: Props = { areaCode: "415", friendlyName: "Front desk" };

  it("is found again by the note of its purchase when the state is lost", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    await engine.up(program(wanted));
    const again = world.engine();
    await again.up(program(wanted));
    expect(again.of("it").id).toBe(engine.of("it").id);
    expect(await made()).toHaveLength(1);
  });

  it("is asked about, and not bought a second time, when the notes are lost too", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    await engine.up(program(wanted));
    world.notes.clear();
    const { id, outputs } = engine.of("it");
    world.requests();
    const again = world.engine();
    await expect(again.preview(program(wanted))).rejects.toThrow(
      `the account has a number of that name already, ${outputs.phoneNumber} (${id}); nothing was bought`,
    );
    expect(world.writes()).toEqual([]);
    await again.up(program({ adopt: outputs.phoneNumber, friendlyName: "Front desk" }));
    expect(await made()).toEqual([id]);
  });

  it("may share its name with other numbers of its program", async () => {
    const { engine, made } = await stage(world, phoneNumber);
    const several = (...names: string[]): Declared[] => names.map((name) => ({ name, definition: phoneNumber, args: wanted }));
    await engine.up(several("one", "two"));
    await engine.up(several("one", "two", "three"));
    world.notes.clear();
    await engine.up(several("one", "two", "three", "four"));
    expect(await made()).toHaveLength(4);
  });
});

describe("two numbers of one program", () => {
  it("that look for the same get one each, which their previews have shown", async () => {
    const { engine, made } = await stage(world, phoneNumber);
    const program: Declared[] = ["one", "two", "three"].map((name) => ({ name, definition: phoneNumber, args: { areaCode: "415" } }));
    await engine.up(program);
    expect(await made()).toHaveLength(3);
    const bought = program.map(({ name }) => engine.of(name).outputs.phoneNumber);
    expect(new Set(bought).size).toBe(3);
    for (const number of bought) expect(world.log.filter((line) => line.startsWith(`will buy ${number} `)).length).toBeGreaterThan(0);
    await expectSettled(world, engine, program);
  });
});

describe("a number that the engine is told to replace", () => {
  it.each([{ areaCode: "415" }, { search: { country: "US", areaCode: "415" } }])(
    "is another one from then on, and only the old one goes (%j)",
    async (way) => {
      const { engine, program, made } = await stage(world, phoneNumber);
      const number = program({ ...way, onDelete: "release" });
      await engine.up(number);
      const [old] = await made();
      expect(await engine.up(number, { replace: "it" })).toEqual({ it: "replace" });
      expect(engine.of("it").id).not.toBe(old);
      expect(await made()).toEqual([engine.of("it").id]);
      await expectSettled(world, engine, number);
    },
  );
});

describe("a given number that the engine is told to replace by itself", () => {
  it("is refused, since the old one, which is the new one, would be released", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    const number = program({ phoneNumber: world.forSale[7], onDelete: "release" });
    await engine.up(number);
    const before = await made();
    await expect(engine.up(number, { replace: "it" })).rejects.toThrow(/is a number of this account already/);
    expect(await made()).toEqual(before);
    await expectSettled(world, engine, number);
  });
});

describe("what is another's is not taken for one's own", () => {
  it("a conversation of the same name, though this resource once made one of that name", async () => {
    const { engine, program, fixture } = await stage(world, conversation);
    const room = program({ service: "«service»", uniqueName: "lobby" });
    await engine.up(room);
    await engine.destroy();
    const theirs = await world.rest("POST", "conversations", `/v1/Services/${fixture.service}/Conversations`, { UniqueName: "lobby" });
    await expect(engine.up(room)).rejects.toThrow(/50353[\s\S]*adopt/);
    expect(engine.state).toEqual([]);
    expect((await world.read(conversation.type, `${fixture.service}/${theirs.sid}`)).sid).toBe(theirs.sid);
  });

  it("a conversation of the same name that was there before an interrupted run began", async () => {
    const { engine, program, fixture } = await stage(world, conversation);
    const room = program({ service: "«service»", uniqueName: "lobby" });
    const path = `/v1/Services/${fixture.service}/Conversations`;
    await world.rest("POST", "conversations", path, { UniqueName: "lobby", DateCreated: "2020-01-01T00:00:00Z" });
    // The run dies before Twilio can say that the name is taken.
    world.notes.set(`conversation ${fixture.service} lobby`, JSON.stringify({ at: new Date().toISOString() }));
    await expect(engine.up(room)).rejects.toThrow("50353");
  });

  it("a service of the same name", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await world.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" });
    await engine.up(program({ friendlyName: "Support" }));
    expect(await made()).toHaveLength(2);
  });

  it("two services that may both be the lost one are named, and none is made", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await world.control("POST", "faults", { method: "POST", path: "/v1/Services", drop: "after", times: 1 });
    await world.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" }).catch(() => {});
    await world.control("POST", "faults", { method: "POST", path: "/v1/Services", drop: "after", times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow(/2 services are called "Support" \(IS.*IS.*adopt/);
    expect(await made()).toHaveLength(2);
  });

  it("a number of the account, whoever bought it", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    world.requests();
    await expect(engine.up(program({ phoneNumber: "«number0»" }))).rejects.toThrow(/is a number of this account already.*adopt/);
    expect(world.writes()).toEqual([]);
    expect(await made()).toEqual([]);
  });

  it("a pair that is bound elsewhere: the error names the conversation", async () => {
    const { engine, program, fixture } = await stage(world, participant);
    const sms = { address: "+15558675310", proxyAddress: "«number0»" };
    const [, otherRoom] = fixture.otherRoom.split("/");
    const [product, path] = world.pathOf("", fixture.otherRoom);
    await world.rest("POST", product, `${path}/Participants`, {
      "MessagingBinding.Address": sms.address,
      "MessagingBinding.ProxyAddress": fixture.numbers[0],
    });
    await expect(engine.up(program({ conversation: "«room»", sms }))).rejects.toThrow(
      new RegExp(`50416[\\s\\S]*What to do: the pair .* is bound in ${otherRoom}`),
    );
    expect(engine.state).toEqual([]);
  });
});

describe("names that mean something else in a path", () => {
  it.each([".", ".."])("an identity %j is not looked for in vain: no other thing is taken for it", async (identity) => {
    const { engine, program, made } = await stage(world, participant);
    const who = program({ conversation: "«room»", identity });
    await expect(engine.up(who, { crashAfterCreating: "it" })).rejects.toThrow(Crash);
    await expect(engine.up(who)).rejects.toThrow("50433");
    expect(await made()).toHaveLength(1);
  });

  it.each([".", "..", "nobody"])("adopting %j finds no other thing", async (adopt) => {
    const { engine, program } = await stage(world, participant);
    await expect(engine.up(program({ conversation: "«room»", identity: "ada", adopt }))).rejects.toThrow("there is none in account");
    expect(engine.state).toEqual([]);
  });
});

describe("adopting", () => {
  const adopted = async () => {
    const staged = await stage(world, conversation);
    const path = `/v1/Services/${staged.fixture.service}/Conversations`;
    const form = { UniqueName: "lobby", FriendlyName: "theirs", Attributes: '{"theirs":1}' };
    const { sid } = await world.rest("POST", "conversations", path, form);
    world.requests();
    return { ...staged, sid: String(sid), args: { service: "«service»", friendlyName: "ours", attributes: { ours: 2 } } };
  };

  it.each(["its SID", "its unique name"])(
    "takes an object over by %s, brings it to what is declared, and keeps it in the end",
    async (by) => {
      const { engine, program, sid, args, live, made } = await adopted();
      const room = program({ ...args, adopt: by === "its SID" ? sid : "lobby" });
      expect(await engine.up(room)).toEqual({ it: "create" });
      expect(engine.of("it").id).toContain(sid);
      expect(world.writes()).toHaveLength(1);
      const body = await live();
      expect(body).toMatchObject({ friendly_name: "ours", unique_name: "lobby" });
      expect(JSON.parse(String(body.attributes))).toEqual({ theirs: 1, ours: 2 });
      await expectSettled(world, engine, room);
      expect(await engine.refresh()).toEqual({});
      await engine.destroy();
      expect(await made()).toContain(sid);
    },
  );

  it("sends nothing where nothing differs, and deletes in the end when told to", async () => {
    const { engine, program, sid, made } = await adopted();
    const room = program({ service: "«service»", friendlyName: "theirs", adopt: sid, onDelete: "delete" });
    await engine.up(room);
    expect(world.writes()).toEqual([]);
    await engine.destroy();
    expect(await made()).not.toContain(sid);
  });

  it("is remembered when the program no longer says it: nothing is renamed, and the object stays in the end", async () => {
    const { engine, program, sid, args, live, made } = await adopted();
    await engine.up(program({ ...args, adopt: sid }));
    await expectSettled(world, engine, program(args));
    expect((await live()).unique_name).toBe("lobby");
    await engine.refresh();
    await expectSettled(world, engine, program(args));
    await engine.destroy();
    expect(await made()).toContain(sid);
  });

  it("refuses an object that cannot be brought to what is declared, before anything is written", async () => {
    const { engine, program, fixture } = await stage(world, conversationService);
    world.requests();
    const service = program({ friendlyName: "Support", adopt: fixture.service });
    await expect(engine.up(service)).rejects.toThrow(/its friendlyName is "fixture", and Twilio cannot change that/);
    expect(engine.state).toEqual([]);
    expect(world.writes()).toEqual([]);
    expect(await engine.up(program({ friendlyName: "fixture", adopt: "fixture" }))).toEqual({ it: "create" });
    expect(engine.of("it").id).toBe(fixture.service);
  });

  it("refuses a name that is none", async () => {
    const { engine, program } = await stage(world, conversation);
    await expect(engine.up(program({ service: "«service»", adopt: "nowhere" }))).rejects.toThrow(
      /Cannot adopt Conversation "nowhere": there is none/,
    );
    expect(engine.state).toEqual([]);
  });

  it("takes a number over by its SID or as a number, and keeps it", async () => {
    const { engine, program, fixture, made, named } = await stage(world, phoneNumber);
    await engine.up(program({ adopt: "«number0»", smsUrl: "https://example.com/a" }));
    expect(named(engine.of("it").outputs.phoneNumber)).toBe("«number0»");
    await expectSettled(world, engine, program({ adopt: "«number0»", smsUrl: "https://example.com/a" }));
    await expectSettled(world, engine, program({ adopt: engine.of("it").id, smsUrl: "https://example.com/a" }));
    await engine.destroy();
    expect(await made()).toEqual([]);
    expect(await world.all(phoneNumber.type, fixture)).toHaveLength(2);
    await expect(engine.up(program({ adopt: `PN${"0".repeat(32)}` }))).rejects.toThrow("there is no number");
  });
});

describe("reading what is not managed", () => {
  it("tells all there is, by the id that resources have", async () => {
    const { engine, fixture } = await stage(world, conversation);
    expect(await engine.get(conversation, fixture.room)).toMatchObject({ service: fixture.service, state: "active", attributes: {} });
    expect(await engine.get(conversationService, fixture.service)).toMatchObject({ friendlyName: "fixture", sid: fixture.service });
  });

  it("of what is not there is an error", async () => {
    const { engine, fixture } = await stage(world, conversation);
    const nothing = `${fixture.service}/CH${"0".repeat(32)}`;
    await expect(engine.get(conversation, nothing)).rejects.toThrow(`Conversation.get: there is no Conversation "${nothing}"`);
    await expect(engine.get(participant, "nonsense")).rejects.toThrow("there is no Participant");
    await expect(engine.get(phoneNumber, `PN${"0".repeat(32)}`)).rejects.toThrow("there is no PhoneNumber");
  });

  it("by anything but the id says what the id is", async () => {
    const { engine } = await stage(world, conversation);
    const { sid, chat_service_sid } = await world.rest("POST", "conversations", "/v1/Conversations", { UniqueName: "lobby" });
    const id = `${chat_service_sid}/${sid}`;
    for (const wrong of [String(sid), `${chat_service_sid}/lobby`]) {
      await expect(engine.get(conversation, wrong)).rejects.toThrow(`"${wrong}" is not an id; write "${id}"`);
    }
    expect(await engine.get(conversation, id)).toMatchObject({ sid });
  });
});

describe("an update of what somebody else deleted", () => {
  it("says that a refresh comes first, after which it is made anew", async () => {
    const { engine, program, made } = await stage(world, conversation);
    await engine.up(program({ service: "«service»", friendlyName: "Hello" }));
    await world.rest("DELETE", ...world.pathOf(conversation.type, engine.of("it").id));
    const changed = program({ service: "«service»", friendlyName: "Bye" });
    await expect(engine.up(changed)).rejects.toThrow(/Cannot update Conversation[\s\S]*20404[\s\S]*pulumi refresh/);
    await engine.refresh();
    expect(await engine.up(changed)).toEqual({ it: "create" });
    expect(await made()).toHaveLength(1);
  });
});

describe("a closed conversation", () => {
  it("can be closed, left alone and deleted, but neither reopened nor changed", async () => {
    const { engine, program, made } = await stage(world, conversation);
    const room = (more: Props) => program({ service: "«service»", friendlyName: "Hello", ...more });
    await engine.up(room({}));
    await engine.up(room({ state: "closed" }));
    await expectSettled(world, engine, room({ state: "closed" }));
    world.requests();
    await expect(engine.preview(room({ state: "active" }))).rejects.toThrow(
      /is closed, and a closed conversation cannot become "active" again/,
    );
    await expect(engine.preview(room({ state: "closed", friendlyName: "Bye" }))).rejects.toThrow("cannot be changed (friendlyName)");
    expect(world.writes()).toEqual([]);
    expect(await engine.up(room({ state: "closed", onDelete: "delete" }))).toEqual({ it: "update" });
    await engine.destroy();
    expect(await made()).toEqual([]);
  });

  it("that somebody else closed leaves a program that says nothing of it in peace", async () => {
    const { engine, program } = await stage(world, conversation);
    await engine.up(program({ service: "«service»" }));
    await world.rest("POST", ...world.pathOf(conversation.type, engine.of("it").id), { State: "closed" });
    expect(await engine.refresh()).toEqual({ it: "changed" });
    await expectSettled(world, engine, program({ service: "«service»" }));
  });
});
