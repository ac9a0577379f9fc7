/** The helpers for vitest, in the tests that they are for. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { twilioTest, useTwilio } from "../../src/vitest/index.mts";
import { useReceiver } from "../emulator/support/receiver";

const PHONE = "+15558675310";

describe("useTwilio()", () => {
  const receiver = useReceiver();
  const twilio = useTwilio({ timeoutMs: 500 });
  const seen: { url: string; accountSid: string; controlUrl: string }[] = [];
  let number: string;
  beforeEach(async () => {
    number = await twilio.buyNumber({ smsUrl: `${receiver.url}/sms` });
    const { url, accountSid, controlUrl } = twilio;
    seen.push({ url, accountSid, controlUrl });
  });

  it.each([1, 2])("gives each test an account of its own: %i", async () => {
    expect((await twilio.client.incomingPhoneNumbers.list()).map(({ phoneNumber }) => phoneNumber)).toEqual([number]);
    expect(twilio.env).toMatchObject({ TWILIO_BASE_URL: twilio.url, TWILIO_ACCOUNT_SID: twilio.accountSid });
  });

  it("has one emulator, and deletes the account of a test at its end", async () => {
    expect(new Set(seen.map(({ url }) => url)).size).toBe(1);
    expect(new Set(seen.map(({ accountSid }) => accountSid)).size).toBe(seen.length);
    const statuses = seen.map(async ({ controlUrl }) => (await fetch(`${controlUrl}/calls`)).status);
    expect(await Promise.all(statuses)).toEqual([...seen.slice(1).map(() => 404), 200]);
  });

  it("waits for the reply that a webhook causes, and for the webhook", async () => {
    let answer = (): void => {};
    receiver.respond = () =>
      new Promise((resolve) => {
        answer = () => resolve({ status: 200, type: "text/xml", body: "<Response><Message>Hello!</Message></Response>" });
      });
    await twilio.text(PHONE, number, "Hi");
    const [webhook] = await receiver.waitFor(1);
    expect(webhook?.isSigned(twilio.authToken)).toBe(true);
    const replies = twilio.receive(PHONE);
    const deliveries = twilio.webhooks("incomingMessage");
    answer();
    expect(await replies).toMatchObject([{ from: number, to: PHONE, body: "Hello!" }]);
    expect(await deliveries).toMatchObject([{ outcome: "delivered", url: `${receiver.url}/sms`, attempts: [{ status: 200 }] }]);
    expect((await twilio.texts(PHONE)).map(({ body }) => body)).toEqual(["Hi", "Hello!"]);
  });

  it("is settled when no webhook is in flight", async () => {
    let isAnswered = false;
    receiver.respond = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      isAnswered = true;
      return { status: 200 };
    };
    await twilio.text(PHONE, number, "Hi");
    await twilio.settled();
    expect(isAnswered).toBe(true);
    expect(await twilio.webhooks("incomingMessage")).toMatchObject([{ outcome: "delivered" }]);
  });

  it("says what it waited for, and what there was", async () => {
    await expect(twilio.receive(PHONE, 1)).rejects.toThrow(`It must happen within 500 ms that ${PHONE} has received 1 texts; found [].`);
    await expect(twilio.webhooks("onMessageAdded")).rejects.toThrow("1 webhooks onMessageAdded are final; found [].");
    await expect(twilio.text(PHONE, "+14155550100", "Hi")).rejects.toThrow("no account owns +14155550100");
  });

  it("lets the account's time pass, and resets it", async () => {
    const timeOf = async () => Date.parse(((await (await fetch(`${twilio.controlUrl}/health`)).json()) as { now: string }).now);
    const before = await timeOf();
    await twilio.advance(3600);
    expect(await timeOf()).toBeGreaterThanOrEqual(before + 3_600_000);
    await twilio.reset();
    expect(await twilio.client.incomingPhoneNumbers.list()).toEqual([]);
  });
});

describe("outside of tests", () => {
  const twilio = useTwilio();
  let thrown: unknown;
  beforeAll(() => {
    try {
      twilio.client.toString();
    } catch (error) {
      thrown = error;
    }
  });
  it("has no account", () => expect(thrown).toMatchObject({ message: expect.stringMatching(/^client of useTwilio\(\) exists in tests/) }));
});

describe("twilioTest", () => {
  const accounts = new Set<string>();
  const urls = new Set<string>();
  for (const name of ["a", "b", "c", "d"]) {
    twilioTest.concurrent(`gives concurrent test ${name} an account of its own`, async ({ twilio, expect: own }) => {
      const number = await twilio.buyNumber();
      accounts.add(twilio.accountSid);
      urls.add(twilio.url);
      own((await twilio.client.incomingPhoneNumbers.list()).map(({ phoneNumber }) => phoneNumber)).toEqual([number]);
    });
  }
  afterAll(async () => {
    expect(accounts.size).toBe(4);
    // Closed after the last test that used it.
    for (const url of urls) await expect(fetch(url)).rejects.toThrow();
  });
});
