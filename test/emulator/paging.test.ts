import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "./support/client";
import { useEmulator } from "./support/emulator";

const twilio = useEmulator();
interface Meta {
  page: number;
  page_size: number;
  key: string;
  url: string;
  first_page_url: string;
  previous_page_url: string | null;
  next_page_url: string | null;
}

describe("v1 lists", () => {
  let sid: string;
  beforeEach(async () => {
    ({ sid } = await twilio.conversations.conversations.create());
    for (let index = 0; index < 5; index++) await twilio.conversations.conversations(sid).messages.create({ body: String(index) });
  });
  const messages = () => twilio.conversations.conversations(sid).messages;
  const bodies = (page: { instances: { body: string }[] } | undefined) => page?.instances.map(({ body }) => body);

  it("can be paged forward to the end and back", async () => {
    const first = await messages().page({ order: "desc", pageSize: 2 });
    const { meta, messages: rows } = twilio.http.last().body as { meta: Meta; messages: { sid: string }[] };
    const base = `https://conversations.twilio.com/v1/Conversations/${sid}/Messages?Order=desc&PageSize=2`;
    expect(meta).toEqual({
      page: 0,
      page_size: 2,
      key: "messages",
      url: `${base}&Page=0`,
      first_page_url: `${base}&Page=0`,
      previous_page_url: null,
      next_page_url: `${base}&Page=1&PageToken=PA${rows[1]?.sid}`,
    });
    const second = await first.nextPage();
    const third = await second?.nextPage();
    expect([bodies(first), bodies(second), bodies(third)]).toEqual([["4", "3"], ["2", "1"], ["0"]]);
    expect((twilio.http.last().body as { meta: Meta }).meta).toMatchObject({ page: 2, next_page_url: null });
    const back = await third?.previousPage();
    expect(bodies(back)).toEqual(["2", "1"]);
    expect(bodies(await back?.previousPage())).toEqual(["4", "3"]);
  });

  it("end with a full page if no row follows", async () => {
    expect(bodies(await messages().page({ pageSize: 5 }))).toHaveLength(5);
    expect((twilio.http.last().body as { meta: Meta }).meta.next_page_url).toBeNull();
  });

  it("neither skip nor repeat rows if rows are added or removed between two pages", async () => {
    const seen: string[] = [];
    type Paged = Awaited<ReturnType<Awaited<ReturnType<ReturnType<typeof messages>["page"]>>["nextPage"]>>;
    let page: Paged = await messages().page({ pageSize: 2 });
    while (page) {
      for (const message of page.instances) {
        seen.push(message.body);
        await messages()(message.sid).remove();
        if (seen.length < 3) await messages().create({ body: `new ${seen.length}` });
      }
      page = await page.nextPage();
    }
    expect(seen).toEqual(["0", "1", "2", "3", "4", "new 1", "new 2"]);
    expect(await messages().list()).toEqual([]);
  });

  it("use the page number if the token is unknown", async () => {
    const page = await messages().page({ pageSize: 2, pageNumber: 1, pageToken: "PAnothing" });
    expect(bodies(page)).toEqual(["2", "3"]);
  });

  it("ignore tokens that name existing or deleted rows of another account", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid }).conversations.conversations;
    const [existing, deleted] = [await theirs.create(), await theirs.create()];
    await theirs(deleted.sid).remove();
    // These rows are newer than all rows of the list. As page tokens, they would select an empty page.
    for (const foreign of [existing, deleted]) {
      const page = await messages().page({ pageSize: 2, pageNumber: 1, pageToken: `PA${foreign.sid}` });
      expect(bodies(page)).toEqual(["2", "3"]);
    }
  });

  it("have 50 rows per page by default, up to the limit of the resource", async () => {
    for (let index = 5; index < 52; index++) await messages().create({ body: String(index) });
    expect((await messages().page()).instances).toHaveLength(50);
    expect(await messages().list()).toHaveLength(52);
    expect((await messages().page({ pageSize: 100 })).instances).toHaveLength(52);
    // A larger page means the largest: clients send the number of rows that they want.
    const size = async (page: Promise<unknown>) => {
      await page;
      return (twilio.http.last().body as { meta: Meta }).meta.page_size;
    };
    expect(await size(messages().page({ pageSize: 101 }))).toBe(100);
    expect(await size(twilio.conversations.users.page({ pageSize: 51 }))).toBe(50);
    expect(await size(twilio.conversations.roles.page({ pageSize: 1000 }))).toBe(50);
    expect(await size(twilio.client.messaging.v1.services.page({ pageSize: 1001 }))).toBe(1000);
    for (let index = 0; index < 50; index++) await messages().create({ body: "more" });
    expect(await messages().list({ limit: 1000 })).toHaveLength(102);
    expect(await messages().list({ limit: 101 })).toHaveLength(101);
    expect((await messages().page({ pageSize: 0 })).instances).toHaveLength(50);
    // Neither the size nor the number of a page that is no number has an effect.
    for (const wrong of [{ pageSize: "abc" }, { pageNumber: "abc" }, { pageNumber: "-1" }] as object[])
      expect((await messages().page(wrong)).instances.map(({ body }) => body).slice(0, 2)).toEqual(["0", "1"]);
  });
});

describe("2010 lists", () => {
  it("have paths, not URLs, as links", async () => {
    for (const last of [0, 1, 2]) await twilio.api.incomingPhoneNumbers.create({ phoneNumber: `+1415555010${last}` });
    const first = await twilio.api.incomingPhoneNumbers.page({ pageSize: 2, phoneNumber: "+1415" });
    const path = `/2010-04-01/Accounts/${twilio.emulator.accountSid}/IncomingPhoneNumbers.json?PhoneNumber=%2B1415&PageSize=2`;
    expect(twilio.http.last().body).toMatchObject({
      page: 0,
      page_size: 2,
      start: 0,
      end: 1,
      uri: `${path}&Page=0`,
      first_page_uri: `${path}&Page=0`,
      previous_page_uri: null,
      next_page_uri: `${path}&Page=1&PageToken=PA${first.instances[1]?.sid}`,
    });
    const second = await first.nextPage();
    expect(second?.instances.map(({ phoneNumber }) => phoneNumber)).toEqual(["+14155550100"]);
    expect(twilio.http.last().body).toMatchObject({ page: 1, start: 2, end: 2, next_page_uri: null });
    expect((await second?.previousPage())?.instances).toHaveLength(2);
    expect(await twilio.api.incomingPhoneNumbers.list({ pageSize: 1 })).toHaveLength(3);
    await twilio.api.incomingPhoneNumbers.page({ pageSize: 1001 });
    expect(twilio.http.last().body).toMatchObject({ page_size: 1000 });
    expect(await twilio.api.messages.list()).toEqual([]);
    expect(twilio.http.last().body).toMatchObject({ start: 0, end: 0 });
  });
});
