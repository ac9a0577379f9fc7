import { describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Body, Definition, Props } from "../../src/core/lifecycle/definition";
import { plain } from "../../src/core/lifecycle/props";
import { changedForm, createForm, differences, toInputs, toOutputs, toOutputsOfGet } from "../../src/core/lifecycle/wire";
import { phoneNumber } from "../../src/numbers/phone-number";
import { unknown } from "../support/mini-engine";

const account = `AC${"1".repeat(32)}`;
const room = `IS${"2".repeat(32)}/CH${"3".repeat(32)}`;

describe("the form of a create", () => {
  it.each<[string, Definition, Props, Record<string, string>]>([
    ["dots for groups", conversation, { timers: { inactive: "PT1M" }, state: "active" }, { "Timers.Inactive": "PT1M", State: "active" }],
    ["a state for timers, which Twilio wants", conversation, { timers: { closed: "P1D" } }, { "Timers.Closed": "P1D", State: "active" }],
    ["attributes as JSON text", conversation, { attributes: { a: [1] } }, { Attributes: '{"a":[1]}' }],
    ["no parent, no option, nothing hidden", conversation, { service: "IS1", adopt: "x", onDelete: "retain", __urn: "u" }, {}],
    [
      "a binding",
      participant,
      { sms: { address: "+1", proxyAddress: "+2" } },
      { "MessagingBinding.Address": "+1", "MessagingBinding.ProxyAddress": "+2" },
    ],
    [
      "no search",
      phoneNumber,
      { search: { country: "US" }, phoneNumber: "+1", voiceCallerIdLookup: true },
      { PhoneNumber: "+1", VoiceCallerIdLookup: "true" },
    ],
    ["zero-like values", phoneNumber, { voiceCallerIdLookup: false }, { VoiceCallerIdLookup: "false" }],
    ["nothing unknown", conversationService, { friendlyName: unknown }, {}],
  ])("has %s", (_what, definition, inputs, form) => {
    expect(createForm(definition, inputs)).toEqual(form);
  });
});

describe("what counts as a difference", () => {
  it.each<[string, Definition, Props, Props, string[]]>([
    ["nothing", conversation, { friendlyName: "a" }, { friendlyName: "a" }, []],
    ["a value", conversation, { friendlyName: "a" }, { friendlyName: "b" }, ["friendlyName"]],
    ["a value that is new", conversation, {}, { friendlyName: "b" }, ["friendlyName"]],
    ["a value that is gone", conversation, { friendlyName: "a" }, {}, ["friendlyName"]],
    ["a duration in other words: no", conversation, { timers: { inactive: "PT60M" } }, { timers: { inactive: "PT1H" } }, []],
    ["another duration", conversation, { timers: { inactive: "PT60M" } }, { timers: { inactive: "PT2H" } }, ["timers.inactive"]],
    ["names that look like durations", conversation, { friendlyName: "PT60M" }, { friendlyName: "PT1H" }, ["friendlyName"]],
    [
      "JSON in another order: no",
      conversation,
      { attributes: { a: 1, b: { c: 1, d: 2 } } },
      { attributes: { b: { d: 2, c: 1 }, a: 1 } },
      [],
    ],
    ["the order within a JSON list", conversation, { attributes: { a: [1, 2] } }, { attributes: { a: [2, 1] } }, ["attributes"]],
    ["an empty text where Twilio has nothing: no", conversation, {}, { friendlyName: "", bindings: { email: { name: "" } } }, []],
    ["a text that is emptied", conversation, { friendlyName: "a" }, { friendlyName: "" }, ["friendlyName"]],
    ["what Twilio chose: no", conversation, { state: "active", messagingServiceSid: "MG1" }, {}, []],
    [
      "what the program chose and no longer does",
      conversation,
      { messagingServiceSid: "MG1", __declared: ["messagingServiceSid"] },
      {},
      ["messagingServiceSid"],
    ],
    ["what is not known yet", conversation, { friendlyName: "a" }, { friendlyName: unknown }, ["friendlyName"]],
    ["what matters at creation only: no", phoneNumber, { search: { country: "US" } }, { search: { country: "CA" }, areaCode: "510" }, []],
    ["what matters at the end", phoneNumber, { onDelete: "retain" }, { onDelete: "release" }, ["onDelete"]],
    ["hidden properties: no", conversationService, { __urn: "a", __provider: "a" }, { __urn: "b", __provider: "b" }, []],
  ])("%s", (_what, definition, olds, news, changed) => {
    expect(differences(definition, olds, news)).toEqual(changed);
  });
});

