import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import * as api from "../../src/index";
import { conversations, lookUpTests, pathOf, sidOf } from "../support/look-ups";
import { value } from "../support/mock-run";

const tests = lookUpTests();

describe("lists", () => {
  it("read all pages, or as many as the limit needs", async () => {
    const { service } = tests.fixture;
    for (let count = 0; count < 103; count += 1) await tests.post(conversations(service), { FriendlyName: `c${count % 2}` });
    const all = await api.getConversations({ service });
    expect(new Set(all.map(({ sid }) => sid)).size).toBe(105);
    expect(tests.twilio.requests()).toHaveLength(2);
    await tests.begin();
    expect(await api.getConversations({ service, limit: 100 })).toEqual(all.slice(0, 100));
    expect(tests.twilio.requests()).toHaveLength(1);
    expect(await api.getConversations({ service, friendlyName: "c1" })).toHaveLength(51);
    expect(await api.getConversations({ service, friendlyName: "none" })).toEqual([]);
  });

  it("narrow conversations by state and date at Twilio", async () => {
    const { service, conversation } = tests.fixture;
    await tests.twilio.rest("POST", "conversations", `${conversations(service)}/${sidOf(conversation)}`, { State: "closed" });
    expect((await api.getConversations({ service, state: "closed" })).map(({ id }) => id)).toEqual([conversation]);
    expect(await api.getConversations({ service, endDate: "2000-01-01" })).toEqual([]);
    expect(await api.getConversations({ service, startDate: "2000-01-01", endDate: "2999-01-01" })).toHaveLength(2);
    expect(tests.twilio.requests().map(({ query }) => [query.get("State"), query.get("StartDate"), query.get("EndDate")])).toEqual([
      ["closed", null, null],
      [null, null, "2000-01-01"],
      [null, "2000-01-01", "2999-01-01"],
    ]);
  });

  it("show an identity's and a phone's conversations", async () => {
    const { service, conversation, otherConversation, numbers } = tests.fixture;
    await tests.post(`${pathOf(conversation)}/Participants`, { Identity: "ada" });
    await tests.post(`${pathOf(otherConversation)}/Participants`, { Identity: "ada" });
    const pair = { "MessagingBinding.Address": "+15558675310", "MessagingBinding.ProxyAddress": numbers[0] };
    const sid = await tests.post(`${pathOf(conversation)}/Participants`, pair);
    const theirs = await api.getParticipantConversations({ service, identity: "ada" });
    expect(theirs.map((one) => one.conversation).sort()).toEqual([conversation, otherConversation].sort());
    expect(await api.getParticipantConversations({ service, identity: "ada", limit: 1 })).toHaveLength(1);
    expect(await api.getParticipantConversations({ service, address: "+15558675310" })).toEqual([
      expect.objectContaining({
        conversation,
        participantSid: sid,
        participantMessagingBinding: { type: "sms", address: "+15558675310", proxyAddress: numbers[0] },
      }),
    ]);
    expect(await value(api.getParticipantConversationsOutput({ service: pulumi.output(service), identity: "bob" }))).toEqual([]);
  });

  it("show numbers for sale with their price, and the account's own", async () => {
    const found = await api.getAvailablePhoneNumbers({ country: "US", areaCode: "415", smsEnabled: true, limit: 2 });
    expect(found.map(({ phoneNumber }) => phoneNumber.slice(0, 5))).toEqual(["+1415", "+1415"]);
    expect(found[0]).toMatchObject({ isoCountry: "US", capabilities: { sms: true }, price: { amount: "1.15", currency: "USD" } });
    expect(await api.getAvailablePhoneNumbers({ country: "US", contains: "0000000000" })).toEqual([]);
    expect((await api.getPhoneNumbers()).map(({ phoneNumber }) => phoneNumber).sort()).toEqual([...tests.fixture.numbers].sort());
    expect(await api.getPhoneNumbers({ phoneNumber: tests.fixture.numbers[1] })).toHaveLength(1);
    expect(await api.getPhoneNumbers({ friendlyName: "none" })).toEqual([]);
    expect(await api.getPhoneNumberPrices({ country: "US" })).toEqual({
      id: "US",
      countryName: "United States",
      currency: "USD",
      prices: [
        { numberType: "local", basePrice: "1.15", currentPrice: "1.15" },
        { numberType: "toll free", basePrice: "2.15", currentPrice: "2.15" },
      ],
    });
  });

  it("show numbers for sale also where prices cannot be read", async () => {
    await tests.twilio.control("POST", "faults", { path: "/v1/PhoneNumbers/Countries/US", status: 403 });
    const [first] = await api.getAvailablePhoneNumbers({ country: "US", limit: 1 });
    expect(first).toMatchObject({ isoCountry: "US", price: undefined });
  });

  it("show roles of one type, and messaging services", async () => {
    const { service, role } = tests.fixture;
    const roles = await api.getConversationRoles({ service, type: "conversation" });
    expect(new Set(roles.map(({ type }) => type))).toEqual(new Set(["conversation"]));
    expect(roles.map(({ sid }) => sid)).toContain(role);
    expect((await api.getMessagingServices()).map(({ sid }) => sid)).toEqual(
      expect.arrayContaining([tests.fixture.messagingService, tests.fixture.otherMessagingService]),
    );
    expect(await api.getMessagingServices({ limit: 1 })).toHaveLength(1);
  });

  it("an account is that of the credentials, or a subaccount", async () => {
    const { accountSid } = tests.twilio.emulator;
    expect(await api.getAccount()).toMatchObject({
      id: accountSid,
      sid: accountSid,
      ownerAccountSid: accountSid,
      status: "active",
      type: "Full",
    });
    const sub = await tests.twilio.rest("POST", "api", "/2010-04-01/Accounts.json", { FriendlyName: "customer" });
    expect(await value(api.getAccountOutput({ sid: pulumi.output(String(sub.sid)) }))).toMatchObject({
      friendlyName: "customer",
      ownerAccountSid: accountSid,
    });
  });
});
