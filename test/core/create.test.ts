import { afterEach, describe, expect, it, vi } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { PartialFailure } from "../../src/core/lifecycle/objects";
import { noteKeyOf } from "../../src/core/lifecycle/pending-create";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Body, Request } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, conversationId, fake, late, participantId, service } from "../support/fake-twilio";

afterEach(() => void vi.useRealTimers());

/** A Twilio that creates what `answer` returns, and counts how many requests it had at once. */
function fakeCounting(answer: (form: Request["form"]) => Body) {
  let running = 0;
  let most = 0;
  const { of } = fake(async ({ form }) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return answer(form);
  });
  return { of, most: () => most };
}

describe("a create", () => {
  const support = { friendlyName: "Support", __urn: "urn" };
  const key = noteKeyOf(conversationService, support, "urn") as string;
  const made = { sid: service, account_sid: account, friendly_name: "Support" };
  const who = { conversation: conversationId, identity: "ada" };
  const taken = new TwilioError("Cannot create", { status: 409, code: 50433, message: "Participant already exists" });

  it("adopts the conflicting object if it has the place of this one and nothing shows who created it", async () => {
    const { of, asked, log } = fake(({ method }) => {
      if (method === "post") throw taken;
      return { sid: "MB9", account_sid: account, identity: "ada" };
    });
    expect(await of(participant).create(who)).toMatchObject({ id: `${conversationId}/MB9`, outputs: { identity: "ada", sid: "MB9" } });
    // It looks again once every resource that the program declares has shown what it has.
    expect(asked.map((request) => request.split(" ")[0])).toEqual(["post", "get", "get"]);
    expect(log).toEqual([
      expect.stringMatching(/^warn: Participant MB9 carries the mark.*a destroy keeps it.*adopt: "MB9" and onDelete: "delete"/),
    ]);
  });

  it("fails with Twilio's error if nothing proves ownership, or if no object is found", async () => {
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
    await refusal.toThrow(`The name belongs to CH9, active, of service ${service} in account ${account}`);
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
  ])("after status %i sends %j", async (status, methods) => {
    const { of, asked } = fake(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status, message: "no" });
      return undefined;
    });
    await expect(of(participant).create(who)).rejects.toThrow("Cannot create");
    expect(asked.map((request) => request.split(" ")[0])).toEqual(methods);
  });

  it("is not sent again in the same run if Twilio accepts duplicates of the type", async () => {
    const { of, asked } = fake(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer" });
      return { services: [], meta: {} };
    });
    await expect(of(conversationService).create({ friendlyName: "Support", __urn: "urn" })).rejects.toThrow("Cannot create");
    expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
  });

  it.each([
    ["timed out", { timedOut: true }, 90, 0],
    ["was answered 504 by a gateway", { status: 504 }, 90, 0],
    // The run ends at once, and the next one waits as long as Twilio's lists may lag behind.
    ["lost its connection", {}, 0, 6],
  ])("of a service that %s is looked up for as long as it may still arrive", async (_what, how, seconds, waits) => {
    const { of, asked, context, clock } = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer", ...how });
      return { services: [] };
    });
    const begun = clock();
    await expect(of(conversationService).create(support)).rejects.toThrow("no answer");
    expect(Math.round((clock() - begun) / 1000)).toBe(seconds);
    expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
    // After a look-up until the end of the window, the next run does not wait again.
    const next = late(({ method }) => (method === "post" ? made : { services: [] }), context.notes);
    await next.of(conversationService).create(support);
    expect(next.waits()).toBe(waits);
  });

  it.each([
    ["timed out", { timedOut: true }],
    ["lost its connection", {}],
  ])("of a service that %s is recovered by the next run if Twilio's lists show it only then", async (_what, how) => {
    const first = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer", ...how });
      return { services: [] };
    });
    const arrived = { ...made, date_created: new Date(first.clock() + 1000).toISOString() };
    await expect(first.of(conversationService).create(support)).rejects.toThrow("no answer");
    const next = late(({ method }) => (method === "post" ? expect.unreachable() : { services: [arrived] }), first.context.notes);
    expect(await next.of(conversationService).create(support)).toMatchObject({ id: service });
  });

  it("of a conversation without a unique name is not waited for: nothing would identify it", async () => {
    const { of, asked, waits } = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no response", timedOut: true });
      return { conversations: [] };
    });
    await expect(of(conversation).create({ service, ownerMark: "none-may-duplicate", __urn: "urn" })).rejects.toThrow(
      "Look for it at Twilio",
    );
    expect(waits()).toBe(0);
    expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
  });

  it("of a service whose run was killed is looked up while it may still arrive, and then sent", async () => {
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

  it("of a service that a canceled run could not wait for is recovered by the next run", async () => {
    const first = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer", timedOut: true });
      return { services: [] };
    });
    first.cancel();
    await expect(first.of(conversationService).create(support)).rejects.toThrow(
      "it is not known yet whether Twilio carried out an earlier create. Run `pulumi up` again",
    );
    const arrived = { ...made, date_created: new Date(first.clock() + 1000).toISOString() };
    const next = late(({ method }) => (method === "post" ? expect.unreachable() : { services: [arrived] }), first.context.notes);
    expect(await next.of(conversationService).create(support)).toMatchObject({ id: service });
  });

  it("that was sent twice after a lost response takes over the object of the first request", async () => {
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

  it("keeps the note of an earlier create if the decision after a refusal fails", async () => {
    let lists = 0;
    const { of, context, clock } = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 409, message: "exists" });
      lists += 1;
      if (lists > 1) throw new TwilioError("Cannot list", { status: 403, message: "no" });
      return { services: [] };
    });
    const earlier = { key, at: new Date(clock() - 100_000).toISOString() };
    context.notes.write(key, earlier);
    await expect(of(conversationService).create(support)).rejects.toThrow("Cannot list");
    expect(context.notes.read(key)).toEqual(earlier);
  });

  it("keeps the note of an earlier create that a later list shows, if the next attempt is refused", async () => {
    const first = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer" });
      return { services: [] };
    });
    await expect(first.of(conversationService).create(support)).rejects.toThrow("no answer");
    const arrived = { ...made, date_created: new Date(first.clock() + 1000).toISOString() };
    const second = late(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot create", { status: 400, message: "no" });
      return { services: [] };
    }, first.context.notes);
    await expect(second.of(conversationService).create(support)).rejects.toThrow("no");
    expect(second.asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
    const third = late(({ method }) => (method === "post" ? expect.unreachable() : { services: [arrived] }), first.context.notes);
    expect(await third.of(conversationService).create(support)).toMatchObject({ id: service });
  });

  it("sends nothing if its note cannot be written", async () => {
    const { of, asked, context } = fake();
    Object.assign(context.notes, { write: () => false });
    await expect(of(conversationService).create(support)).rejects.toThrow("nothing was sent");
    expect(asked).toEqual([]);
  });

  it("of participants is serialized within one conversation and concurrent across conversations", async () => {
    const { of, most } = fakeCounting((form) => ({ sid: "MB1", identity: form?.Identity }));
    const cycle = of(participant);
    await Promise.all(["a", "b", "c"].map((identity) => cycle.create({ conversation: conversationId, identity })));
    expect(most()).toBe(1);
    await Promise.all(["a", "b", "c"].map((identity, index) => cycle.create({ conversation: `${service}/CH${index}`, identity })));
    expect(most()).toBe(3);
  });

  it("of conversations is concurrent within one service", async () => {
    const { of, most } = fakeCounting((form) => ({ sid: `CH${"7".repeat(32)}`, unique_name: form?.UniqueName }));
    const cycle = of(conversation);
    await Promise.all(["a", "b", "c"].map((uniqueName) => cycle.create({ service, uniqueName })));
    expect(most()).toBe(3);
  });

  it("of a participant proceeds after the create of another one failed", async () => {
    let first = true;
    const { of } = fake(({ method, form }) => {
      if (method === "post" && first) {
        first = false;
        throw new TwilioError("Cannot create", { status: 400, message: "no" });
      }
      return { sid: "MB1", identity: form?.Identity };
    });
    const cycle = of(participant);
    const [failed, made] = await Promise.allSettled(["a", "b"].map((identity) => cycle.create({ conversation: conversationId, identity })));
    expect([failed?.status, made?.status]).toEqual(["rejected", "fulfilled"]);
  });

  it("that fails halfway reports the object and its outputs", async () => {
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
      /^ConversationService IS3+ exists and is in the state, but is not yet as declared\. Cannot read the configuration[\s\S]*The next `pulumi up` does the rest\.$/,
    );
  });
});

