import { afterEach, describe, expect, it, vi } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Body, Definition, Props } from "../../src/core/lifecycle/definition";
import { lifecycle, type Run } from "../../src/core/lifecycle/lifecycle";
import { PartialFailure } from "../../src/core/lifecycle/objects";
import { stackAccount } from "../../src/core/lifecycle/stack-account";
import { type DynamicProvider, providers } from "../../src/core/provider/dynamic-provider";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Request } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { unknown } from "../support/mini-engine";
import { memoryOf } from "../support/world";

const account = `AC${"1".repeat(32)}`;
const other = `AC${"2".repeat(32)}`;
const service = `IS${"3".repeat(32)}`;
const room = `${service}/CH${"4".repeat(32)}`;
const person = `${room}/MB${"5".repeat(32)}`;
const number = `PN${"6".repeat(32)}`;

/** A Twilio that answers as it is told, and writes down what it was asked. */
function fake(answer: (request: Request) => Body | undefined | Promise<Body | undefined> = () => ({ sid: "MB1", account_sid: account })) {
  const asked: string[] = [];
  const log: string[] = [];
  const context: Run = {
    twilio: {
      accountSid: account,
      async send(request) {
        asked.push(`${request.method} ${request.path}`);
        return answer(request);
      },
      async *list(request, key) {
        asked.push(`list ${request.path}`);
        yield* ((await answer({ ...request, method: "get" }))?.[key] ?? []) as Body[];
      },
      skewMs: () => 0,
      pause: async () => true,
    },
    notes: memoryOf(),
    account: stackAccount(account),
    log: (severity, message) => void log.push(`${severity}: ${message}`),
  };
  const of = (definition: Definition) => lifecycle(definition, async () => context);
  return { of, asked, log, context };
}

describe("an object of another account", () => {
  const known = { accountSid: other, friendlyName: "Support", phoneNumber: "+15005550006", onDelete: "release" };

  it.each<[string, Definition, string]>([
    ["PhoneNumber", phoneNumber, number],
    ["ConversationService", conversationService, service],
    ["Conversation", conversation, room],
    ["Participant", participant, person],
  ])("%s is refused before anything is asked of Twilio", async (_noun, definition, id) => {
    const { of, asked } = fake();
    const cycle = of(definition);
    const words = `belongs to account ${other}, but the credentials are those of account ${account}`;
    await expect(cycle.diff(id, known, known)).rejects.toThrow(words);
    await expect(cycle.read(id, known)).rejects.toThrow(words);
    await expect(cycle.update(id, known, { friendlyName: "x" })).rejects.toThrow(words);
    await expect(cycle.delete(id, known)).rejects.toThrow("Nothing was changed");
    expect(asked).toEqual([]);
  });

  it("is not, when it is of this one", async () => {
    const { of, asked } = fake();
    await of(conversation).delete(room, { ...known, accountSid: account, onDelete: "delete" });
    expect(asked.at(-1)).toBe(`delete /v1/Services/${room.replace("/", "/Conversations/")}`);
  });
});

