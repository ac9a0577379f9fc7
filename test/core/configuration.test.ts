import { describe, expect, it } from "vitest";
import { conversationConfiguration } from "../../src/conversations/configuration";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Body } from "../../src/core/twilio/twilio";
import { account, fake, service } from "../support/fake-twilio";

const url = "https://conversations.twilio.com/v1/Configuration";
const former = `IS${"8".repeat(32)}`;

/** An account's configuration that keeps what is sent. */
function configuration(values: Body = {}) {
  const live: Body = {
    account_sid: account,
    url,
    default_chat_service_sid: former,
    default_messaging_service_sid: `MG${"1".repeat(32)}`,
    default_inactive_timer: null,
    default_closed_timer: "P30D",
    ...values,
  };
  const forms: unknown[] = [];
  const made = fake(({ method, form }) => {
    if (method === "post") {
      forms.push(form);
      const snake = (key: string) => key.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
      for (const [key, value] of Object.entries(form ?? {})) live[snake(key)] = value === "PT0S" || value === "" ? null : value;
    }
    return { ...live };
  });
  // A second cycle of the same fake is a later run: one run keeps what it has just created.
  return {
    cycle: made.of(conversationConfiguration),
    later: () => made.of(conversationConfiguration),
    forms,
    live,
    log: made.log,
    asked: made.asked,
    context: made.context,
  };
}

const declared = { defaultChatServiceSid: service, defaultInactiveTimer: "PT1H" };

describe("the account's configuration", () => {
  it("is not created: the first declaration records the values that it finds and sends what differs", async () => {
    const { cycle, forms, asked } = configuration();
    const { id, outputs } = await cycle.create({ ...declared, defaultClosedTimer: "P30D" });
    expect(id).toBe(account);
    expect(forms).toEqual([{ DefaultChatServiceSid: service, DefaultInactiveTimer: "PT1H" }]);
    expect(outputs).toMatchObject({ ...declared, defaultClosedTimer: "P30D", sid: account, accountSid: account });
    expect(asked).toEqual(["get /v1/Configuration", "post /v1/Configuration"]);
  });

  it("gets its former value back where the program no longer declares one", async () => {
    const { cycle, forms } = configuration();
    const { id, outputs } = await cycle.create(declared);
    forms.length = 0;
    const changed = await cycle.update(id, outputs, { defaultInactiveTimer: "PT2H" });
    expect(forms).toEqual([{ DefaultChatServiceSid: former, DefaultInactiveTimer: "PT2H" }]);
    expect(changed.outputs).toMatchObject({ defaultInactiveTimer: "PT2H" });
    expect(changed.outputs).not.toHaveProperty("defaultChatServiceSid");
    await cycle.update(id, changed.outputs, {});
    expect(forms.at(-1)).toEqual({ DefaultInactiveTimer: "PT0S" });
  });

  it("has the values that were found at first after destroy, which says so", async () => {
    const { cycle, later, live, log, forms } = configuration();
    const { id, outputs } = await cycle.create({ ...declared, adopt: account, onDelete: "restore" });
    const { outputs: updated } = await cycle.update(id, outputs, { ...declared, onDelete: "restore", defaultInactiveTimer: "PT2H" });
    const read = await cycle.read(id, updated);
    await later().delete(id, read?.outputs as Props);
    expect(live).toMatchObject({ default_chat_service_sid: former, default_inactive_timer: null, default_closed_timer: "P30D" });
    expect(log.at(-1)).toContain(`former values again: defaultChatServiceSid "${former}", defaultInactiveTimer (not set).`);
    // A second destroy finds nothing to send.
    const before = forms.length;
    await later().delete(id, read?.outputs as Props);
    expect(forms).toHaveLength(before);
  });

  it.each<[string, Props]>([
    ["with `onDelete: retain`", { onDelete: "retain" }],
    ["where it was adopted", { adopt: account }],
  ])("keeps the declared values after destroy %s", async (_when, more) => {
    const { cycle, later, live, log } = configuration();
    const { id, outputs } = await cycle.create({ ...declared, ...more });
    await later().delete(id, outputs);
    expect(live).toMatchObject({ default_chat_service_sid: service, default_inactive_timer: "PT1H" });
    expect(log.at(-1)).toContain("stays at Twilio");
  });

  it("restores an adopted configuration only on request", async () => {
    const { cycle, later, live } = configuration();
    const { id, outputs } = await cycle.create({ ...declared, adopt: account, onDelete: "restore" });
    await later().delete(id, outputs);
    expect(live).toMatchObject({ default_chat_service_sid: former });
  });

  it("refuses to adopt the configuration of another account", async () => {
    const { cycle, forms } = configuration();
    await expect(cycle.create({ ...declared, adopt: `AC${"9".repeat(32)}` })).rejects.toThrow(`its id is "${account}"`);
    expect(forms).toEqual([]);
  });

  it("sends nothing if the note of its former values cannot be written", async () => {
    const { cycle, forms, context } = configuration();
    Object.assign(context.notes, { write: () => false });
    await expect(cycle.create(declared)).rejects.toThrow("nothing was sent");
    expect(forms).toEqual([]);
  });

  it("keeps the former values when only part of it could be done", async () => {
    const { of } = fake(({ method }) => {
      if (method === "post") throw new TwilioError("Cannot update", { status: 403, message: "no" });
      return { account_sid: account, url, default_chat_service_sid: former };
    });
    const error = await of(conversationConfiguration)
      .create(declared)
      .catch((error: unknown) => error);
    expect(error).toMatchObject({ kept: { id: account, outputs: { __former: { defaultChatServiceSid: former } } } });
  });

  it("shows drift on read, and keeps the former values out of the inputs", async () => {
    const { cycle, live } = configuration();
    const { id, outputs } = await cycle.create(declared);
    live.default_inactive_timer = "PT5M";
    const read = await cycle.read(id, outputs);
    expect(read?.inputs).toEqual({ ...declared, defaultInactiveTimer: "PT5M" });
    expect(read?.outputs).toMatchObject({ __former: { defaultChatServiceSid: former } });
  });

  it("is read by the account's SID and by nothing else", async () => {
    const { cycle } = configuration();
    expect((await cycle.read(account, {}))?.outputs).toMatchObject({ defaultClosedTimer: "P30D", sid: account });
    await expect(cycle.read("AC1", {})).rejects.toThrow(`"AC1" is not an id; write "${account}"`);
  });
});

