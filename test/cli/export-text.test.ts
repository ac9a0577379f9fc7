import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CatalogEntry, catalogEntries } from "../../src/catalog";
import type { FoundObject } from "../../src/cli/commands/export/account";
import { Code, print } from "../../src/cli/commands/export/code";
import { declarationsOf, declare } from "../../src/cli/commands/export/declare";
import { namer } from "../../src/cli/commands/export/names";
import { files } from "../../src/cli/commands/export/program";
import { SecretValues } from "../../src/cli/commands/export/secret-values";
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Body } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";

describe("the order of an exported program", () => {
  it("is by type, then natural by name; equal names stay in Twilio's order", () => {
    const entry = (className: string) => catalogEntries.find(({ definition }) => definition.type.endsWith(`:${className}`)) as CatalogEntry;
    const sid = (prefix: string, n: number) => prefix + String(n).padStart(32, "0");
    const found = (className: string, id: string, body: Record<string, unknown>, children: FoundObject[] = []): FoundObject => ({
      entry: entry(className),
      sid: id,
      body: { sid: id, ...body },
      children,
    });
    const people = ["user 10", "user 9"].map((identity, n) => found("Participant", sid("MB", n), { identity }));
    const conversations = ["room 15", "room 17", "room 5", "room 5"].map((friendly_name, n) =>
      found("Conversation", sid("CH", n), { friendly_name }, n === 0 ? people : []),
    );
    const services = ["desk 12", "desk 3"].map((friendly_name, n) =>
      found("ConversationService", sid("IS", n), { friendly_name }, n === 0 ? conversations : []),
    );
    const declared = declarationsOf(declare({ objects: services, leftOut: [] }));
    expect(declared.map(({ name }) => name)).toEqual([
      "desk-3",
      "desk-12",
      "room-5",
      "room-5-2",
      "room-15",
      "room-15-user-9",
      "room-15-user-10",
      "room-17",
    ]);
    expect(declared.slice(2, 4).map(({ args }) => args.adopt)).toEqual([sid("CH", 2), sid("CH", 3)]);
  });
});

describe("names in an exported program", () => {
  it.each([
    ["Front desk", "front-desk", "frontDesk"],
    ["myFirstConversation", "my-first-conversation", "myFirstConversation"],
    ["Zoë Müller", "zoe-muller", "zoeMuller"],
    ["24/7 hotline", "n24-7-hotline", "n247Hotline"],
    ["class", "class-2", "class2"],
    // CommonJS modules have it already.
    ["Exports", "exports-2", "exports2"],
    ["日本", "fallback", "fallback"],
    [undefined, "fallback", "fallback"],
  ])("of %j is %s", (wish, name, identifier) => {
    expect(namer()(wish, "fallback")).toEqual({ name, identifier });
  });

  it("are unique, valid TypeScript constants, whatever people call things", () => {
    const wish = fc.oneof(fc.string(), fc.constantFrom("a-b1", "a b-1", "A.B1", "new", "New", "2", "a-2", "a"));
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
        const nameOf = namer();
        const names = wishes.map((one) => nameOf(one, "fallback"));
        expect(new Set(names.map(({ name }) => name)).size).toBe(wishes.length);
        expect(new Set(names.map(({ identifier }) => identifier.toLowerCase())).size).toBe(wishes.length);
        for (const { identifier } of names) expect(() => new Function(`"use strict"; const ${identifier} = 1;`)).not.toThrow();
      }),
    );
  });
});