describe("a plan", () => {
  const olds = { accountSid: account, conversation: room, identity: "ada", attributes: { a: 1 }, sid: "MB5" };

  it.each<[string, Props, { changes: string[]; replaces: string[] }]>([
    ["nothing", { conversation: room, identity: "ada", attributes: { a: 1 } }, { changes: [], replaces: [] }],
    ["a change in place", { conversation: room, identity: "ada", attributes: { a: 2 } }, { changes: ["attributes"], replaces: [] }],
    ["a replacement", { conversation: room, identity: "bob", attributes: { a: 1 } }, { changes: ["identity"], replaces: ["identity"] }],
    [
      "what is fixed and not known yet: a change, since it may turn out the same",
      { conversation: room, identity: unknown, attributes: { a: 1 } },
      { changes: ["identity"], replaces: [] },
    ],
    [
      "a parent that is not known yet: its replacement",
      { conversation: unknown, identity: "ada", attributes: { a: 1 } },
      { changes: ["conversation"], replaces: ["conversation"] },
    ],
    [
      "a group, by its own name",
      { conversation: room, identity: "ada", attributes: { a: 1 }, sms: { address: "+1", proxyAddress: "+2" } },
      { changes: ["sms"], replaces: ["sms"] },
    ],
  ])("says %s", async (_what, news, plan) => {
    const { of, asked } = fake();
    expect(await of(participant).diff(person, olds, news)).toEqual({ ...plan, deleteBeforeReplace: plan.replaces.length > 0 });
    expect(asked).toEqual([]);
  });

  it("takes the default service, once it is named, for no move", async () => {
    const { of } = fake();
    const known = { accountSid: account, friendlyName: "Hello" };
    const moved = async (to: string) => (await of(conversation).diff(room, known, { friendlyName: "Hello", service: to })).replaces;
    expect(await moved(service)).toEqual([]);
    expect(await moved(`IS${"9".repeat(32)}`)).toEqual(["service"]);
  });
});

describe("a purchase", () => {
  const urn = "urn:pulumi:dev::shop::pulumi-nodejs:twilio/numbers:PhoneNumber::desk";

  it("looks for the resource's mark first, and takes the number that another run has bought meanwhile", async () => {
    const theirs = { sid: "PN9", account_sid: account, phone_number: "+15005550001", friendly_name: "pulumi shop/dev/desk" };
    const { of, asked } = fake(() => ({ incoming_phone_numbers: [theirs] }));
    const planned = { search: { country: "US" }, phoneNumber: "+15005550006", __urn: urn };
    expect(await of(phoneNumber).create(planned)).toMatchObject({ id: "PN9", outputs: { phoneNumber: "+15005550001" } });
    expect(asked.filter((request) => request.startsWith("post"))).toEqual([]);
  });
});

describe("a release", () => {
  const number = `PN${"1".repeat(32)}`;
  const known = { accountSid: account, phoneNumber: "+15005550006", onDelete: "release" };

  const methods = (asked: string[]) => asked.map((request) => request.split(" ")[0]);
  const registered = { emergency_address_sid: `AD${"1".repeat(32)}` };

  it("of a number that is registered for emergency calls, by whomever, detaches the address first", async () => {
    const { of, asked } = fake(() => registered);
    await of(phoneNumber).delete(number, known);
    expect(methods(asked)).toEqual(["get", "post", "delete"]);
  });

  it("of any other number writes once", async () => {
    const { of, asked } = fake(() => ({ emergency_address_sid: null }));
    await of(phoneNumber).delete(number, known);
    expect(methods(asked)).toEqual(["get", "delete"]);
  });

  it.each([
    ["detached, is not detached again", {}, ["get", "post", "get", "delete"]],
    ["left attached, is detached once more", registered, ["get", "post", "get", "post", "delete"]],
  ])("of a number that a lost answer has %s", async (_what, then, expected) => {
    let sent = 0;
    const { of, asked } = fake(({ method }) => {
      if (method !== "post") return sent === 0 ? registered : then;
      sent += 1;
      if (sent === 1) throw new TwilioError("Cannot detach", { status: 0, message: "no answer" });
      return {};
    });
    await of(phoneNumber).delete(number, known);
    expect(methods(asked)).toEqual(expected);
  });
});

