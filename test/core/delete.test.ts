import { describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { TwilioError } from "../../src/core/twilio/errors";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, conversationId, fake, participantId, service } from "../support/fake-twilio";

const number = `PN${"6".repeat(32)}`;

describe("a delete", () => {
  it("succeeds if the object is already gone", async () => {
    const { of } = fake(() => undefined);
    await of(participant).delete(participantId, { accountSid: account });
  });

  it.each<[string, Definition, string, Props, string | undefined]>([
    ["deletes a conversation", conversation, conversationId, {}, undefined],
    [
      "keeps a conversation with `onDelete: retain`",
      conversation,
      conversationId,
      { onDelete: "retain" },
      'stays at Twilio: onDelete: "retain".',
    ],
    ["keeps an adopted conversation", conversation, conversationId, { adopt: "lobby" }, "stays at Twilio: it was adopted."],
    [
      "deletes an adopted conversation with `onDelete: delete`",
      conversation,
      conversationId,
      { adopt: "lobby", onDelete: "delete" },
      undefined,
    ],
    ["keeps a number by default", phoneNumber, number, { phoneNumber: "+15005550006" }, 'onDelete: "retain", the default.'],
    ["releases a number with `onDelete: release`", phoneNumber, number, { phoneNumber: "+15005550006", onDelete: "release" }, undefined],
  ])("%s", async (_what, definition, id, known, kept) => {
    const { of, asked, log } = fake();
    await of(definition).delete(id, { accountSid: account, ...known });
    expect(asked.filter((request) => request.startsWith("delete"))).toHaveLength(kept ? 0 : 1);
    if (kept) expect(log.join()).toContain(kept);
    else if (definition === phoneNumber) expect(log.join()).toContain("can be bought again for at most ten days");
  });

  it("refuses a service that still holds conversations, unless `forceDestroy` is set", async () => {
    const held = [{ sid: "CH1", friendly_name: "Hello", unique_name: "hello~1a2b3c4" }];
    const holding = fake(({ method }) => (method === "get" ? { conversations: held } : {}));
    await expect(holding.of(conversationService).delete(service, { accountSid: account })).rejects.toThrow(
      /holds conversation CH1 \("hello"\)/,
    );
    expect(holding.asked.filter((request) => request.startsWith("delete"))).toEqual([]);
    await holding.of(conversationService).delete(service, { accountSid: account, forceDestroy: true });
    const empty = fake(({ method }) => (method === "get" ? { conversations: [] } : {}));
    await empty.of(conversationService).delete(service, { accountSid: account });
    for (const { asked } of [holding, empty]) expect(asked.at(-1)).toBe(`delete /v1/Services/${service}`);
  });
});

describe("the loss of a service's conversations", () => {
  it.each([
    [5, ""],
    [6, "; and 1 more"],
    [99, "; and 94 more"],
    [100, "; and at least 95 more"],
  ])("is stated for %i on one page, which Twilio limits to 100", async (count, more) => {
    const held = Array.from({ length: count }, (_, index) => ({ sid: `CH${index}` }));
    const { of } = fake(({ path }) => (path.endsWith("/Conversations") ? { conversations: held } : { messages: [] }));
    const error = await of(conversationService).delete(service, { accountSid: account }).catch(String);
    expect(error).toContain(`conversation CH4 with no messages${more}. Nothing was deleted.`);
    expect(error).not.toContain("CH5");
  });
});

