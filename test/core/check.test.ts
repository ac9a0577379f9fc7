import { describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { nearest } from "../../src/core/lifecycle/spelling";
import { phoneNumber } from "../../src/numbers/phone-number";
import { unknown } from "../support/mini-engine";

const hex = "0123456789abcdef0123456789abcdef";
const service = `IS${hex}`;
const room = `IS${hex}/CH${hex}`;
const pair = { address: "+15558675310", proxyAddress: "+15017122661" };
const agent = { address: "rcs:+15558675310", proxyAddress: "rcs:acme_agent" };
const page = { address: "messenger:5203384750012345", proxyAddress: "messenger:103204021551234" };
const sender = { address: "whatsapp:+15558675310", proxyAddress: "whatsapp:+15017122661" };

const check = (definition: Definition, news: Props, olds: Props = {}) =>
  Object.fromEntries(findProblems(definition, news, olds).map(({ property, reason }) => [property, reason]));

describe("check accepts", () => {
  it.each<[string, Definition, Props]>([
    [
      "a number found by search",
      phoneNumber,
      { search: { country: "US", type: "local", areaCode: "510", smsEnabled: true, distance: 25 } },
    ],
    ["a number by area code", phoneNumber, { areaCode: "510" }],
    ["an explicit number with a URL", phoneNumber, { phoneNumber: "+15005550006", smsUrl: "https://a.b/c", smsMethod: "GET" }],
    ["an adopted number, by SID", phoneNumber, { adopt: `PN${hex}`, onDelete: "release" }],
    ["an adopted number, in E.164 format", phoneNumber, { adopt: "+15005550006" }],
    ["a service", conversationService, { friendlyName: "Support", forceDestroy: true, onDelete: "retain" }],
    ["an empty conversation", conversation, {}],
    ["a conversation with everything", conversation, { service, timers: { inactive: "PT1M", closed: "PT10M" }, state: "inactive" }],
    ["a conversation that was open and is to be closed", conversation, { state: "closed" }],
    ["a chat participant", participant, { conversation: room, identity: "ada" }],
    ["a chat participant in a group text", participant, { conversation: room, identity: "ada", projectedAddress: "+15017122661" }],
    ["an SMS participant", participant, { conversation: room, sms: pair }],
    ["a WhatsApp participant", participant, { conversation: room, whatsapp: sender }],
    ["an RCS participant", participant, { conversation: room, rcs: agent }],
    [
      "an RCS participant of an agent that has a number's name",
      participant,
      { conversation: room, rcs: { ...agent, proxyAddress: "rcs:+15017122661" } },
    ],
    ["a Messenger participant", participant, { conversation: room, messenger: page }],
    ["a phone in a group text", participant, { conversation: room, address: "+15558675310" }],
    ["a projected address in a group text", participant, { conversation: room, projectedAddress: "+15017122661" }],
    ["hidden properties", conversationService, { friendlyName: "Support", __urn: "urn:x", __provider: "code" }],
    ["properties set to undefined", participant, { conversation: room, identity: "ada", sms: undefined, nonsense: undefined }],
  ])("%s", (what, definition, news) => {
    expect(check(definition, news, what.includes("was open") ? { state: "active" } : {})).toEqual({});
  });
});

describe("check accepts an unknown value", () => {
  it.each<[string, Definition, Props]>([
    ["of a property", conversationService, { friendlyName: unknown }],
    ["in an object", conversation, { attributes: { room: unknown } }],
    ["of a property group", participant, { conversation: unknown, sms: unknown }],
    ["of one member of a group", participant, { conversation: unknown, sms: { ...pair, proxyAddress: unknown } }],
    ["of both members of a group", participant, { conversation: unknown, sms: { address: unknown, proxyAddress: unknown } }],
    ["of a search", phoneNumber, { search: unknown }],
    ["of a search condition", phoneNumber, { search: { country: unknown, areaCode: unknown } }],
    ["in a group within a group", conversation, { bindings: { email: unknown }, timers: { inactive: unknown } }],
  ])("%s", (_what, definition, news) => {
    expect(check(definition, news)).toEqual({});
  });

  it("but checks the known values next to it", () => {
    expect(check(participant, { conversation: unknown, sms: { address: "555", proxyAddress: unknown } })).toEqual({
      "sms.address": expect.stringContaining("E.164"),
    });
  });
});

describe("check reports all problems at once, each under its property", () => {
  it.each<[string, Definition, Props, Record<string, string>]>([
    [
      "invalid values of a number",
      phoneNumber,
      {
        phoneNumber: "5550006",
        smsUrl: "hook",
        smsMethod: "PUT",
        voiceCallerIdLookup: "yes",
        friendlyName: "n".repeat(65),
        addressSid: service,
        onDelete: "delete",
      },
      {
        phoneNumber: "E.164",
        smsUrl: "absolute http or https URL",
        smsMethod: '"GET", "POST"',
        voiceCallerIdLookup: "true or false",
        friendlyName: "received 65",
        addressSid: "begins with AD, followed by 32 hex digits",
        onDelete: '"retain", "release"',
      },
    ],
    [
      "invalid search conditions",
      phoneNumber,
      { search: { type: "landline", areaCode: 510, distance: 501, smsEnabled: "true", contains: "?", country: "usa", beta: 1 } },
      {
        "search.type": '"toll-free"',
        "search.areaCode": "three digits",
        "search.distance": "from 1 to 500",
        "search.smsEnabled": "true or false",
        "search.contains": "2 to 16",
        "search.country": "two letters",
        "search.beta": "true or false",
      },
    ],
    [
      "no choice of a number",
      phoneNumber,
      { smsUrl: "https://a.b" },
      { search: "declare exactly one of `phoneNumber`, `areaCode`, `search`, `adopt`" },
    ],
    [
      "two choices of a number",
      phoneNumber,
      { areaCode: "510", search: { country: "US" } },
      { search: "must not be declared together with `areaCode`" },
    ],
    ["a search without a country", phoneNumber, { search: { areaCode: "510" } }, { "search.country": "is missing" }],
    [
      "two handlers of calls",
      phoneNumber,
      { areaCode: "510", trunkSid: `TK${hex}`, voiceApplicationSid: `AP${hex}` },
      { trunkSid: "must not be declared together with `voiceApplicationSid`" },
    ],
    ["a service without a name", conversationService, {}, { friendlyName: "ConversationService requires `friendlyName`" }],
    ["a service with an empty name", conversationService, { friendlyName: "" }, { friendlyName: "must not be empty" }],
    [
      "invalid values of a conversation",
      conversation,
      {
        service: `CH${hex}`,
        friendlyName: 7,
        uniqueName: `CH${hex}`,
        attributes: '{"a":1}',
        state: "open",
        timers: { inactive: "PT30S", closed: "PT9M" },
        messagingServiceSid: "MG1",
        bindings: { email: { address: 1 } },
      },
      {
        service: "must be a ConversationService",
        friendlyName: "must be a string; received 7",
        uniqueName: "must not look like a conversation's SID",
        attributes: "not its JSON text",
        state: '"inactive"',
        "timers.inactive": "PT1M",
        "timers.closed": "PT10M",
        messagingServiceSid: "begins with MG, followed by 32 hex digits",
        "bindings.email.address": "must be a string",
      },
    ],
    ["attributes beyond 16,384 bytes", conversation, { attributes: { a: "é".repeat(8200) } }, { attributes: "received 16408" }],
    [
      "a participant's attributes beyond 4,096 bytes",
      participant,
      { conversation: room, identity: "a", attributes: { a: "b".repeat(4096) } },
      { attributes: "at most 4096 bytes" },
    ],
    ["a new conversation that is closed", conversation, { state: "closed" }, { state: 'must not be "closed" at creation' }],
    ["a participant without an identity or address", participant, { conversation: room }, { identity: "declare one of `identity`, `sms`" }],
    ["a participant without a conversation", participant, { identity: "ada" }, { conversation: "Participant requires `conversation`" }],
    [
      "an identity and an SMS address",
      participant,
      { conversation: room, identity: "ada", sms: pair },
      { sms: "declare two participants" },
    ],
    [
      "an SMS and a WhatsApp address",
      participant,
      { conversation: room, sms: pair, whatsapp: sender },
      { whatsapp: "must not be declared together with `sms`" },
    ],
    [
      "an address and a projected address",
      participant,
      { conversation: room, address: "+15558675310", projectedAddress: "+15017122661" },
      { projectedAddress: "must not be declared together with `address`" },
    ],
    [
      "a binding without a proxy address",
      participant,
      { conversation: room, sms: { address: "+15558675310" } },
      { "sms.proxyAddress": "is missing" },
    ],
    [
      "a binding without an address",
      participant,
      { conversation: room, sms: { proxyAddress: "+15558675310" } },
      { "sms.address": "is missing" },
    ],
    [
      "a binding with the same number twice",
      participant,
      { conversation: room, sms: { address: "+15558675310", proxyAddress: "+15558675310" } },
      { "sms.proxyAddress": "must differ from the address" },
    ],
    [
      "a WhatsApp address without its prefix",
      participant,
      { conversation: room, whatsapp: pair },
      { "whatsapp.address": "must be a WhatsApp address", "whatsapp.proxyAddress": "must be a WhatsApp address" },
    ],
    [
      "an RCS address without its prefix",
      participant,
      { conversation: room, rcs: pair },
      { "rcs.address": "must look like rcs: and the person's number", "rcs.proxyAddress": "must look like rcs: and the agent's id" },
    ],
    [
      "a Messenger user at an RCS agent",
      participant,
      { conversation: room, messenger: { ...page, proxyAddress: agent.proxyAddress } },
      { "messenger.proxyAddress": "must look like messenger: and the page's id" },
    ],
    [
      "the same Messenger page twice",
      participant,
      { conversation: room, messenger: { address: page.address, proxyAddress: page.address } },
      { "messenger.proxyAddress": "must differ from the address" },
    ],
    [
      "an RCS and a Messenger address",
      participant,
      { conversation: room, rcs: agent, messenger: page },
      { messenger: "must not be declared together with `rcs`" },
    ],
    [
      "a binding of RCS without a proxy address",
      participant,
      { conversation: room, rcs: { address: agent.address } },
      { "rcs.proxyAddress": "is missing" },
    ],
    [
      "an SMS address with the WhatsApp prefix",
      participant,
      { conversation: room, sms: sender },
      { "sms.address": "E.164", "sms.proxyAddress": "E.164" },
    ],
  ])("%s", (_what, definition, news, reasons) => {
    const found = check(definition, news);
    expect(found).toMatchObject(
      Object.fromEntries(Object.entries(reasons).map(([property, words]) => [property, expect.stringContaining(words)])),
    );
    expect(Object.keys(found).sort()).toEqual(Object.keys(reasons).sort());
  });

  it("but accepts an adopted conversation that is closed", () => {
    expect(check(conversation, { adopt: `CH${hex}`, state: "closed" })).toEqual({});
  });
});

describe("check reports unknown properties", () => {
  it.each<[string, Definition, Props, Record<string, string>]>([
    ["a typing error", conversation, { friendlyname: "x" }, { friendlyname: "did you mean `friendlyName`?" }],
    ["a typing error in a group", conversation, { timers: { inactiv: "PT1M" } }, { "timers.inactiv": "did you mean `timers.inactive`?" }],
    ["a typing error in the name of a group", conversation, { timer: { inactive: "PT1M" } }, { timer: "did you mean `timers`?" }],
    ["a typing error in a nested group", conversation, { bindings: { emial: {} } }, { "bindings.emial": "did you mean `bindings.email`?" }],
    ["Twilio's spelling", phoneNumber, { areaCode: "510", sms_url: "https://a.b" }, { sms_url: "did you mean `smsUrl`?" }],
    ["a string in place of a group", conversation, { timers: "PT1M" }, { timers: 'must be an object; received "PT1M"' }],
  ])("%s", (_what, definition, news, reasons) => {
    expect(check(definition, news)).toEqual(
      Object.fromEntries(Object.entries(reasons).map(([property, words]) => [property, expect.stringContaining(words)])),
    );
  });

  it("and lists all properties if no name is similar", () => {
    const { colour, "timers.colour": deep } = check(conversation, { colour: "red", timers: { colour: 1 } });
    expect(colour).toMatch(/^is not a property of Conversation: its properties are service, friendlyName, uniqueName, .*\btimers\b/);
    expect(deep).toBe("is not a property of Conversation: its properties are timers.inactive, timers.closed");
  });

  it("but not in free-form objects", () => {
    expect(check(conversation, { attributes: { friendlyname: 1, timers: { x: 1 } } })).toEqual({});
  });

  it("and suggests the name with the fewest edits", () => {
    expect(nearest("frendlyName", ["friendlyName", "uniqueName"])).toBe("friendlyName");
    expect(nearest("qqq", ["friendlyName", "uniqueName"])).toBeUndefined();
  });
});