describe("an update whose answer is lost", () => {
  const lost = new TwilioError("Cannot update", { status: 0, message: "no answer" });
  const known = { accountSid: account, friendlyName: "Old" };

  it("is not sent again where it was done", async () => {
    const { of, asked } = fake(({ method }) => {
      if (method === "post") throw lost;
      return { sid: "CH1", account_sid: account, friendly_name: "New" };
    });
    expect((await of(conversation).update(room, known, { friendlyName: "New" })).outputs).toMatchObject({ friendlyName: "New" });
    expect(asked.map((request) => request.split(" ")[0])).toEqual(["post", "get"]);
  });

  it("is sent once more where it was not, or where nobody can tell", async () => {
    const requestsFor = async (news: Record<string, unknown>) => {
      let posts = 0;
      const { of, asked } = fake(({ method }) => {
        if (method === "post" && posts++ === 0) throw lost;
        return { sid: "CH1", account_sid: account, friendly_name: posts > 1 ? "New" : "Old" };
      });
      await of(conversation).update(room, known, news);
      return asked.map((request) => request.split(" ")[0]);
    };
    expect(await requestsFor({ friendlyName: "New" })).toEqual(["post", "get", "post"]);
    expect(await requestsFor({ friendlyName: "Old", timers: { closed: "PT1H" } })).toEqual(["post", "get", "post"]);
  });
});

/** A fake whose waits are steps of its clock. */
function late(answer: Parameters<typeof fake>[0], notes = memoryOf()) {
  vi.useFakeTimers({ toFake: ["Date"] });
  let waits = 0;
  let cancelled = false;
  const made = fake(answer);
  Object.assign(made.context, { notes });
  Object.assign(made.context.twilio, {
    pause: async (ms: number) => {
      if (cancelled) return false;
      waits += 1;
      vi.setSystemTime(Date.now() + ms);
      return true;
    },
  });
  return {
    ...made,
    clock: () => Date.now(),
    waits: () => waits,
    cancel: () => {
      cancelled = true;
    },
  };
}
afterEach(() => void vi.useRealTimers());

