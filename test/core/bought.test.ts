import { describe, expect, it } from "vitest";
import type { Context } from "../../src/core/lifecycle/definition";
import type { Body } from "../../src/core/twilio/twilio";
import { ownersMark } from "../../src/numbers/number-search";
import { findBought } from "../../src/numbers/own-numbers";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, fake } from "../support/fake-twilio";

const urn = "urn:pulumi:dev::shop::pulumi-nodejs:twilio/numbers:PhoneNumber::desk";

describe("a purchase whose response is compared with the request", () => {
  const planned = { search: { country: "US" }, phoneNumber: "+15005550006", __urn: urn };

  /** Buys, with a response that says when the number was created, and what the account shows of it right afterwards. */
  async function buy(secondsAfterBegin: number, shownAs: string) {
    const bought = new Map<string, Body>();
    const { of, asked } = fake(({ method, path, query, form }) => {
      if (method === "post" && path.endsWith("IncomingPhoneNumbers.json")) {
        const number = String(form?.PhoneNumber);
        const date_created = new Date(Date.now() + secondsAfterBegin * 1000).toUTCString();
        const body = {
          sid: `PN${bought.size}`,
          account_sid: account,
          phone_number: number,
          friendly_name: form?.FriendlyName,
          date_created,
        };
        bought.set(number, { ...body, friendly_name: shownAs });
        return body;
      }
      const [listed] = [bought.get(String(query?.PhoneNumber))].filter(Boolean);
      return { incoming_phone_numbers: listed ? [listed] : [], available_phone_numbers: [{ phone_number: "+15005550007" }] };
    });
    const { id } = await of(phoneNumber).create(planned);
    return { id, posts: asked.filter((request) => request.startsWith("post")).length };
  }

  it("is this purchase's however long Twilio made it wait: nothing is bought a second time", async () => {
    expect(await buy(200, "pulumi shop/dev/desk")).toEqual({ id: "PN0", posts: 1 });
  });

  it("is left to who had the number before the request", async () => {
    expect(await buy(-200, "pulumi shop/dev/desk").catch((error: Error) => error.message)).toMatch(/the account has had \+1500555000[67]/);
  });

  it("is left to a stack of the same name in another backend that bought the number at the same moment", async () => {
    expect(await buy(0, "pulumi shop/dev/desk @abcde").catch((error: Error) => error.message)).toMatch(/another stack has bought/);
  });

  it("is found by its mark where the response is about a number that was released before", async () => {
    const bought: Body[] = [];
    const { of, asked } = fake(({ method, path, form }) => {
      if (method === "post" && path.endsWith("IncomingPhoneNumbers.json")) {
        const [phone_number, friendly_name] = [form?.PhoneNumber, form?.FriendlyName];
        const date_created = new Date().toUTCString();
        bought.push({ sid: "PN0", account_sid: account, phone_number, friendly_name, date_created });
        return { ...bought[0], sid: "PN9", date_created: new Date(Date.now() - 200_000).toUTCString() };
      }
      return { incoming_phone_numbers: bought, available_phone_numbers: [{ phone_number: "+15005550007" }] };
    });
    const { id } = await of(phoneNumber).create(planned);
    expect({ id, posts: asked.filter((request) => request.startsWith("post")).length }).toEqual({ id: "PN0", posts: 1 });
  });
});

describe("a purchase that another run makes at the same moment", () => {
  const mark = "pulumi shop/dev/desk";

  /** The warnings of a purchase after which the account shows another number with this mark. */
  async function warnings(other: Body, holder?: string) {
    const owned: Body[] = [];
    const { of, log, context } = fake(({ method, path, query, form }) => {
      if (method === "post" && path.endsWith("IncomingPhoneNumbers.json")) {
        const date_created = new Date().toUTCString();
        const body = { sid: "PN0", account_sid: account, phone_number: form?.PhoneNumber, friendly_name: form?.FriendlyName, date_created };
        owned.push(body, { ...body, sid: "PN1", phone_number: "+15005550007", ...other });
        return body;
      }
      const isAsked = (one: Body) =>
        (query?.FriendlyName ?? one.friendly_name) === one.friendly_name && (query?.PhoneNumber ?? one.phone_number) === one.phone_number;
      return { incoming_phone_numbers: owned.filter(isAsked), available_phone_numbers: [] };
    });
    Object.assign(context, { holderInBackend: () => holder && { urn: holder } });
    await of(phoneNumber).create({ search: { country: "US" }, phoneNumber: "+15005550006", __urn: urn });
    return log.filter((line) => line.startsWith("warn"));
  }
  const at = (ms: number) => ({ date_created: new Date(Date.now() + ms).toUTCString() });

  it.each([at(0), at(-60_000), at(60_000)])("is reported with its number (%j)", async (other) => {
    expect(await warnings(other)).toEqual([
      expect.stringMatching(/^warn: \+15005550007 \(PN1\) carries the mark of this resource too: .* Release one of them\.$/),
    ]);
  });

  it("is neither a number of another time or name, nor one that a resource has", async () => {
    expect(await warnings(at(-120_000))).toEqual([]);
    expect(await warnings(at(120_000))).toEqual([]);
    expect(await warnings({ friendly_name: `${mark} 2` })).toEqual([]);
    expect(await warnings({}, urn.replace("dev", "prod"))).toEqual([]);
  });
});

describe("a number that carries the mark of a resource", () => {
  it.each([{ phoneNumber: "+15005550006" }, { areaCode: "500" }])("is not used where another stack has it (%j)", async (news) => {
    const marked = { sid: "PN0", account_sid: account, phone_number: "+15005550006", friendly_name: ownersMark({ urn }) };
    const { context } = fake(() => ({ incoming_phone_numbers: [marked] }));
    const find = (holder: string | undefined) =>
      findBought(news, { ...context, urn, place: "", holderOf: () => holder } as unknown as Context, undefined);
    expect(await find(undefined)).toMatchObject({ whose: "adopted", body: { sid: "PN0" } });
    expect(await find('PhoneNumber "desk" of stack prod')).toBeUndefined();
  });
});
