/** Data that are refused, and a data file that changes. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type DataChange, startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { Control } from "./support/control";
import { clone, folder, type Sids, start, YAML } from "./support/data";

const refusal = async (data: object | string): Promise<string> =>
  startEmulator({ data }).then(
    () => "accepted",
    (error: Error) => error.message,
  );

describe("wrong data", () => {
  it.each([
    [{ conversation: {} }, "conversation: is not a section: did you mean conversations?"],
    [{ conversations: [] }, 'conversations: must be an object with objects by name, as in {"name": {…}}, but is []'],
    [{ conversations: { a: { servce: "x" } } }, "conversations.a.servce: is not a property of a conversation: did you mean service?"],
    [
      { services: { desk: {}, shop: {} }, conversations: { a: { service: "dsk" } } },
      'conversations.a.service: must be a name in services (desk, shop), but is "dsk": did you mean desk?',
    ],
    [{ conversations: { a: { friendlyName: 5 } } }, "conversations.a.friendlyName: must be a string, but is 5: put it in quotes"],
    [
      { conversations: { a: { timers: { inactiv: "PT1H" } } } },
      "conversations.a.timers.inactiv: is not a property of a conversation: did you mean inactive?",
    ],
    [{ messages: { a: { body: "x" } } }, "messages.a: a message must have conversation: add it"],
    [
      { conversations: { c: {} }, conversationWebhooks: { a: { conversation: "c", target: "webhok", url: "https://x:geheim@y.z" } } },
      'conversationWebhooks.a.target: must be one of webhook, trigger, studio, but is "webhok": did you mean webhook?',
    ],
    [
      { numbers: { a: { smsUrl: "htp://user:geheim@x" } } },
      'numbers.a.smsUrl: must be an absolute URL with http or https, but is "htp://***@x"',
    ],
    [{ conversations: { "1": {} } }, "conversations.1: the name must begin with a letter"],
    [
      {
        participants: { p: { conversation: "c", address: "+15558675310", proxyAddress: "suport" } },
        numbers: { support: {} },
        conversations: { c: {} },
      },
      'participants.p.proxyAddress: must be a name in numbers (support), but is "suport": did you mean support?',
    ],
    // Twilio's own rules, for each object; what depends on a refused one is not reported.
    [
      {
        conversations: { a: { uniqueName: "x" }, b: { uniqueName: "x" } },
        messages: { m: { conversation: "b", body: "x" } },
        numbers: { n: { phoneNumber: "+1" } },
      },
      "conversations.b: Twilio refuses this (50353)",
    ],
  ])("%j is refused with the path, what must be true and what to do", async (data, message) => {
    const text = await refusal(data);
    expect(text).toContain(message);
    expect(text).not.toContain("geheim");
  });

  it("reports everything at once, with the lines of the file, and leaves the folder as it was", async () => {
    const path = join(await folder(), "twilio.yaml");
    const stateDir = join(await folder(), ".twilio");
    await writeFile(path, "services:\n  desk.one:\n    friendlyNam: x\nconversations:\n  a:\n    service: desk\n    uniqueName: 1\n");
    await expect(startEmulator({ data: path, stateDir })).rejects.toThrow(
      [
        `${path} was not applied, and nothing has changed:`,
        "  line 3: services.desk.one.friendlyNam: is not a property of a conversation service: did you mean friendlyName?",
        "  line 7: conversations.a.uniqueName: must be a string, but is 1: put it in quotes",
        '  line 6: conversations.a.service: must be a name in services (desk.one), but is "desk": add it to services, or use one of its names',
      ].join("\n"),
    );
    await writeFile(path, "services: {desk: {}}\nconversations: {a: {}, b: {uniqueName: x}, c: {uniqueName: x}}\n");
    await expect(startEmulator({ data: path, stateDir })).rejects.toThrow("conversations.c: Twilio refuses this (50353)");
    const emulator = await start({ stateDir });
    expect((await connect(emulator).conversations.services.list()).length).toBe(1);
    expect(emulator.sids).toEqual({});
  });

  it.each([
    ["services:\n  a: {}\n  a: {}\n", "line 3: Map keys must be unique"],
    ["services: [\n", "line 2: "],
    [
      "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c]\n",
      "must be plain data",
    ],
    ["text", 'the data must be an object with sections, but is "text"'],
  ])("the file %j is refused", async (text, message) => {
    const path = join(await folder(), "twilio.yaml");
    await writeFile(path, text);
    expect(await refusal(path)).toContain(message);
  });

  it("a file that does not exist is refused", async () => {
    expect(await refusal("/no/such.yaml")).toContain("the file must exist and be readable");
  });

  it("fails the JSON schema as well, which valid data pass", async () => {
    const emulator = await start({});
    const { body: schema } = await new Control(emulator.url).call("GET", "data/schema");
    const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
    const valid = JSON.parse(JSON.stringify(parse(YAML), (_key, value) => value ?? {})) as object;
    expect([validate(valid), validate.errors]).toEqual([true, null]);
    for (const data of [{ conversation: {} }, { messages: { a: { body: "x" } } }, { conversations: { a: { timers: { x: "" } } } }])
      expect(validate(data)).toBe(false);
  });
});

describe("a watched file", () => {
  it("changes objects when it changes, and nothing while it is wrong", async () => {
    const path = join(await folder(), "twilio.yaml");
    const changes: DataChange[] = [];
    let arrived = () => {};
    const onDataChange = (change: DataChange) => {
      changes.push(change);
      arrived();
    };
    /** Replaces the file, as editors do, and waits until that was applied. */
    const write = async (text: string): Promise<DataChange> => {
      const next = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
      await next;
      return changes.at(-1) as DataChange;
    };
    await writeFile(path, "conversations: {a: {friendlyName: A}, b: {}}\n");
    const emulator = await start({ data: path, onDataChange });
    const before = clone(emulator.sids) as Sids;
    expect(await write("conversations: {a: {friendlyName: AA}, c: {}}\n")).toEqual({
      created: ["conversations.c"],
      updated: ["conversations.a"],
      deleted: ["conversations.b"],
      problems: [],
    });
    const { conversations } = connect(emulator);
    expect(await conversations.conversations(before.conversations?.a as string).fetch()).toMatchObject({ friendlyName: "AA" });
    const valid = clone(emulator.sids);
    const wrong = await write("conversations: {a: {friendlyNme: AAA}}\n");
    expect(wrong.problems).toMatchObject([{ path: "conversations.a.friendlyNme", line: 1 }]);
    expect(emulator.sids).toEqual(valid);
    const { body } = await new Control(emulator.url).call("GET", "data");
    expect(body).toMatchObject({ sids: valid, problems: wrong.problems });
    expect((await new Control(emulator.url).call("POST", "data")).status).toBe(400);
  });
});
