import { describe, expect, it } from "vitest";
import { connect, errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const accounts = () => twilio.client.api.v2010.accounts;
const signIn = (sub: { sid: string; authToken: string }) =>
  connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });

describe("the list of accounts", () => {
  it("contains the main account, and is filtered by exact name and status", async () => {
    const one = await accounts().create({ friendlyName: "Acme" });
    const two = await accounts().create({ friendlyName: "Acme Inc" });
    await accounts()(two.sid).update({ status: "suspended" });
    const sids = async (options: object) => (await accounts().list(options)).map(({ sid }) => sid);
    expect(await sids({})).toEqual([two.sid, one.sid, twilio.emulator.accountSid]);
    expect(await sids({ friendlyName: "Acme" })).toEqual([one.sid]);
    expect(await sids({ status: "suspended" })).toEqual([two.sid]);
    expect(await sids({ friendlyName: "Acme", status: "suspended" })).toEqual([]);
  });

  it("gives a subaccount without a name Twilio's", async () => {
    expect((await accounts().create({})).friendlyName).toMatch(/^SubAccount Created at \d{4}-\d\d-\d\d (0\d|1[0-2]):\d\d [AP]M$/);
  });

  it("and each account in it show the auth token to an auth token only", async () => {
    const sub = await accounts().create({ friendlyName: "Acme" });
    const { apiKey, apiSecret, accountSid } = twilio.emulator;
    const byKey = connect(twilio.emulator, { user: apiKey, password: apiSecret, accountSid }).client.api.v2010.accounts;
    expect(sub.authToken).toMatch(/^[0-9a-f]{32}$/);
    expect((await accounts()(sub.sid).fetch()).authToken).toBe(sub.authToken);
    expect((await byKey(sub.sid).fetch()).authToken).toBeNull();
    expect((await byKey.list()).map(({ authToken }) => authToken)).toEqual([null, null]);
  });
});

describe("the status of an account", () => {
  it.each(["Closed", "SUSPENDED", "deleted", ""])("%j is no status (21475); a parameter of another case is ignored", async (status) => {
    const sub = await accounts().create({ friendlyName: "Acme" });
    expect(await errorOf(accounts()(sub.sid).update({ status: status as never }))).toMatchObject({ status: 400, code: 21475 });
    const { accountSid, authToken, url } = twilio.emulator;
    const answer = await fetch(`${url}/api.twilio.com/2010-04-01/Accounts/${sub.sid}.json`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` },
      body: new URLSearchParams({ status: "closed" }),
    });
    expect([answer.status, ((await answer.json()) as { status: string }).status]).toEqual([200, "active"]);
  });

  it("is changed by the parent only (21477)", async () => {
    const sub = await accounts().create({ friendlyName: "Acme" });
    expect(await errorOf(signIn(sub).client.api.v2010.accounts(sub.sid).update({ status: "suspended" }))).toMatchObject({ code: 21477 });
    expect(await errorOf(accounts()(twilio.emulator.accountSid).update({ status: "closed" }))).toMatchObject({ code: 21477 });
    expect(await signIn(sub).client.api.v2010.accounts(sub.sid).update({ friendlyName: "Acme Inc", status: "active" })).toMatchObject({
      friendlyName: "Acme Inc",
    });
  });

  it("suspended refuses the account's calls and texts, keeps its numbers for the parent, and can be undone", async () => {
    const sub = await accounts().create({ friendlyName: "Acme" });
    const theirs = signIn(sub);
    const [offer] = await theirs.api.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 1 });
    const { sid, phoneNumber } = await theirs.api.incomingPhoneNumbers.create({ phoneNumber: String(offer?.phoneNumber) });
    await accounts()(sub.sid).update({ status: "suspended" });
    expect(await errorOf(theirs.conversations.services.list())).toMatchObject({ status: 401, code: 20005 });
    const ofParent = accounts()(sub.sid);
    expect(await errorOf(ofParent.messages.create({ from: phoneNumber, to: ALICE, body: "x" }))).toMatchObject({ code: 20005 });
    await expect(twilio.control.inbound(ALICE, phoneNumber, "hi")).rejects.toThrow(/is suspended and receives nothing/);
    expect((await ofParent.incomingPhoneNumbers.list()).map((number) => number.sid)).toEqual([sid]);
    await ofParent.update({ status: "active" });
    expect(await theirs.conversations.services.list()).toHaveLength(1);
    // The parent moves a number out.
    await ofParent.update({ status: "suspended" });
    await ofParent.incomingPhoneNumbers(sid).update({ accountSid: twilio.emulator.accountSid });
    expect((await twilio.api.incomingPhoneNumbers(sid).fetch()).phoneNumber).toBe(phoneNumber);
  });

  it("closed is final: the numbers are for sale again, credentials and keys are refused, and only the name and row stay", async () => {
    const sub = await accounts().create({ friendlyName: "Acme" });
    const theirs = signIn(sub);
    const key = await theirs.api.newKeys.create({ friendlyName: "key" });
    const { phoneNumber } = await buyNumber(theirs);
    expect(await accounts()(sub.sid).update({ status: "closed" })).toMatchObject({ status: "closed" });
    for (const status of ["active", "suspended"] as const)
      expect(await errorOf(accounts()(sub.sid).update({ status }))).toMatchObject({ status: 400, code: 21479 });
    expect(await errorOf(theirs.conversations.services.list())).toMatchObject({ status: 401, code: 20005 });
    const byKey = connect(twilio.emulator, { user: key.sid, password: key.secret, accountSid: sub.sid });
    expect(await errorOf(byKey.conversations.services.list())).toMatchObject({ status: 401 });
    expect(await errorOf(accounts()(sub.sid).incomingPhoneNumbers.list())).toMatchObject({ code: 20005 });
    expect((await accounts().list({ status: "closed" })).map(({ sid }) => sid)).toEqual([sub.sid]);
    expect((await twilio.api.incomingPhoneNumbers.create({ phoneNumber })).phoneNumber).toBe(phoneNumber);
  });
});

it("a subaccount has no subaccounts (21101) and no balance; a parent's API key does not reach it", async () => {
  const sub = await accounts().create({ friendlyName: "Acme" });
  const theirs = signIn(sub);
  expect(await errorOf(theirs.client.api.v2010.accounts.create({}))).toMatchObject({ status: 400, code: 21101 });
  expect(await twilio.api.balance.fetch()).toMatchObject({ balance: "100.00", currency: "USD", accountSid: twilio.emulator.accountSid });
  expect(await errorOf(theirs.api.balance.fetch())).toMatchObject({ status: 404 });
  const key = await twilio.api.newKeys.create({ friendlyName: "standard" });
  const byKey = connect(twilio.emulator, { user: key.sid, password: key.secret, accountSid: twilio.emulator.accountSid });
  expect(await byKey.api.incomingPhoneNumbers.list()).toEqual([]);
  expect(await errorOf(byKey.client.api.v2010.accounts(sub.sid).incomingPhoneNumbers.list())).toMatchObject({ status: 401, code: 20003 });
});
