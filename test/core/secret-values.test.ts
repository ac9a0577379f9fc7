import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { catalog } from "../../src/catalog";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import { resourceName } from "../../src/core/lifecycle/check";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { set } from "../../src/core/lifecycle/props";
import { type DynamicProvider, providers } from "../../src/core/provider/dynamic-provider";
import { phoneNumber } from "../../src/numbers/phone-number";
import { oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

const canary = "c4nary-91d2f7";
const numeric = 91_042_217;

/** Everything that reached the outside of a provider: errors, failures, messages. */
let seen: string[] = [];

/** Expects that a text was refused, and that nothing shows a part of the secret. */
function expectRefusedInSilence(words: RegExp | string = /./): void {
  const text = seen.join("\n");
  expect(text).toMatch(words);
  expect(text).not.toContain("c4nary");
  expect(text).not.toContain(encodeURIComponent(canary));
  expect(text).not.toContain(String(numeric));
}

describe("a check that refuses a secret", () => {
  let provider: (definition: Definition) => DynamicProvider;
  let twilio: TestTwilio;
  beforeAll(async () => {
    twilio = await TestTwilio.open();
    const { url, accountSid, authToken } = twilio.emulator;
    const config: Record<string, string> = {
      "twilio:baseUrl": url,
      "twilio:accountSid": accountSid,
      "twilio:authToken": authToken,
    };
    const providerOf = providers({
      environment: { env: {}, cwd: "/nowhere", openEmbedded: () => Promise.reject(new Error("opened")) },
      log: (_severity, message) => void seen.push(message),
      openNotes: () => ({ read: () => undefined, write: () => true, remove: () => {}, all: () => [] }),
    });
    provider = (definition) => {
      const one = providerOf(definition);
      one.configure({ config: { get: (key) => config[key] } });
      return one;
    };
  });
  afterAll(() => twilio.close());
  beforeEach(() => {
    seen = [];
  });

  const values: Record<string, unknown> = {
    "a string": canary,
    "a string with a line break": `${canary}\n`,
    "a string that is too long": `${canary} `.repeat(3000),
    "a URL": `ftp://${canary}`,
    "a SID": `CH${canary}`,
    "a number": numeric,
    "a list": [canary, canary],
    "an object": { [canary]: canary },
    "a list of objects": [{ k: canary }, numeric],
  };
  const groupOf = (property: string) => property.split(".").slice(0, -1).join(".");

  async function check(definition: Definition, property: string, value: unknown, secrets: string[]): Promise<number> {
    const news: Props = {};
    set(news, property, value);
    const { failures = [] } = await provider(definition)
      .check({}, { ...news, ...(secrets.length > 0 ? { __secrets: secrets } : {}) })
      .catch((error) => {
        seen.push(String(error.message), String(error.stack));
        return { failures: [] };
      });
    for (const { property: named, reason } of failures) seen.push(`${named} ${reason}`);
    // With a name, the engine would add the value.
    expect(failures.map((failure) => failure.property)).toEqual(failures.map(() => ""));
    return failures.filter(({ reason }) => reason.startsWith(property) || reason.startsWith(groupOf(property))).length;
  }

  describe.each(catalog.map((definition) => [resourceName(definition), definition] as const))("of %s", (_name, definition) => {
    it.each(Object.keys(definition.fields))("never shows its %s, and still names the property", async (property) => {
      let refused = 0;
      for (const value of Object.values(values)) {
        refused += await check(definition, property, value, [property]);
        if (groupOf(property)) refused += await check(definition, property, value, [groupOf(property)]);
      }
      expect(refused).toBeGreaterThan(0);
      expectRefusedInSilence(property.split(".")[0]);
    });

    it("never shows the names inside a secret object", async () => {
      const groups = [...new Set(Object.keys(definition.fields).map(groupOf).filter(Boolean))];
      for (const group of groups) await check(definition, `${group}.${canary}`, 1, [group]);
      if (groups.length > 0) expectRefusedInSilence("must not have other properties than");
    });
  });

  it("shows the value if it is not secret, and the other values of a resource with a secret", async () => {
    await check(conversation, "state", "no-secret", []);
    expect(seen.join()).toContain('received "no-secret"');
    seen = [];
    const { failures } = await provider(conversation).check({}, { state: "open", uniqueName: "fine", __secrets: ["uniqueName"] });
    expect(failures?.[0]?.reason).toContain('received "open"');
  });
});

describe("Twilio's error that quotes a secret", () => {
  let twilio: TestTwilio;
  let echo: Server;
  beforeAll(async () => {
    twilio = await TestTwilio.open();
    // Refuses every write and quotes it, as it came and decoded; it answers every read with nothing, and has no participant.
    echo = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      const isRead = request.method === "GET";
      const quoted = `${request.url} ${body} ${decodeURIComponent(body.replaceAll("+", " "))}`;
      const lists = { conversations: [], services: [], participants: [], webhooks: [], incoming_phone_numbers: [], meta: {} };
      const isNone = isRead && /\/Participants\/./.test(request.url ?? "");
      response.writeHead(isNone ? 404 : isRead ? 200 : 400, { "content-type": "application/json" });
      response.end(
        JSON.stringify(
          isNone ? { code: 20404, message: "none", status: 404 } : isRead ? lists : { code: 20001, message: `Bad request: ${quoted}` },
        ),
      );
    });
    await new Promise<void>((listening) => echo.listen(0, "127.0.0.1", listening));
  });
  afterAll(async () => {
    await new Promise((closed) => {
      echo.close(closed);
      echo.closeAllConnections();
    });
    await twilio.close();
  });

  const sids = { service: `IS${"1".repeat(32)}`, conversation: `IS${"1".repeat(32)}/CH${"2".repeat(32)}` };
  it.each<[string, Definition, Props, string[]]>([
    ["a service", conversationService, { friendlyName: `${canary} & "more"` }, ["friendlyName"]],
    [
      "a conversation",
      conversation,
      {
        ...sids,
        conversation: undefined,
        uniqueName: canary,
        friendlyName: canary,
        attributes: { deep: [{ k: `${canary}/ü` }], n: numeric },
      },
      ["uniqueName", "friendlyName", "attributes"],
    ],
    [
      "a participant",
      participant,
      { conversation: sids.conversation, identity: canary, attributes: { k: canary } },
      ["identity", "attributes"],
    ],
    [
      "a webhook",
      conversationWebhook,
      { conversation: sids.conversation, webhook: { url: `https://${canary}.example.com/?a=b&c=d`, filters: ["onMessageAdded"] } },
      ["webhook.url"],
    ],
    [
      "a number",
      phoneNumber,
      { phoneNumber: "+15005550006", smsUrl: `https://example.com/${canary}`, friendlyName: canary },
      ["smsUrl", "friendlyName"],
    ],
  ])("does not show it: %s", async (_what, definition, args, secrets) => {
    await twilio.reset();
    const { port } = echo.address() as AddressInfo;
    const engine = twilio.engine({ "twilio:baseUrl": `http://127.0.0.1:${port}` });
    const error = await engine.up([{ name: "it", definition, args: { ...args, __secrets: secrets } }]).then(
      () => expect.unreachable("it was created"),
      (error: Error) => error,
    );
    seen = [error.message, ...twilio.log];
    expectRefusedInSilence("Bad request");
    expect([...twilio.notes.values()].join()).not.toContain("c4nary");
  });
});