describe("a create", () => {
  const support = { friendlyName: "Support", __urn: "urn" };
  const key = 'service "Support" urn';
  const made = { sid: service, account_sid: account, friendly_name: "Support" };
  const who = { conversation: room, identity: "ada" };
  const taken = new TwilioError("Cannot create", { status: 409, code: 50433, message: "Participant already exists" });

  it("that meets what is there already takes it over where the key proves it", async () => {
    const { of, asked, log } = fake(({ method }) => {
      if (method === "post") throw taken;
      return { sid: "MB9", account_sid: account, identity: "ada" };
    });
    expect(await of(participant).create(who)).toMatchObject({ id: `${room}/MB9`, outputs: { identity: "ada", sid: "MB9" } });
    expect(asked.map((request) => request.split(" ")[0])).toEqual(["post", "get"]);
    expect(log).toEqual([expect.stringContaining("Participant MB9 was made by an interrupted run")]);
  });

  it("fails as Twilio says where nothing proves it, and where nothing is found", async () => {
    const conflict = fake(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 409, code: 50353, message: "exists" });
      return {
        sid: "CH9",
        unique_name: "lobby",
        friendly_name: "Theirs",
        state: "active",
        chat_service_sid: service,
        account_sid: account,
      };
    });
    const refusal = expect(conflict.of(conversation).create({ service, uniqueName: "lobby" })).rejects;
    await refusal.toThrow("50353");
    await refusal.toThrow(`In the way is CH9 ("Theirs"), active, of service ${service} in account ${account}`);
    expect(conflict.asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
    const refused = fake(({ method }) => {
      if (method === "post") throw taken;
      return undefined;
    });
    await expect(refused.of(participant).create(who)).rejects.toThrow("50433");
  });

  it.each([
    [0, ["post", "get", "post", "get", "post", "get"]],
    [503, ["post", "get", "post", "get", "post", "get"]],
    [400, ["post"]],
    [429, ["post"]],
  ])("with status %i is sent again only after a look at what may have been made", async (status, methods) => {
    const { of, asked } = fake(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status, message: "no" });
      return undefined;
    });
    await expect(of(participant).create(who)).rejects.toThrow("Cannot create");
    expect(asked.map((request) => request.split(" ")[0])).toEqual(methods);
  });

  it("that Twilio would take twice is never sent again by itself", async () => {
    const { of, asked } = fake(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer" });
      return { services: [], meta: {} };
    });
    await expect(of(conversationService).create({ friendlyName: "Support", __urn: "urn" })).rejects.toThrow("Cannot create");
    expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
  });

  it.each([
    ["timed out", { timedOut: true }, 90, 0],
    ["was given up by a gateway", { status: 504 }, 90, 0],
    // The run ends at once, and the next one waits for a few seconds.
    ["broke off", {}, 0, 1],
  ])("of a service that %s is looked for as long as it may arrive", async (_what, how, seconds, waits) => {
    const { of, asked, context, clock } = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer", ...how });
      return { services: [] };
    });
    const begun = clock();
    await expect(of(conversationService).create(support)).rejects.toThrow("no answer");
    expect(Math.round((clock() - begun) / 1000)).toBe(seconds);
    expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
    // Where it was looked for until the end, the next run need not wait again.
    const next = late(({ method }) => (method === "post" ? made : { services: [] }), context.notes);
    await next.of(conversationService).create(support);
    expect(next.waits()).toBe(waits);
  });

  it("of a service whose run was killed is looked for while it may still arrive, and then sent", async () => {
    for (const [secondsAgo, waits] of [
      [10, 80],
      [100, 0],
    ] as const) {
      const { of, asked, context, clock } = late(({ method }) => (method === "post" ? made : { services: [] }));
      context.notes.write(key, { key, at: new Date(clock() - secondsAgo * 1000).toISOString() });
      const begun = clock();
      expect(await of(conversationService).create(support)).toMatchObject({ id: service });
      expect(Math.round((clock() - begun) / 1000)).toBe(waits);
      expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
    }
  });

  it("of a service that a cancelled run could not wait for is looked for by the next one", async () => {
    const first = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer", timedOut: true });
      return { services: [] };
    });
    first.cancel();
    await expect(first.of(conversationService).create(support)).rejects.toThrow("is not known yet. Run `pulumi up` again");
    const arrived = { ...made, date_created: new Date(first.clock() + 1000).toISOString() };
    const next = late(({ method }) => (method === "post" ? expect.unreachable() : { services: [arrived] }), first.context.notes);
    expect(await next.of(conversationService).create(support)).toMatchObject({ id: service });
  });

  it("that was sent twice because of a lost answer takes over what the first one made", async () => {
    let posts = 0;
    const { of } = fake(({ method }) => {
      if (method === "get")
        return posts < 2
          ? undefined
          : { sid: "CH9", unique_name: "lobby", chat_service_sid: service, date_created: new Date().toISOString() };
      posts += 1;
      throw new TwilioError(
        "Cannot create",
        posts === 1 ? { status: 0, message: "no answer" } : { status: 409, code: 50353, message: "exists" },
      );
    });
    expect(await of(conversation).create({ service, uniqueName: "lobby" })).toMatchObject({ id: `${service}/CH9` });
    expect(posts).toBe(2);
  });

  it("is not begun where its note cannot be written", async () => {
    const { of, asked, context } = fake();
    Object.assign(context.notes, { write: () => false });
    await expect(of(conversationService).create(support)).rejects.toThrow("nothing was sent");
    expect(asked).toEqual([]);
  });

  it("of participants of one conversation takes turns, and of two conversations none", async () => {
    let running = 0;
    let most = 0;
    const { of } = fake(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { sid: "MB1" };
    });
    const cycle = of(participant);
    await Promise.all(["a", "b", "c"].map((identity) => cycle.create({ conversation: room, identity })));
    expect(most).toBe(1);
    await Promise.all(["a", "b", "c"].map((identity, index) => cycle.create({ conversation: `${service}/CH${index}`, identity })));
    expect(most).toBe(3);
  });

  it("of a participant goes on after one that failed", async () => {
    let first = true;
    const { of } = fake(({ method }) => {
      if (method === "post" && first) {
        first = false;
        throw new TwilioError("Cannot create", { status: 400, message: "no" });
      }
      return { sid: "MB1" };
    });
    const cycle = of(participant);
    const [failed, made] = await Promise.allSettled(["a", "b"].map((identity) => cycle.create({ conversation: room, identity })));
    expect([failed?.status, made?.status]).toEqual(["rejected", "fulfilled"]);
  });

  it("that is half done says what there is", async () => {
    const { of } = fake(({ method }) => {
      if (method === "post") return { sid: service, account_sid: account, friendly_name: "Support" };
      throw new TwilioError("Cannot read the configuration", { status: 403, message: "no" });
    });
    const error = await of(conversationService)
      .create({ friendlyName: "Support" })
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(PartialFailure);
    expect((error as PartialFailure).kept).toMatchObject({ id: service, outputs: { sid: service, friendlyName: "Support" } });
    expect((error as PartialFailure).message).toMatch(
      /^ConversationService IS3+ is there and kept in the state, but not as declared yet\. Cannot read the configuration[\s\S]*The next `pulumi up` does the rest\.$/,
    );
  });
});

