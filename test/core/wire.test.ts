import { describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Context, Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { plain } from "../../src/core/lifecycle/props";
import { changedForm, createForm, differences, toInputs, toOutputs, toOutputsOfGet } from "../../src/core/lifecycle/wire";
import type { Body } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { unknown } from "../support/mini-engine";

const account = `AC${"1".repeat(32)}`;
const room = `IS${"2".repeat(32)}/CH${"3".repeat(32)}`;

describe("the form of a create", () => {
  it.each<[string, Definition, Props, Record<string, string>]>([
    [
      "dotted names for property groups",
      conversation,
      { timers: { inactive: "PT1M" }, state: "active" },
      { "Timers.Inactive": "PT1M", State: "active" },
    ],
    [
      "a state with timers, because Twilio requires it",
      conversation,
      { timers: { closed: "P1D" } },
      { "Timers.Closed": "P1D", State: "active" },
    ],
    ["attributes as JSON text", conversation, { attributes: { a: [1] } }, { Attributes: '{"a":[1]}' }],
    ["no parent, option or hidden property", conversation, { service: "IS1", adopt: "x", onDelete: "retain", __urn: "u" }, {}],
    [
      "a binding",
      participant,
      { sms: { address: "+1", proxyAddress: "+2" } },
      { "MessagingBinding.Address": "+1", "MessagingBinding.ProxyAddress": "+2" },
    ],
    ["no search", phoneNumber, { search: { country: "US" }, phoneNumber: "+1" }, { PhoneNumber: "+1" }],
    [
      "of a number only what its purchase needs",
      phoneNumber,
      { phoneNumber: "+1", smsUrl: "https://a.example", bundleSid: "BU1" },
      { PhoneNumber: "+1", BundleSid: "BU1" },
    ],
    ["no unknown value", conversationService, { friendlyName: unknown }, {}],
  ])("has %s", (_what, definition, inputs, form) => {
    const context = { urn: undefined } as Context;
    const plainForm = createForm(definition, inputs);
    expect(definition.createForm?.(plainForm, inputs, context) ?? plainForm).toEqual(form);
  });
});

describe("the differences between two sets of inputs", () => {
  it.each<[string, Definition, Props, Props, string[]]>([
    ["equal values: none", conversation, { friendlyName: "a" }, { friendlyName: "a" }, []],
    ["a changed value", conversation, { friendlyName: "a" }, { friendlyName: "b" }, ["friendlyName"]],
    ["an added value", conversation, {}, { friendlyName: "b" }, ["friendlyName"]],
    ["a removed value", conversation, { friendlyName: "a" }, {}, ["friendlyName"]],
    ["an equal duration in another notation: none", conversation, { timers: { inactive: "PT60M" } }, { timers: { inactive: "PT1H" } }, []],
    ["another duration", conversation, { timers: { inactive: "PT60M" } }, { timers: { inactive: "PT2H" } }, ["timers.inactive"]],
    ["names that look like durations", conversation, { friendlyName: "PT60M" }, { friendlyName: "PT1H" }, ["friendlyName"]],
    [
      "JSON keys in another order: none",
      conversation,
      { attributes: { a: 1, b: { c: 1, d: 2 } } },
      { attributes: { b: { d: 2, c: 1 }, a: 1 } },
      [],
    ],
    ["another order in a JSON list", conversation, { attributes: { a: [1, 2] } }, { attributes: { a: [2, 1] } }, ["attributes"]],
    ["an empty string where Twilio has no value: none", conversation, {}, { friendlyName: "", bindings: { email: { name: "" } } }, []],
    ["a string that becomes empty", conversation, { friendlyName: "a" }, { friendlyName: "" }, ["friendlyName"]],
    ["values that Twilio chose: none", conversation, { state: "active", messagingServiceSid: "MG1" }, {}, []],
    [
      "a value that the program no longer declares",
      conversation,
      { messagingServiceSid: "MG1", __declared: ["messagingServiceSid"] },
      {},
      ["messagingServiceSid"],
    ],
    ["an unknown value", conversation, { friendlyName: "a" }, { friendlyName: unknown }, ["friendlyName"]],
    [
      "properties that matter at creation only: none",
      phoneNumber,
      { search: { country: "US" } },
      { search: { country: "CA" }, areaCode: "510" },
      [],
    ],
    ["a property that matters on deletion only", phoneNumber, { onDelete: "retain" }, { onDelete: "release" }, ["onDelete"]],
    ["hidden properties: none", conversationService, { __urn: "a", __provider: "a" }, { __urn: "b", __provider: "b" }, []],
  ])("%s", (_what, definition, olds, news, changed) => {
    expect(differences(definition, olds, news)).toEqual(changed);
  });
});

describe("the form of an update", () => {
  const live = (attributes: unknown): Body => ({ attributes: JSON.stringify(attributes) });

  it("keeps the application's attributes, sets the declared ones, and removes those no longer declared", () => {
    const form = changedForm(
      conversation,
      ["attributes"],
      { attributes: { mine: 1, gone: 1 } },
      { attributes: { mine: 2, fresh: 3 } },
      live({ mine: 1, gone: 1, theirs: { deep: true } }),
    );
    expect(JSON.parse(form.Attributes as string)).toEqual({ theirs: { deep: true }, mine: 2, fresh: 3 });
  });

  it("keeps the application's attributes when none is declared any more", () => {
    const form = changedForm(conversation, ["attributes"], { attributes: { mine: 1 } }, {}, live({ mine: 1, theirs: 2 }));
    expect(JSON.parse(form.Attributes as string)).toEqual({ theirs: 2 });
  });

  it.each<[unknown]>([["text"], [[1, 2]], [7], [null]])("overwrites attributes that are not a JSON object (%j)", (theirs) => {
    const form = changedForm(conversation, ["attributes"], {}, { attributes: { mine: 1 } }, live(theirs));
    expect(JSON.parse(form.Attributes as string)).toEqual({ mine: 1 });
    expect(toOutputs(conversation, { attributes: { mine: 1 } }, { ...live(theirs), sid: "CH1" }, account).attributes).toEqual({});
  });

  it.each<[string, Definition, string, string]>([
    ["an empty value", conversation, "friendlyName", ""],
    ["a zero duration for a timer", conversation, "timers.inactive", "PT0S"],
    ["Twilio's own default", phoneNumber, "smsMethod", "POST"],
    ["false for a switch that is off by default", phoneNumber, "voiceCallerIdLookup", "false"],
  ])("clears with %s", (_what, definition, property, value) => {
    expect(Object.values(changedForm(definition, [property], {}, {}, undefined))).toEqual([value]);
  });

  it("contains no property that cannot be changed or is not sent to Twilio", () => {
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

  it("contain the live values of declared properties, and the values that Twilio chose", () => {
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

  it("show drift in the inputs, limited to declared properties", () => {
    const outputs = toOutputs(conversation, { friendlyName: "declared", __provider: "code" }, body, account);
    expect(toInputs(conversation, outputs)).toEqual({ friendlyName: "live", __provider: "code" });
  });

  it("keep a declared value in the inputs, even if Twilio would choose the same", () => {
    const outputs = toOutputs(conversation, { state: "active" }, body, account);
    expect(toInputs(conversation, outputs)).toEqual({ state: "active" });
  });

  it("omit a value that Twilio no longer has, so that it is set again", () => {
    const outputs = toOutputs(conversation, { friendlyName: "declared" }, { ...body, friendly_name: "" }, account);
    expect(outputs.friendlyName).toBeUndefined();
    expect(differences(conversation, outputs, { friendlyName: "declared" })).toEqual(["friendlyName"]);
  });

  it("contain every property after `get`, with the parents taken from the id", () => {
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
    ["an RCS binding", { type: "rcs", address: "r1", proxy_address: "r2" }, { rcs: { address: "r1", proxyAddress: "r2" } }],
    [
      "a Messenger binding",
      { type: "messenger", address: "m1", proxy_address: "m2" },
      { messenger: { address: "m1", proxyAddress: "m2" } },
    ],
    ["a phone in a group text", { type: "sms", address: "+1" }, { address: "+1" }],
    ["a projected address in a group text", { type: "sms", projected_address: "+1" }, { projectedAddress: "+1" }],
  ])("recognize %s", (_what, messaging_binding, told) => {
    const {
      sid,
      accountSid,
      conversation: _parent,
      ...rest
    } = toOutputsOfGet(participant, `${room}/MB1`, { sid: "MB1", messaging_binding }, account);
    expect(rest).toEqual(told);
  });

  it("contain only JSON values", () => {
    expect(plain({ a: undefined, b: new Date(0), c: () => 1, d: { e: undefined } })).toEqual({ b: "1970-01-01T00:00:00.000Z", d: {} });
  });
});
