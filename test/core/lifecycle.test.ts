import { describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { type DynamicProvider, providers } from "../../src/core/provider/dynamic-provider";
import { TwilioError } from "../../src/core/twilio/errors";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, conversationId, fake, participantId, service } from "../support/fake-twilio";
import { unknown } from "../support/mini-engine";
import { noteStoreOf } from "../support/note-store";

const other = `AC${"2".repeat(32)}`;
const number = `PN${"6".repeat(32)}`;

describe("an object of another account", () => {
  const known = { accountSid: other, friendlyName: "Support", phoneNumber: "+15005550006", onDelete: "release" };

  it.each<[string, Definition, string]>([
    ["PhoneNumber", phoneNumber, number],
    ["ConversationService", conversationService, service],
    ["Conversation", conversation, conversationId],
    ["Participant", participant, participantId],
  ])("%s is refused before any request is sent", async (_noun, definition, id) => {
    const { of, asked } = fake();
    const cycle = of(definition);
    const words = `belongs to account ${other}, but the credentials are those of account ${account}`;
    await expect(cycle.diff(id, known, known)).rejects.toThrow(words);
    await expect(cycle.read(id, known)).rejects.toThrow(words);
    await expect(cycle.update(id, known, { friendlyName: "x" })).rejects.toThrow(words);
    await expect(cycle.delete(id, known)).rejects.toThrow("Nothing was changed");
    expect(asked).toEqual([]);
  });

  it("is compared by account: an object of the configured account is accepted", async () => {
    const { of, asked } = fake();
    await of(conversation).delete(conversationId, { ...known, accountSid: account, onDelete: "delete" });
    expect(asked.at(-1)).toBe(`delete /v1/Services/${conversationId.replace("/", "/Conversations/")}`);
  });
});

describe("a diff", () => {
  const olds = { accountSid: account, conversation: conversationId, identity: "ada", attributes: { a: 1 }, sid: "MB5" };

  it.each<[string, Props, { changes: string[]; replaces: string[] }]>([
    ["no change", { conversation: conversationId, identity: "ada", attributes: { a: 1 } }, { changes: [], replaces: [] }],
    [
      "an update in place",
      { conversation: conversationId, identity: "ada", attributes: { a: 2 } },
      { changes: ["attributes"], replaces: [] },
    ],
    [
      "a replacement",
      { conversation: conversationId, identity: "bob", attributes: { a: 1 } },
      { changes: ["identity"], replaces: ["identity"] },
    ],
    [
      "an unknown value of a create-only property as a change, because it may turn out to be the same",
      { conversation: conversationId, identity: unknown, attributes: { a: 1 } },
      { changes: ["identity"], replaces: [] },
    ],
    [
      "an unknown parent as a replacement",
      { conversation: unknown, identity: "ada", attributes: { a: 1 } },
      { changes: ["conversation"], replaces: ["conversation"] },
    ],
    [
      "a property group under its own name",
      { conversation: conversationId, identity: "ada", attributes: { a: 1 }, sms: { address: "+1", proxyAddress: "+2" } },
      { changes: ["sms"], replaces: ["sms"] },
    ],
  ])("reports %s", async (_what, news, plan) => {
    const { of, asked } = fake();
    expect(await of(participant).diff(participantId, olds, news)).toMatchObject({ ...plan, deleteBeforeReplace: plan.replaces.length > 0 });
    expect(asked).toEqual([]);
  });

  it("reports no change when the program names the default service that the conversation is in", async () => {
    const { of } = fake();
    const known = { accountSid: account, friendlyName: "Hello" };
    const moved = async (to: string) =>
      (await of(conversation).diff(conversationId, known, { friendlyName: "Hello", service: to })).replaces;
    expect(await moved(service)).toEqual([]);
    expect(await moved(`IS${"9".repeat(32)}`)).toEqual(["service"]);
  });
});

