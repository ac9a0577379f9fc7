import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";
import { finishedDeliveries } from "./support/webhooks";

const twilio = useEmulator();
const receiver = useReceiver();

/** A text with everything that a shell could misunderstand. */
const HOSTILE = 'it\'s "$(touch /tmp/no)" `x` \\ %s \u001b[2J\r\nö 😀 & = + ; #';

/** Runs a command as a user who has pasted it. */
async function paste(command: string): Promise<string> {
  const { url, accountSid, authToken } = twilio.emulator;
  const env = {
    ...process.env,
    TWILIO_BASE_URL: url,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    WEBHOOK_PASSWORD: "hidden",
  };
  return (await promisify(execFile)("bash", ["-c", command], { env })).stdout;
}

/** Receives a text at a number with a webhook. */
async function deliverHostileText(login = "") {
  const { phoneNumber, sid } = await buyNumber(twilio);
  await twilio.api.incomingPhoneNumbers(sid).update({ smsUrl: `${receiver.url.replace("http://", `http://${login}`)}/sms?a=it's&b=%20` });
  await twilio.control.inbound(ALICE, phoneNumber, HOSTILE);
  const [delivery] = await finishedDeliveries(twilio.control);
  return delivery as { id: string };
}

describe("a webhook is sent again", () => {
  it("with the same parameters, to the same URL and login, and signed", async () => {
    const { id } = await deliverHostileText("anne:hidden@");
    const { deliveries } = (await twilio.control.ok("POST", "webhooks/resend", { id })) as { deliveries: Record<string, unknown>[] };
    expect(deliveries).toMatchObject([{ event: "incomingMessage", outcome: "delivered", attempts: [{ status: 200 }] }]);
    expect(deliveries[0]?.id).not.toBe(id);
    const [first, second] = receiver.received;
    expect(second?.parameters).toEqual(first?.parameters);
    expect(second?.headers.authorization).toBe(first?.headers.authorization);
    expect(second?.headers["i-twilio-idempotency-token"]).not.toBe(first?.headers["i-twilio-idempotency-token"]);
    expect(second?.isSigned(twilio.emulator.authToken)).toBe(true);
    expect((await finishedDeliveries(twilio.control)).length).toBe(2);
  });

  it("and shows the receiver's failure", async () => {
    const { id } = await deliverHostileText();
    receiver.respond = () => ({ status: 404, body: "gone" });
    expect(await twilio.control.ok("POST", "webhooks/resend", { id })).toMatchObject({
      deliveries: [{ outcome: "failed", attempts: [{ status: 404, response: "gone" }] }],
    });
  });

  it("unless it is not in the log, or was not sent", async () => {
    expect(await twilio.control.call("POST", "webhooks/resend", { id: "x" })).toMatchObject({ status: 404 });
    expect(await twilio.control.call("POST", "webhooks/resend", {})).toMatchObject({ status: 400 });
    const { sid } = await twilio.conversations.conversations.create({ friendlyName: "x" });
    const conversation = twilio.conversations.conversations(sid);
    await conversation.webhooks.create({ target: "studio", "configuration.flowSid": `FW${"0".repeat(32)}` });
    await conversation.messages.create({ body: "hi", xTwilioWebhookEnabled: "true" });
    const [delivery] = await finishedDeliveries(twilio.control);
    expect(delivery?.outcome).toBe("recorded");
    expect(await twilio.control.call("POST", "webhooks/resend", { id: delivery?.id })).toMatchObject({ status: 400 });
  });
});

describe("a command for curl", () => {
  const command = async (query: string) => String((await twilio.control.ok("GET", `curl?${query}`)).curl);
  const lastRequest = async () => ((await twilio.control.ok("GET", "requests")).requests as { sid: string }[]).at(-1)?.sid;

  it("repeats a request, whatever its parameters contain", async () => {
    const { sid } = await twilio.conversations.conversations.create({ friendlyName: "x" });
    const { messages } = twilio.conversations.conversations(sid);
    await messages.create({ body: HOSTILE, author: "a'b", xTwilioWebhookEnabled: "true" });
    const curl = await command(`requestSid=${await lastRequest()}`);
    expect(curl).toMatch(/^[\x20-\x7e\n]*$/);
    expect(curl).toContain('-u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN"');
    expect(curl).toContain("X-Twilio-Webhook-Enabled: true");
    expect(JSON.parse(await paste(curl))).toMatchObject({ index: 1, body: HOSTILE, author: "a'b" });
    expect((await messages.list()).map(({ body }) => body)).toEqual([HOSTILE, HOSTILE]);
  });

  it("repeats a list with its query", async () => {
    await twilio.conversations.conversations.create({ friendlyName: "x" });
    await twilio.conversations.conversations.list({ pageSize: 1, limit: 1 });
    const curl = await command(`requestSid=${await lastRequest()}`);
    expect(JSON.parse(await paste(curl))).toMatchObject({ meta: { page_size: 1 }, conversations: [{ friendly_name: "x" }] });
  });

  it("repeats a webhook with a valid signature", async () => {
    const { id } = await deliverHostileText("anne:hidden@");
    const curl = await command(`deliveryId=${id}`);
    expect(curl).toMatch(/^[\x20-\x7e\n]*$/);
    await paste(curl);
    const [first, second] = receiver.received;
    expect(second?.parameters).toEqual(first?.parameters);
    expect(second?.headers.authorization).toBe(first?.headers.authorization);
    expect(second?.isSigned(twilio.emulator.authToken)).toBe(true);
  });

  it("is refused for what cannot be repeated", async () => {
    expect(await twilio.control.call("GET", "curl?requestSid=RQ1")).toMatchObject({ status: 404 });
    expect(await twilio.control.call("GET", "curl?deliveryId=1")).toMatchObject({ status: 404 });
    expect(await twilio.control.call("GET", "curl")).toMatchObject({ status: 400 });
    const { sid } = await twilio.conversations.conversations.create({ friendlyName: "x" });
    await twilio.conversations.conversations(sid).messages.create({ body: "ö".repeat(1500) });
    expect(await twilio.control.call("GET", `curl?requestSid=${await lastRequest()}`)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("too long") },
    });
  });
});

it("one fault rule is removed, the others stay", async () => {
  await twilio.control.ok("POST", "faults", [
    { status: 503, path: "*/A" },
    { status: 429, path: "*/B" },
  ]);
  const { faults } = (await twilio.control.ok("GET", "faults")) as { faults: { id: number; path: string }[] };
  expect(await twilio.control.ok("DELETE", `faults/${faults[0]?.id}`)).toMatchObject({ faults: [{ path: "*/B" }] });
  expect(await twilio.control.call("DELETE", `faults/${faults[0]?.id}`)).toMatchObject({ status: 404 });
  await twilio.control.ok("POST", "faults", { status: 500 });
  const ids = ((await twilio.control.ok("GET", "faults")).faults as { id: number }[]).map(({ id }) => id);
  expect(new Set([...ids, faults[0]?.id]).size).toBe(3);
});