describe("a successful response that contains no object", () => {
  it.each([[{}], [{ status: "ok" }]])(
    "does not count as a create (%j): the object is looked up, and nothing is sent again",
    async (answer) => {
      const { of, asked } = fake(({ method }) => (method === "post" ? answer : undefined));
      await expect(of(participant).create({ conversation: conversationId, identity: "ada" })).rejects.toThrow(
        "the response is not about a Participant",
      );
      expect(asked.map((request) => request.split(" ")[0])).toEqual(["post", "get"]);
    },
  );

  it("does not count as a read: the object is reported neither changed nor deleted", async () => {
    const { of } = fake(() => ({ status: "ok", sid: undefined }));
    await expect(of(participant).read(participantId, { accountSid: account, conversation: conversationId })).rejects.toThrow(
      "the response is not about a Participant",
    );
  });
});

describe("a purchase", () => {
  const urn = "urn:pulumi:dev::shop::pulumi-nodejs:twilio/numbers:PhoneNumber::desk";

  it("of a number looks for the resource's ownership mark first, and takes the number that another run bought meanwhile", async () => {
    const theirs = { sid: "PN9", account_sid: account, phone_number: "+12125550001", friendly_name: "pulumi shop/dev/desk" };
    const { of, asked } = fake(() => ({ incoming_phone_numbers: [theirs] }));
    const planned = { search: { country: "US" }, phoneNumber: "+15005550006", __urn: urn };
    expect(await of(phoneNumber).create(planned)).toMatchObject({ id: "PN9", outputs: { phoneNumber: "+12125550001", __found: true } });
    expect(asked.filter((request) => request.startsWith("post"))).toEqual([]);
  });
});