describe("an update", () => {
  const sid = conversationId.split("/")[1];

  it.each<[string, Props, Props, Props]>([
    ["keeps `adopt` that the program no longer declares", { adopt: sid }, {}, { adopt: sid }],
    ["ignores `adopt` for an object that the resource created", {}, { adopt: sid }, {}],
    ["does not own an object that was found by its mark", { __found: true }, {}, { __found: true }],
    ["owns an object that was found by its mark once the program adopts it", { __found: true }, { adopt: sid }, { adopt: sid }],
  ])("%s", async (_what, before, declared, after) => {
    const { of } = fake(({ form }) => ({ sid, account_sid: account, friendly_name: form?.FriendlyName }));
    const olds = { accountSid: account, friendlyName: "Old", ...before };
    const { outputs } = await of(conversation).update(conversationId, olds, { friendlyName: "New", ...declared });
    const { adopt, __found } = outputs;
    expect({ adopt, __found, friendlyName: outputs.friendlyName }).toEqual({ ...after, friendlyName: "New" });
  });

  it("that sends nothing reads the object only if an output is missing", async () => {
    const { of, asked } = fake(() => ({ sid: number, account_sid: account, phone_number: "+15005550006", origin: "twilio" }));
    const declared = { phoneNumber: "+15005550006" };
    const complete = { accountSid: account, ...declared, capabilities: {}, addressRequirements: "none", beta: false, origin: "hosted" };
    const update = async (olds: Props) => (await of(phoneNumber).update(number, olds, { ...declared, onDelete: "release" })).outputs;
    expect(await update(complete)).toMatchObject({ onDelete: "release", origin: "hosted" });
    await of(conversation).update(conversationId, { accountSid: account }, { onDelete: "retain" });
    expect(asked).toEqual([]);
    const { origin: _origin, ...incomplete } = complete;
    expect(await update(incomplete)).toMatchObject({ onDelete: "release", origin: "twilio" });
    expect(asked.map((request) => request.split(" ")[0])).toEqual(["get"]);
  });
});

describe("an update whose response is lost", () => {
  const lost = new TwilioError("Cannot update", { status: 0, message: "no answer" });
  const known = { accountSid: account, friendlyName: "Old" };
  const conversationSid = conversationId.split("/")[1];

  it("is not sent again if Twilio carried it out", async () => {
    const { of, asked } = fake(({ method }) => {
      if (method === "post") throw lost;
      return { sid: conversationSid, account_sid: account, friendly_name: "New" };
    });
    expect((await of(conversation).update(conversationId, known, { friendlyName: "New" })).outputs).toMatchObject({ friendlyName: "New" });
    expect(asked.map((request) => request.split(" ")[0])).toEqual(["post", "get"]);
  });

  it("is sent once more if Twilio did not carry it out, or if a read cannot show it", async () => {
    const requestsFor = async (news: Record<string, unknown>) => {
      let posts = 0;
      const { of, asked } = fake(({ method }) => {
        if (method === "post" && posts++ === 0) throw lost;
        return { sid: conversationSid, account_sid: account, friendly_name: posts > 1 ? "New" : "Old" };
      });
      await of(conversation).update(conversationId, known, news);
      return asked.map((request) => request.split(" ")[0]);
    };
    expect(await requestsFor({ friendlyName: "New" })).toEqual(["post", "get", "post"]);
    expect(await requestsFor({ friendlyName: "Old", timers: { closed: "PT1H" } })).toEqual(["post", "get", "post"]);
  });
});

describe("the dynamic provider", () => {
  /** A provider whose only source of credentials is `config`. */
  const provider = (config: Record<string, string> = {}, definition = participant): DynamicProvider => {
    const environment = { env: {}, cwd: "/", openEmbedded: () => Promise.reject(new Error("the embedded emulator was opened")) };
    const made = providers({ environment: environment, log: () => {}, openNotes: () => noteStoreOf() })(definition);
    made.configure({ config: { get: (key) => config[key] } });
    return made;
  };
  const credentials = { "twilio:accountSid": account, "twilio:authToken": "secret" };
  const olds = { accountSid: account, conversation: conversationId, identity: "ada", __provider: "old" };
  const news = { conversation: conversationId, identity: "ada", __provider: "old" };

  it("never reports `changes: true`, so that the engine compares the inputs", async () => {
    const { diff } = provider(credentials);
    expect(await diff(participantId, olds, news)).toEqual({ changes: false });
    expect(await diff(participantId, olds, { ...news, attributes: { a: 1 } })).toEqual({ replaces: [], deleteBeforeReplace: false });
    expect(await diff(participantId, olds, { ...news, identity: "bob" })).toEqual({ replaces: ["identity"], deleteBeforeReplace: true });
  });

  it("lets a new `__provider` value into the state", async () => {
    expect(await provider(credentials).diff(participantId, olds, { ...news, __provider: "new" })).toEqual({
      replaces: [],
      deleteBeforeReplace: false,
    });
  });

  it("reports every problem under its property", async () => {
    const { failures } = await provider(credentials).check({}, { conversation: "x", identity: "", atributes: {} });
    expect(failures?.map(({ reason }) => reason.split(" ")[0]).sort()).toEqual(["atributes", "conversation", "identity"]);
  });

  it("says that credentials are missing", async () => {
    await expect(provider().create(news)).rejects.toThrow("no Twilio credentials found");
    await expect(provider().read(participantId, olds)).rejects.toThrow("no Twilio credentials found");
  });

  it("sends no request to check and diff", async () => {
    // Nothing listens on this address.
    const deaf = provider({ ...credentials, "twilio:baseUrl": "http://127.0.0.1:1" });
    expect(await deaf.check({}, news)).toEqual({ inputs: news, failures: [] });
    expect(await deaf.diff(participantId, olds, news)).toEqual({ changes: false });
  });
});