describe("an operation on an object with secrets", () => {
  let twilio: TestTwilio;
  beforeAll(async () => {
    twilio = await TestTwilio.open();
  });
  afterAll(() => twilio.close());

  it("does not show them in a conflict, and not in its note", async () => {
    const { engine, program } = await oneResource(twilio, conversation);
    await twilio.rest("POST", "conversations", "/v1/Conversations", { UniqueName: canary, FriendlyName: canary });
    const wanted = program({ uniqueName: canary, friendlyName: canary, __secrets: ["friendlyName", "uniqueName"] });
    const error = await engine.up(wanted).catch((error: Error) => error);
    seen = [String(error), ...twilio.log];
    expectRefusedInSilence("50353");
    expect(JSON.stringify([...twilio.notes])).not.toContain("c4nary");
  });

  it("does not show them where another resource is refused because of them", async () => {
    const { engine } = await oneResource(twilio, conversationService);
    const service = (friendlyName: string) => ({ name: "it", definition: conversationService, args: { friendlyName } });
    const hello = {
      name: "hello",
      definition: conversation,
      args: (of: (name: string) => Props) => ({ service: of("it").id, friendlyName: canary, __secrets: ["friendlyName"] }),
    };
    await engine.up([service("S"), hello]);
    // The engine compares the service first, so the provider has not seen the conversation's inputs in this run.
    const error = await engine.up([service("T"), hello]).catch((error: Error) => error);
    seen = [String(error), ...twilio.log];
    expectRefusedInSilence(/Twilio cannot rename a service.*conversation CH\w+ \("hello"\)/);
  });

  it("does not show the conditions of a search, nor keeps them in the note of the offer", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const secret = program({ search: { country: "US", inLocality: "San Francisco" }, __secrets: ["search"] });
    await engine.preview(secret);
    expect(twilio.log.join("\n")).toMatch(/will buy \+1/);
    expect(JSON.stringify([...twilio.notes])).not.toContain("Francisco");
    const none = program({ search: { country: "US", inLocality: canary }, __secrets: ["search"] });
    const error = await engine.preview(none).catch((error: Error) => error);
    seen = [String(error), ...twilio.log];
    expectRefusedInSilence("must match a number for sale");
    expect(JSON.stringify([...twilio.notes])).not.toContain("c4nary");
  });

  it("buys the number that the preview has shown for the same conditions", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const wanted = program({ search: { country: "US", areaCode: "415" }, __secrets: ["search"] });
    await engine.preview(wanted);
    const shown = /will buy (\+\d+)/.exec(twilio.log.join("\n"))?.[1];
    await engine.up(wanted);
    expect(engine.of("it").outputs.phoneNumber).toBe(shown);
  });

  it("keeps a secret number out of the note of its purchase and of the message that it stays", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const number = twilio.forSale[2] as string;
    await engine.up(program({ phoneNumber: number, __secrets: ["phoneNumber"] }));
    expect(JSON.stringify([...twilio.notes])).not.toContain(number.slice(1));
    await engine.destroy();
    expect(twilio.log.join("\n")).toContain("stays at Twilio");
    expect(twilio.log.join("\n")).not.toContain(number.slice(1));
  });
});