describe("a delete", () => {
  it("of what is gone is done", async () => {
    const { of } = fake(() => undefined);
    await of(participant).delete(person, { accountSid: account });
  });

  it.each<[string, Definition, string, Props, boolean]>([
    ["a conversation", conversation, room, {}, true],
    ["a conversation that is to stay", conversation, room, { onDelete: "retain" }, false],
    ["an adopted conversation", conversation, room, { adopt: "lobby" }, false],
    ["an adopted conversation that is to go", conversation, room, { adopt: "lobby", onDelete: "delete" }, true],
    ["a number", phoneNumber, number, { phoneNumber: "+15005550006" }, false],
    ["a number that is to be given back", phoneNumber, number, { phoneNumber: "+15005550006", onDelete: "release" }, true],
  ])("of %s", async (_what, definition, id, known, goes) => {
    const { of, asked, log } = fake();
    await of(definition).delete(id, { accountSid: account, ...known });
    expect(asked.filter((request) => request.startsWith("delete"))).toHaveLength(goes ? 1 : 0);
    if (!goes) expect(log.join()).toContain('stays at Twilio, as onDelete: "retain" says');
    else if (definition === phoneNumber) expect(log.join()).toContain("for ten days at most");
  });

  it("of a service that holds conversations of others is refused, unless forced or empty", async () => {
    const held = [{ sid: "CH1", friendly_name: "Hello" }];
    const holding = fake(({ method }) => (method === "get" ? { conversations: held } : {}));
    await expect(holding.of(conversationService).delete(service, { accountSid: account })).rejects.toThrow(
      /still holds conversation CH1 \("Hello"\)/,
    );
    expect(holding.asked.filter((request) => request.startsWith("delete"))).toEqual([]);
    await holding.of(conversationService).delete(service, { accountSid: account, forceDestroy: true });
    const empty = fake(({ method }) => (method === "get" ? { conversations: [] } : {}));
    await empty.of(conversationService).delete(service, { accountSid: account });
    for (const { asked } of [holding, empty]) expect(asked.at(-1)).toBe(`delete /v1/Services/${service}`);
  });
});

