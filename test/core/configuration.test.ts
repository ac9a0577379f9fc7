import { describe, expect, it } from "vitest";
import { conversationConfiguration } from "../../src/conversations/configuration";
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
  return { cycle: made.of(conversationConfiguration), forms, live, log: made.log, asked: made.asked };
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
    const { cycle, live, log, forms } = configuration();
    const { id, outputs } = await cycle.create(declared);
    const { outputs: updated } = await cycle.update(id, outputs, { ...declared, defaultInactiveTimer: "PT2H" });
    const read = await cycle.read(id, updated);
    await cycle.delete(id, read?.outputs as Props);
    expect(live).toMatchObject({ default_chat_service_sid: former, default_inactive_timer: null, default_closed_timer: "P30D" });
    expect(log.at(-1)).toContain(`former values again: defaultChatServiceSid "${former}", defaultInactiveTimer (not set).`);
    // A second destroy finds nothing to send.
    const before = forms.length;
    await cycle.delete(id, read?.outputs as Props);
    expect(forms).toHaveLength(before);
  });

  it.each<[string, Props]>([
    ["with `onDelete: retain`", { onDelete: "retain" }],
    ["where it was adopted", { adopt: account }],
  ])("keeps the declared values after destroy %s", async (_when, more) => {
    const { cycle, live, log } = configuration();
    const { id, outputs } = await cycle.create({ ...declared, ...more });
    await cycle.delete(id, outputs);
    expect(live).toMatchObject({ default_chat_service_sid: service, default_inactive_timer: "PT1H" });
    expect(log.at(-1)).toContain("stays at Twilio");
  });

  it("restores an adopted configuration only on request", async () => {
    const { cycle, live } = configuration();
    const { id, outputs } = await cycle.create({ ...declared, adopt: account, onDelete: "restore" });
    await cycle.delete(id, outputs);
    expect(live).toMatchObject({ default_chat_service_sid: former });
  });

  it("refuses to adopt the configuration of another account", async () => {
    const { cycle, forms } = configuration();
    await expect(cycle.create({ ...declared, adopt: `AC${"9".repeat(32)}` })).rejects.toThrow(`its id is "${account}"`);
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