describe("the former values of the account's configuration", () => {
  it("survive a run that ends before its state is saved", async () => {
    const first = configuration();
    await first.cycle.create(declared);
    const next = configuration(first.live);
    Object.assign(next.context, { notes: first.context.notes });
    const { id, outputs } = await next.cycle.create(declared);
    const last = configuration(next.live);
    await last.cycle.delete(id, outputs);
    expect(last.live).toMatchObject({ default_chat_service_sid: former, default_inactive_timer: null });
  });

  it("are not replaced by a rename: the new resource keeps the values when the old one is deleted", async () => {
    const { cycle, live } = configuration();
    const { id, outputs } = await cycle.create(declared);
    await cycle.create(declared);
    await cycle.delete(id, outputs);
    expect(live).toMatchObject({ default_chat_service_sid: service, default_inactive_timer: "PT1H" });
  });

  it("are not invented: a state without them leaves Twilio as it is", async () => {
    const { cycle, live, log, forms } = configuration({ default_inactive_timer: "PT5M" });
    const read = (await cycle.read(account, {})) as { outputs: Props };
    await cycle.update(account, read.outputs, {});
    await cycle.delete(account, read.outputs);
    expect(forms).toEqual([]);
    expect(live).toMatchObject({ default_inactive_timer: "PT5M" });
    expect(log.at(-1)).toContain("keeps its values: the state does not have the former ones");
  });
});

describe("the configuration of a parent", () => {
  const settings: Definition = {
    ...conversationConfiguration,
    type: "twilio/test:Settings",
    sid: "IS",
    path: ([parent]) => `/v1/Services/${parent}/Configuration`,
    fields: { service: { parent: "ConversationService", required: true }, reachabilityEnabled: { type: "boolean" } },
  };

  it("has the id of its parent, is set, and is restored by destroy", async () => {
    const live = {
      chat_service_sid: service,
      url: "https://conversations.twilio.com/v1/Services/IS/Configuration",
      reachability_enabled: false,
    };
    const { of, asked } = fake(({ method, form }) => {
      if (method === "post") live.reachability_enabled = form?.ReachabilityEnabled === "true";
      return { ...live };
    });
    const { id, outputs } = await of(settings).create({ service, reachabilityEnabled: true });
    expect(id).toBe(service);
    expect(outputs).toMatchObject({ sid: service, reachabilityEnabled: true });
    expect(live.reachability_enabled).toBe(true);
    await of(settings).delete(id, outputs);
    expect(live.reachability_enabled).toBe(false);
    expect(new Set(asked.map((request) => request.split(" ")[1]))).toEqual(new Set([`/v1/Services/${service}/Configuration`]));
  });
});