describe("values in an exported program", () => {
  it("evaluate to the original, whatever they contain", () => {
    const value = fc.jsonValue({ depthSize: "medium" }).filter((one) => !JSON.stringify(one).includes("__proto__"));
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 120 }), (one, column) => {
        expect(JSON.stringify(new Function(`return (${print(one, column)})`)())).toBe(JSON.stringify(one));
      }),
    );
  });

  it("are secret because of their name, or as a URL with credentials or a secret parameter; others are plain", () => {
    const open = {
      smsUrl: "https://example.com/sms?page=1",
      author: "Ann",
      attributes: { keyboard: "qwerty", tokenCount: 3, list: ["a"], monkey: "x" },
    };
    const secret = {
      voiceUrl: "https://me:pass@example.com",
      statusCallback: "https://example.com/?X-Token=1",
      smsFallbackUrl: "https://t0ken@example.com",
      attributes: { nested: [{ apiKey: "k" }], clientSecret: "s", password: "p", "pass word": "w", PASSWORD: "q" },
    };
    const secrets = new SecretValues();
    expect(secrets.replaceIn(open, ["hello"])).toEqual(open);
    expect(secrets.all).toEqual([]);
    const replaced = secrets.replaceIn(secret, ["hello"]) as typeof secret;
    expect(Object.fromEntries(secrets.all.map(({ key, value }) => [key, value]))).toEqual({
      "hello-voice-url": "https://me:pass@example.com",
      "hello-status-callback": "https://example.com/?X-Token=1",
      "hello-sms-fallback-url": "https://t0ken@example.com",
      "hello-attributes-nested-n0-api-key": "k",
      "hello-attributes-client-secret": "s",
      "hello-attributes-password": "p",
      "hello-attributes-password-2": "q",
    });
    expect(replaced.voiceUrl).toBeInstanceOf(Code);
    expect(print(replaced)).not.toMatch(/pass@|Token=1|"k"|"s"|"p"|"q"/);
  });
});

describe("the files of an exported program", () => {
  const sid = (prefix: string, number: number) => `${prefix}${number.toString(16).padStart(32, "0")}`;

  const object = (definition: Definition, body: Body, children: FoundObject[] = []): FoundObject => ({
    entry: catalogEntries.find((entry) => entry.definition === definition) as CatalogEntry,
    ...(definition.singleton ? {} : { sid: String(body.sid) }),
    body,
    children,
  });
  const textOf = (objects: FoundObject[]) => [...files(declare({ objects, leftOut: [] })).values()].join("");

  it("declare each webhook by its own group, with Twilio's words in the program's spelling", () => {
    const url = "https://example.com/twilio";
    const webhook = (index: number, target: string, configuration: Body) =>
      object(conversationWebhook, { sid: sid("WH", index), target, configuration });
    const text = textOf([
      object(conversationService, { sid: sid("IS", 1), friendly_name: "Support" }, [
        object(conversation, { sid: sid("CH", 1), friendly_name: "Hello", attributes: "{}" }, [
          webhook(1, "webhook", { url, method: "get", filters: ["onMessageAdded"] }),
          webhook(2, "trigger", { url, method: "post", triggers: ["HELP"] }),
          webhook(3, "studio", { flow_sid: sid("FW", 1) }),
        ]),
      ]),
    ]);
    expect(text).toMatch(/webhook: \{\s*url: "https:\/\/example.com\/twilio",\s*method: "GET",\s*filters: \["onMessageAdded"\],?\s*\}/);
    expect(text).toMatch(/trigger: \{\s*url: "https:\/\/example.com\/twilio",\s*triggers: \["HELP"\],?\s*\}/);
    expect(text).toMatch(new RegExp(`studio: \\{\\s*flowSid: "${sid("FW", 1)}",?\\s*\\}`));
    expect(text.match(/conversation: hello/g)).toHaveLength(3);
  });

  it("adopt the account's configuration, so that destroying the stack leaves it as it is", () => {
    const account = sid("AC", 1);
    const text = textOf([object(conversationConfiguration, { account_sid: account, default_inactive_timer: "PT1H" })]);
    expect(text).toMatch(new RegExp(`new ConversationConfiguration\\([^)]*adopt: "${account}"[^)]*defaultInactiveTimer: "PT1H"`));
  });

  it("have unique names, also where a service has the name of another one's second file", () => {
    const services = ["Support", "Support", "Numbers 2"].map((friendly_name, index) => {
      const conversations = Array.from({ length: 120 }, (_, at) =>
        object(conversation, { sid: sid("CH", 1000 * index + at), friendly_name: `Room ${index} ${at}`, attributes: "{}" }),
      );
      return object(conversationService, { sid: sid("IS", index), friendly_name }, conversations);
    });
    const numbers = Array.from({ length: 120 }, (_, index) =>
      object(phoneNumber, { sid: sid("PN", index), phone_number: `+1312555${1000 + index}` }),
    );
    const written = files(declare({ objects: [...numbers, ...services], leftOut: [] }));
    const text = [...written.values()].join("");
    expect(text.match(/adopt: "/g)).toHaveLength(3 * 121 + 120);
    for (const service of services) for (const one of [service, ...service.children]) expect(text).toContain(one.sid);
    expect(written.get("index.ts")?.match(/^import /gm)).toHaveLength(written.size - 1);
  });
});