describe("what holds messages", () => {
  const last = { messages: [{ index: 11, date_created: "2026-11-24T10:00:00Z" }] };
  const moved = { service: `IS${"9".repeat(32)}` };
  const known = { accountSid: account, service, friendlyName: "Hello" };
  const lost = "its messages, the last of which is number 12, of 2026-11-24T10:00:00Z";
  const holding = () => fake(({ path }) => (path.endsWith("/Messages") ? last : {}));
  const empty = () => fake(({ path }) => (path.endsWith("/Messages") ? { messages: [] } : {}));
  const deleted = (asked: string[]) => asked.filter((request) => request.startsWith("delete")).length;

  it("is not deleted, and the error says what would be lost", async () => {
    const { of, asked } = holding();
    await expect(of(conversation).delete(room, known)).rejects.toThrow(`deleting it would delete ${lost}. Nothing was deleted.`);
    expect(deleted(asked)).toBe(0);
  });

  it("is not replaced: the preview says so", async () => {
    const { of } = holding();
    await expect(of(conversation).diff(room, known, { ...known, ...moved })).rejects.toThrow(`("Hello") would be deleted with ${lost}`);
  });

  it("goes with forceDestroy, by either way", async () => {
    const { of, asked } = holding();
    await of(conversation).delete(room, { ...known, forceDestroy: true });
    const cycle = of(conversation);
    expect(await cycle.diff(room, known, { ...known, ...moved, forceDestroy: true })).toMatchObject({ replaces: ["service"] });
    await cycle.delete(room, known);
    expect(deleted(asked)).toBe(2);
  });

  it("may be replaced where the old one stays at Twilio", async () => {
    const { of, asked } = holding();
    for (const kept of [{ onDelete: "retain" }, { adopt: "lobby" }]) {
      expect(await of(conversation).diff(room, { ...known, ...kept }, { ...known, ...moved })).toMatchObject({ replaces: ["service"] });
    }
    expect(asked).toEqual([]);
  });

  it("is told from what holds none, which goes without a word", async () => {
    const { of, asked } = empty();
    await of(conversation).delete(room, known);
    expect(await of(conversation).diff(room, known, { ...known, ...moved })).toMatchObject({ replaces: ["service"] });
    expect(deleted(asked)).toBe(1);
  });

  it("is counted in the service that holds it", async () => {
    const conversations = Array.from({ length: 7 }, (_, index) => ({ sid: `CH${index}` }));
    const { of } = fake(({ path }) => (path.endsWith("/Messages") ? last : path.endsWith("/Conversations") ? { conversations } : {}));
    const refused = expect(of(conversationService).delete(service, { accountSid: account })).rejects;
    await refused.toThrow(`conversation CH0 with ${lost}`);
    await refused.toThrow("and 2 more");
  });
});

describe("what another resource of the stack has by now", () => {
  it("is not deleted with the one that had it, in whichever run that goes", async () => {
    const { of, asked, log } = fake();
    const cycle = of(participant);
    const known = { accountSid: account, conversation: room, identity: "ada" };
    await cycle.check({ conversation: room, identity: "ada" }, { conversation: room, identity: "ada" });
    await cycle.diff(person, known, { conversation: room, identity: "ada" });
    await cycle.delete(person, known);
    expect(asked).toEqual([]);
    expect(log.join()).toContain("is another resource's of this stack by now and stays");
  });

  it("is not what a refresh has only looked at: `pulumi up --refresh` deletes what the program no longer declares", async () => {
    const { of, asked } = fake(({ method }) => (method === "get" ? { sid: "MB1", identity: "ada" } : {}));
    const cycle = of(participant);
    const known = { accountSid: account, conversation: room, identity: "ada" };
    const { outputs, inputs } = (await cycle.read(person, known)) as { outputs: typeof known; inputs: typeof known };
    await cycle.diff(person, outputs, inputs);
    await cycle.delete(person, known);
    expect(asked.filter((request) => request.startsWith("delete"))).toHaveLength(1);
  });

  it("is deleted where the engine replaces it by itself", async () => {
    const { of, asked } = fake();
    const cycle = of(participant);
    const declared = { conversation: room, identity: "ada" };
    const registered = { ...declared, __urn: "urn" };
    await cycle.check(declared, registered);
    await cycle.diff(person, { accountSid: account, ...declared }, declared);
    // What ignoreChanges holds back at first, the engine passes on here.
    await cycle.check({}, { ...registered, attributes: { ignored: true } });
    await cycle.delete(person, { accountSid: account, ...declared });
    expect(asked.map((request) => request.split(" ")[0])).toEqual(["delete"]);
  });
});

