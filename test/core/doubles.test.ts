import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { type DisturbingProxy, startDisturbingProxy } from "../../tools/harness/disturbing-proxy.mts";
import { oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
let proxy: DisturbingProxy;
beforeAll(async () => {
  twilio = await TestTwilio.open();
  proxy = await startDisturbingProxy(twilio.emulator.url);
});
afterAll(async () => {
  await proxy.close();
  await twilio.close();
});
beforeEach(() => {
  proxy.disturbance = undefined;
});

const open = (definition: Definition) => oneResource(twilio, definition, { "twilio:baseUrl": proxy.url });

/** Delivers every create twice; the provider gets the first response. */
const deliverTwice = () => {
  proxy.disturbance = async ({ method }, send) => {
    const first = await send();
    if (method === "POST") await send();
    return first;
  };
};

const reports = () => twilio.log.filter((line) => line.includes("created at the same time as"));

const unnamed = { service: "«service»", ownerMark: "none-may-duplicate", friendlyName: "Room", attributes: { plan: "gold" } };
const kinds: [string, Definition, Props][] = [
  ["an unnamed conversation", conversation, unnamed],
  ["a service", conversationService, { friendlyName: "Support" }],
  [
    "a webhook",
    conversationWebhook,
    { conversation: "«conversation»", webhook: { url: "https://example.com", filters: ["onMessageAdded"] } },
  ],
];

describe("a create that Twilio receives twice", () => {
  it("is looked for again where the list cannot be read once, and is said to be unknown where it never can", async () => {
    for (const times of [1, Number.POSITIVE_INFINITY]) {
      const { engine, program, created } = await open(conversationService);
      twilio.log.length = 0;
      let lies = 0;
      proxy.disturbance = async ({ method, url }, send) => {
        const first = await send();
        if (method === "POST") await send();
        const isAfterwards = method === "GET" && /\/v1\/Services(\?|$)/.test(url) && (await created()).length > 0;
        return isAfterwards && lies++ < times ? { status: 200, body: "{}" } : first;
      };
      await engine.up(program({ friendlyName: "Support" }));
      proxy.disturbance = undefined;
      const known = twilio.log.filter((line) => line.startsWith("It is not known whether Twilio received the create"));
      expect([reports().length, known.length]).toEqual(times === 1 ? [1, 0] : [0, 1]);
    }
  });

  it.each(kinds)(
    "of %s names both objects, and the command that deletes the one that is not in the state",
    async (_what, definition, args) => {
      const { engine, program, created } = await open(definition);
      deliverTwice();
      await engine.up(program(args));
      proxy.disturbance = undefined;
      const own = engine.of("it").id.split("/").at(-1) as string;
      const [other, ...more] = (await created()).filter((sid) => sid !== own);
      expect([typeof other, more]).toEqual(["string", []]);
      expect(reports()).toEqual([expect.stringContaining(`${other}, created at the same time as ${own}, which is in the state`)]);
      // The command works as it is shown, apart from credentials and host.
      const [, path] = / -X DELETE .*https:\/\/conversations\.twilio\.com(\/\S+)$/.exec(String(reports()[0])) ?? [];
      await twilio.rest("DELETE", "conversations", String(path));
      expect(await created()).toEqual([own]);
    },
  );
});

describe("an unnamed conversation", () => {
  const createTheirs = (service: string, more: Record<string, string> = {}) =>
    twilio.rest("POST", "conversations", `/v1/Services/${service}/Conversations`, {
      FriendlyName: "Room",
      Attributes: '{"plan":"gold"}',
      ...more,
    });

  it("is not reported where other resources of the program have equal ones, which are created at the same time", async () => {
    const { engine, program, created } = await open(conversation);
    const [declared] = program(unnamed);
    const same = ["it", "other", "third"].map((name) => ({ ...declared, name, definition: conversation }));
    await engine.up(same as ReturnType<typeof program>);
    expect(await created()).toHaveLength(3);
    expect(reports()).toEqual([]);
  });

  it("is reported once where several equal ones are declared and one create arrives twice", async () => {
    const { engine, program, created } = await open(conversation);
    const [declared] = program(unnamed);
    const same = ["it", "other", "third"].map((name) => ({ ...declared, name, definition: conversation }));
    let doubled = 0;
    proxy.disturbance = async ({ method }, send) => {
      const first = await send();
      if (method === "POST" && doubled++ === 0) await send();
      return first;
    };
    await engine.up(same as ReturnType<typeof program>);
    const held: unknown[] = ["it", "other", "third"].map((name) => engine.of(name).id.split("/").at(-1));
    const [other] = (await created()).filter((sid) => !held.includes(sid));
    expect(reports().filter((line) => line.includes(`${other}, created`))).not.toEqual([]);
    expect(reports().filter((line) => !line.includes(`${other}, created`))).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ["another friendly name", { FriendlyName: "Hall" }],
    ["other attributes", { Attributes: '{"plan":"gold","of":"somebody"}' }],
    ["a unique name", { UniqueName: "theirs" }],
  ])("is not compared with one that has %s", async (_what, more) => {
    const { engine, program, fixture } = await open(conversation);
    await createTheirs(fixture.service, more);
    await engine.up(program(unnamed));
    expect(reports()).toEqual([]);
  });

  it("is not compared with one that is older, and no further page is read for it", async () => {
    const { engine, program, fixture } = await open(conversation);
    for (let index = 0; index < 101; index += 1) await createTheirs(fixture.service);
    await twilio.control("POST", "clock", { advanceSeconds: 60 });
    const lists: string[] = [];
    proxy.disturbance = ({ method, url }, send) => {
      if (method === "GET" && url.includes("/Conversations?")) lists.push(url);
      return send();
    };
    await engine.up(program(unnamed));
    expect(reports()).toEqual([]);
    // One request learns Twilio's time, one looks.
    expect(lists).toHaveLength(2);
  });
});