describe("the form of a change", () => {
  const live = (attributes: unknown): Body => ({ attributes: JSON.stringify(attributes) });

  it("keeps what the application wrote, sets what is declared, removes what no longer is", () => {
    const form = changedForm(
      conversation,
      ["attributes"],
      { attributes: { mine: 1, gone: 1 } },
      { attributes: { mine: 2, fresh: 3 } },
      live({ mine: 1, gone: 1, theirs: { deep: true } }),
    );
    expect(JSON.parse(form.Attributes as string)).toEqual({ theirs: { deep: true }, mine: 2, fresh: 3 });
  });

  it("leaves the application its keys when none is declared any more", () => {
    const form = changedForm(conversation, ["attributes"], { attributes: { mine: 1 } }, {}, live({ mine: 1, theirs: 2 }));
    expect(JSON.parse(form.Attributes as string)).toEqual({ theirs: 2 });
  });

  it.each<[unknown]>([["text"], [[1, 2]], [7], [null]])("writes over attributes that the application made no object (%j)", (theirs) => {
    const form = changedForm(conversation, ["attributes"], {}, { attributes: { mine: 1 } }, live(theirs));
    expect(JSON.parse(form.Attributes as string)).toEqual({ mine: 1 });
    expect(toOutputs(conversation, { attributes: { mine: 1 } }, { ...live(theirs), sid: "CH1" }, account).attributes).toEqual({});
  });

  it.each<[string, Definition, string, string]>([
    ["an empty value", conversation, "friendlyName", ""],
    ["no time for a timer", conversation, "timers.inactive", "PT0S"],
    ["Twilio's own default", phoneNumber, "smsMethod", "POST"],
    ["false for what is off by default", phoneNumber, "voiceCallerIdLookup", "false"],
  ])("clears with %s", (_what, definition, property, value) => {
    expect(Object.values(changedForm(definition, [property], {}, {}, undefined))).toEqual([value]);
  });

  it("sends nothing of what cannot be changed or is none of Twilio's business", () => {
    expect(changedForm(participant, ["identity", "sms.address", "conversation", "onDelete"], {}, { identity: "b" }, undefined)).toEqual({});
  });
});

describe("outputs and inputs", () => {
  const body: Body = {
    sid: "CH1",
    account_sid: account,
    friendly_name: "live",
    unique_name: "hello",
    attributes: '{"mine":2,"theirs":3}',
    state: "active",
    messaging_service_sid: "MG1",
    timers: {},
    bindings: {},
  };

  it("tell what Twilio holds of what is declared, and what Twilio chose", () => {
    const outputs = toOutputs(
      conversation,
      { friendlyName: "declared", attributes: { mine: 1 }, timers: { inactive: "PT1M" } },
      body,
      account,
    );
    expect(outputs).toMatchObject({ friendlyName: "live", attributes: { mine: 2 }, timers: { inactive: "PT1M" } });
    expect(outputs).toMatchObject({ sid: "CH1", accountSid: account, state: "active", messagingServiceSid: "MG1" });
    expect(outputs).not.toHaveProperty("uniqueName");
  });

  it("hold inputs that show drift and nothing that the program does not declare", () => {
    const outputs = toOutputs(conversation, { friendlyName: "declared", __provider: "code" }, body, account);
    expect(toInputs(conversation, outputs)).toEqual({ friendlyName: "live", __provider: "code" });
  });

  it("remember which of Twilio's choices the program made itself", () => {
    const outputs = toOutputs(conversation, { state: "active" }, body, account);
    expect(toInputs(conversation, outputs)).toEqual({ state: "active" });
  });

  it("miss what is no longer there, so that it is set again", () => {
    const outputs = toOutputs(conversation, { friendlyName: "declared" }, { ...body, friendly_name: "" }, account);
    expect(outputs.friendlyName).toBeUndefined();
    expect(differences(conversation, outputs, { friendlyName: "declared" })).toEqual(["friendlyName"]);
  });

  it("give a reader all that Twilio tells, parents from the id", () => {
    expect(
      toOutputsOfGet(participant, `${room}/MB1`, { sid: "MB1", identity: "ada", attributes: '{"a":1}', role_sid: "RL1" }, account),
    ).toEqual({
      sid: "MB1",
      accountSid: account,
      conversation: room,
      identity: "ada",
      attributes: { a: 1 },
      roleSid: "RL1",
    });
  });

  it.each<[string, Body, Props]>([
    ["an SMS binding", { type: "sms", address: "+1", proxy_address: "+2" }, { sms: { address: "+1", proxyAddress: "+2" } }],
    ["a WhatsApp binding", { type: "whatsapp", address: "w1", proxy_address: "w2" }, { whatsapp: { address: "w1", proxyAddress: "w2" } }],
    ["a phone of a group", { type: "sms", address: "+1" }, { address: "+1" }],
    ["a number of a group", { type: "sms", projected_address: "+1" }, { projectedAddress: "+1" }],
  ])("tell %s from the others", (_what, messaging_binding, told) => {
    const {
      sid,
      accountSid,
      conversation: _parent,
      ...rest
    } = toOutputsOfGet(participant, `${room}/MB1`, { sid: "MB1", messaging_binding }, account);
    expect(rest).toEqual(told);
  });

  it("are nothing but JSON", () => {
    expect(plain({ a: undefined, b: new Date(0), c: () => 1, d: { e: undefined } })).toEqual({ b: "1970-01-01T00:00:00.000Z", d: {} });
  });
});