describe("an answer that tells of nothing", () => {
  it.each([[{}], [{ status: "ok" }]])("is no object that was made (%j): it is looked for", async (answer) => {
    const { of, asked } = fake(({ method }) => (method === "post" ? answer : undefined));
    await expect(of(participant).create({ conversation: room, identity: "ada" })).rejects.toThrow("the answer tells of no Participant");
    expect(asked.map((request) => request.split(" ")[0])).toEqual(["post", "get", "post", "get", "post", "get"]);
  });

  it("is no object that was read: nothing is taken for changed or gone", async () => {
    const { of } = fake(() => ({ status: "ok" }));
    await expect(of(participant).read(person, { accountSid: account, conversation: room })).rejects.toThrow("tells of no Participant");
  });
});

describe("the account's default service", () => {
  it("is not risked where Twilio does not tell which one it is", async () => {
    const { of, asked } = fake(() => undefined);
    await expect(of(conversationService).delete(service, { accountSid: account })).rejects.toThrow("is not deleted");
    expect(asked).toEqual(["get /v1/Configuration"]);
  });

  it.each([{}, { forceDestroy: true }, { adopt: service, onDelete: "delete" }])("is never deleted (%j)", async (wish) => {
    const { of, asked, log } = fake(({ path }) => (path === "/v1/Configuration" ? { default_chat_service_sid: service } : {}));
    await of(conversationService).delete(service, { accountSid: account, ...wish });
    expect(asked).toEqual(["get /v1/Configuration"]);
    expect(log.join()).toContain("is the account's default and stays at Twilio");
  });
});

describe("the engine's side", () => {
  /** A provider without any credentials: what may be told without Twilio is told, and all else says what is missing. */
  const provider = (config: Record<string, string> = {}, definition = participant): DynamicProvider => {
    const around = { env: {}, cwd: "/", openEmbedded: () => Promise.reject(new Error("the embedded Twilio was opened")) };
    const made = providers({ environment: around, log: () => {}, openNotes: () => memoryOf() })(definition);
    made.configure({ config: { get: (key) => config[key] } });
    return made;
  };
  const credentials = { "twilio:accountSid": account, "twilio:authToken": "secret" };
  const olds = { accountSid: account, conversation: room, identity: "ada", __provider: "old" };
  const news = { conversation: room, identity: "ada", __provider: "old" };

  it("says nothing of a change but that there is one, so that the engine compares the inputs", async () => {
    const { diff } = provider(credentials);
    expect(await diff(person, olds, news)).toEqual({ changes: false });
    expect(await diff(person, olds, { ...news, attributes: { a: 1 } })).toEqual({ replaces: [], deleteBeforeReplace: false });
    expect(await diff(person, olds, { ...news, identity: "bob" })).toEqual({ replaces: ["identity"], deleteBeforeReplace: true });
  });

  it("lets a new provider's text into the state", async () => {
    expect(await provider(credentials).diff(person, olds, { ...news, __provider: "new" })).toEqual({
      replaces: [],
      deleteBeforeReplace: false,
    });
  });

  it("names every problem by its property", async () => {
    const { failures } = await provider(credentials).check({}, { conversation: "x", identity: "", atributes: {} });
    expect(failures?.map(({ property }) => property).sort()).toEqual(["atributes", "conversation", "identity"]);
  });

  it("says what is missing when there are no credentials", async () => {
    await expect(provider().create(news)).rejects.toThrow("no Twilio credentials found");
    await expect(provider().read(person, olds)).rejects.toThrow("no Twilio credentials found");
  });

  it("asks nothing of Twilio to check and to plan", async () => {
    // This address answers nobody.
    const deaf = provider({ ...credentials, "twilio:baseUrl": "http://127.0.0.1:1" });
    expect(await deaf.check({}, news)).toEqual({ inputs: news, failures: [] });
    expect(await deaf.diff(person, olds, news)).toEqual({ changes: false });
  });
});