describe("the release of a number", () => {
  const number = `PN${"1".repeat(32)}`;
  const known = { accountSid: account, phoneNumber: "+15005550006", onDelete: "release" };

  const methods = (asked: string[]) => asked.map((request) => request.split(" ")[0]);
  const registered = { emergency_address_sid: `AD${"1".repeat(32)}` };

  it("detaches the emergency address first, even if the program did not declare it", async () => {
    const { of, asked } = fake(() => registered);
    await of(phoneNumber).delete(number, known);
    expect(methods(asked)).toEqual(["get", "post", "delete"]);
  });

  it("sends one write if the number has no emergency address", async () => {
    const { of, asked } = fake(() => ({ emergency_address_sid: null }));
    await of(phoneNumber).delete(number, known);
    expect(methods(asked)).toEqual(["get", "delete"]);
  });

  it.each([
    ["does not detach the address again if Twilio detached it", {}, ["get", "post", "get", "delete"]],
    ["detaches the address again if it is still attached", registered, ["get", "post", "get", "post", "delete"]],
  ])("%s after a lost response", async (_what, then, expected) => {
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

describe("a conversation or service that holds messages", () => {
  const last = { messages: [{ index: 11, date_created: "2026-11-24T10:00:00Z" }] };
  const moved = { service: `IS${"9".repeat(32)}` };
  const known = { accountSid: account, service, friendlyName: "Hello" };
  const lost = "its messages, the last of which is number 12, of 2026-11-24T10:00:00Z";
  const holding = () => fake(({ path }) => (path.endsWith("/Messages") ? last : {}));
  const empty = () => fake(({ path }) => (path.endsWith("/Messages") ? { messages: [] } : {}));
  const deleted = (asked: string[]) => asked.filter((request) => request.startsWith("delete")).length;

  it("is not deleted: the error says what would be lost", async () => {
    const { of, asked } = holding();
    await expect(of(conversation).delete(conversationId, known)).rejects.toThrow(`Deleting it deletes ${lost}. Nothing was deleted.`);
    expect(deleted(asked)).toBe(0);
  });

  it("is not replaced: the preview says so", async () => {
    const { of } = holding();
    await expect(of(conversation).diff(conversationId, known, { ...known, ...moved })).rejects.toThrow(
      `replacing ${conversationId} ("Hello") deletes ${lost}`,
    );
  });

  it("is deleted or replaced if `forceDestroy` is set", async () => {
    const { of, asked } = holding();
    await of(conversation).delete(conversationId, { ...known, forceDestroy: true });
    const cycle = of(conversation);
    expect(await cycle.diff(conversationId, known, { ...known, ...moved, forceDestroy: true })).toMatchObject({ replaces: ["service"] });
    await cycle.delete(conversationId, known);
    expect(deleted(asked)).toBe(2);
  });

  it("may be replaced if the old conversation stays at Twilio", async () => {
    const { of, asked } = holding();
    for (const kept of [{ onDelete: "retain" }, { adopt: "lobby" }]) {
      expect(await of(conversation).diff(conversationId, { ...known, ...kept }, { ...known, ...moved })).toMatchObject({
        replaces: ["service"],
      });
    }
    expect(asked).toEqual([]);
  });

  it("is deleted or replaced without `forceDestroy` if it has no messages after all", async () => {
    const { of, asked } = empty();
    await of(conversation).delete(conversationId, known);
    expect(await of(conversation).diff(conversationId, known, { ...known, ...moved })).toMatchObject({ replaces: ["service"] });
    expect(deleted(asked)).toBe(1);
  });

  it("is listed in the error that refuses to delete its service", async () => {
    const conversations = Array.from({ length: 7 }, (_, index) => ({ sid: `CH${index}` }));
    const { of } = fake(({ path }) => (path.endsWith("/Messages") ? last : path.endsWith("/Conversations") ? { conversations } : {}));
    const refused = expect(of(conversationService).delete(service, { accountSid: account })).rejects;
    await refused.toThrow(`conversation CH0 with ${lost}`);
    await refused.toThrow("and 2 more");
  });
});

describe("an object that another resource of the stack has taken over", () => {
  it("is not deleted with its former resource", async () => {
    const { of, asked, log } = fake();
    const cycle = of(participant);
    const known = { accountSid: account, conversation: conversationId, identity: "ada" };
    await cycle.check({ conversation: conversationId, identity: "ada" }, { conversation: conversationId, identity: "ada" });
    await cycle.diff(participantId, known, { conversation: conversationId, identity: "ada" });
    await cycle.delete(participantId, known);
    expect(asked).toEqual([]);
    expect(log.join()).toContain("now belongs to another resource of this stack and is not deleted");
  });

  it("is not one that a refresh only read: `pulumi up --refresh` deletes what the program no longer declares", async () => {
    const { of, asked } = fake(({ method }) => (method === "get" ? { sid: participantId.split("/")[2], identity: "ada" } : {}));
    const cycle = of(participant);
    const known = { accountSid: account, conversation: conversationId, identity: "ada" };
    const read = await cycle.read(participantId, known);
    expect(read).not.toHaveProperty("inputs");
    // The engine compares the outputs that were read with the inputs that it has.
    await cycle.diff(participantId, read?.outputs as Props, { conversation: conversationId, identity: "ada" });
    await cycle.delete(participantId, known);
    expect(asked.filter((request) => request.startsWith("delete"))).toHaveLength(1);
  });

  it("is not one that the engine replaces: the old object is deleted", async () => {
    const { of, asked } = fake();
    const cycle = of(participant);
    const declared = { conversation: conversationId, identity: "ada" };
    const registered = { ...declared, __urn: "urn" };
    const { inputs } = await cycle.check(declared, registered);
    await cycle.diff(participantId, { accountSid: account, ...declared }, inputs);
    // The engine passes on here what ignoreChanges held back before.
    await cycle.check({}, { ...registered, attributes: { ignored: true } });
    await cycle.delete(participantId, { accountSid: account, ...declared });
    expect(asked.map((request) => request.split(" ")[0])).toEqual(["delete"]);
  });
});

describe("the account's default service", () => {
  it("is protected: no service is deleted if Twilio does not say which one is the default", async () => {
    const { of, asked } = fake(() => undefined);
    await expect(of(conversationService).delete(service, { accountSid: account })).rejects.toThrow("is not deleted");
    expect(asked).toEqual(["get /v1/Configuration"]);
  });

  it.each([{}, { forceDestroy: true }, { adopt: service, onDelete: "delete" }])("is never deleted (%j)", async (wish) => {
    const { of, asked, log } = fake(({ path }) => (path === "/v1/Configuration" ? { default_chat_service_sid: service } : {}));
    await of(conversationService).delete(service, { accountSid: account, ...wish });
    expect(asked).toEqual(["get /v1/Configuration"]);
    expect(log.join()).toContain("is the account's default service and stays at Twilio");
  });
});
