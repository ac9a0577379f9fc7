import { describe, expect, it } from "vitest";
import { authorizationOf, errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { send } from "./support/http";

const twilio = useEmulator();
const GIF = "https://example.com/a.gif";
const NOT_FOUND = { status: 404, code: 20404 };

const newSms = async (mediaUrl: string[] = [GIF, "https://example.com/b.png"]) => {
  const { phoneNumber } = await buyNumber(twilio);
  return twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "x", mediaUrl });
};

/** Requests the path of a message's media without the suffix `.json`, which is the content. */
async function contentOf(path: string) {
  const root = `/api.twilio.com/2010-04-01/Accounts/${twilio.emulator.accountSid}/Messages`;
  const { status, headers } = await send(twilio.emulator.url, {
    path: `${root}/${path}`,
    headers: { Authorization: authorizationOf(twilio.emulator) },
  });
  return { status, location: headers.location };
}

describe("media of text messages", () => {
  it("are listed, fetched and deleted; num_media counts what is left", async () => {
    const { sid, numMedia } = await newSms();
    expect(numMedia).toBe("2");
    const { media } = twilio.api.messages(sid);
    const listed = await media.list();
    expect(listed.map(({ contentType }) => contentType).sort()).toEqual(["image/gif", "image/png"]);
    const [first] = listed;
    expect(first).toMatchObject({
      sid: expect.stringMatching(/^ME[0-9a-f]{32}$/),
      accountSid: twilio.emulator.accountSid,
      parentSid: sid,
      uri: `/2010-04-01/Accounts/${twilio.emulator.accountSid}/Messages/${sid}/Media/${first?.sid}.json`,
    });
    expect((await media(first?.sid as string).fetch()).contentType).toBe(first?.contentType);
    expect(await media(first?.sid as string).remove()).toBe(true);
    expect(await errorOf(media(first?.sid as string).fetch())).toMatchObject(NOT_FOUND);
    expect(await media.list()).toHaveLength(1);
    expect((await twilio.api.messages(sid).fetch()).numMedia).toBe("1");
    const other = await newSms();
    expect(
      await errorOf(
        twilio.api
          .messages(other.sid)
          .media(listed[1]?.sid as string)
          .fetch(),
      ),
    ).toMatchObject(NOT_FOUND);
  });

  it("are filtered by their date", async () => {
    const { sid } = await newSms();
    const { media } = twilio.api.messages(sid);
    const day = 86_400_000;
    const at = (days: number) => new Date(Date.now() + days * day);
    expect(await media.list({ dateCreated: at(0) })).toHaveLength(2);
    expect(await media.list({ dateCreated: at(-2) })).toEqual([]);
    expect(await media.list({ dateCreatedAfter: at(-2) })).toHaveLength(2);
    expect(await media.list({ dateCreatedBefore: at(-2) })).toEqual([]);
  });

  it("are at the sender's URL, or in the media service of the conversation that has them", async () => {
    const { sid } = await newSms([GIF]);
    const [media] = await twilio.api.messages(sid).media.list();
    expect(await contentOf(`${sid}/Media/${media?.sid}`)).toEqual({ status: 307, location: GIF });
    expect(await contentOf(`${sid}/Media/ME${"0".repeat(32)}`)).toMatchObject({ status: 404 });
    const { phoneNumber } = await buyNumber(twilio);
    const conversation = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await conversation.participants.create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber });
    const data = `data:text/plain;base64,${Buffer.from("hello").toString("base64")}`;
    const { smsSid } = await twilio.control.inbound(ALICE, phoneNumber, "hi", { mediaUrl: data });
    const [attached] = await twilio.api.messages(String(smsSid)).media.list();
    const { status, location } = await contentOf(`${smsSid}/Media/${attached?.sid}`);
    expect(status).toBe(307);
    const content = await send(twilio.emulator.url, {
      path: location as string,
      headers: { Authorization: authorizationOf(twilio.emulator) },
    });
    expect(content).toMatchObject({ status: 200, text: "hello" });
  });
});

describe("feedback on text messages", () => {
  it("is accepted, confirmed by default, and linked once the message exists", async () => {
    const { sid } = await newSms([]);
    expect(twilio.http.last().body).toHaveProperty("subresource_uris", { media: expect.stringMatching(/\/Media\.json$/) });
    const { feedback } = twilio.api.messages(sid);
    expect(await feedback.create()).toMatchObject({ accountSid: twilio.emulator.accountSid, messageSid: sid, outcome: "confirmed" });
    expect(twilio.http.last().status).toBe(200);
    expect((await feedback.create({ outcome: "unconfirmed" })).outcome).toBe("unconfirmed");
    expect(await errorOf(feedback.create({ outcome: "maybe" as "confirmed" }))).toMatchObject({ status: 400, code: 20001 });
    expect((await twilio.api.messages(sid).fetch()).subresourceUris).toHaveProperty("feedback");
    await twilio.api.messages(sid).remove();
    expect(await errorOf(feedback.create())).toMatchObject(NOT_FOUND);
  });
});
