import { describe, expect, it } from "vitest";
import { authorizationOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";

const twilio = useEmulator();
const create = () => twilio.conversations.conversations.create();

describe("a skewed clock", () => {
  const get = (path: string) =>
    send(twilio.emulator.url, {
      path: `/conversations.twilio.com/v1/${path}`,
      headers: { authorization: authorizationOf(twilio.emulator) },
    });
  const skew = (skewSeconds: number) => twilio.control.ok("POST", "clock", { skewSeconds });
  /** The difference between a date and this machine's clock, in whole hours. */
  const hoursAhead = (date: string | Date | undefined) => Math.round((new Date(date ?? "").getTime() - Date.now()) / 3600_000) + 0;

  it("changes all dates, including response headers, until the skew is removed", async () => {
    const dates = async () => {
      const { dateCreated } = await create();
      const number = await twilio.client.api.v2010.accounts.create({});
      const { headers: list } = await get("Conversations");
      const { headers: failed } = await get("Conversations/CH1");
      await twilio.control.ok("POST", "faults", { status: 503, times: 1 });
      const { headers: faulty } = await get("Conversations");
      return [dateCreated, number.dateCreated, list.date, failed.date, faulty.date].map(hoursAhead);
    };
    expect(await dates()).toEqual([0, 0, 0, 0, 0]);
    for (const hours of [2, -3]) {
      const shown = await skew(hours * 3600);
      expect([shown.skewSeconds, hoursAhead(shown.now as string)]).toEqual([hours * 3600, hours]);
      expect(await twilio.control.ok("GET", "clock")).toMatchObject({ skewSeconds: hours * 3600 });
      expect(await dates()).toEqual([hours, hours, hours, hours, hours]);
    }
    expect(await skew(0)).toMatchObject({ skewSeconds: 0 });
    expect(await dates()).toEqual([0, 0, 0, 0, 0]);
  });

  it("adds to an advanced clock, and a reset removes it", async () => {
    await twilio.control.advance(5 * 3600);
    await skew(-3600);
    expect(hoursAhead((await create()).dateCreated)).toBe(4);
    await twilio.control.advance(3600);
    expect(hoursAhead((await create()).dateCreated)).toBe(5);
    await twilio.emulator.reset();
    expect(hoursAhead((await create()).dateCreated)).toBe(0);
  });

  it("does not change the remaining time of a timer", async () => {
    const { sid } = await twilio.conversations.conversations.create({
      state: "active",
      "timers.inactive": "PT10M",
      "timers.closed": "PT1H",
    });
    const conversation = twilio.conversations.conversations(sid);
    const { timers } = await conversation.fetch();
    await skew(86_400);
    const skewed = await conversation.fetch();
    expect(skewed.state).toBe("active");
    expect(Date.parse(skewed.timers.date_inactive) - Date.parse(timers.date_inactive)).toBe(86_400_000);
    await skew(-86_400);
    await twilio.control.advance(601);
    expect((await conversation.fetch()).state).toBe("inactive");
    await skew(0);
    expect((await conversation.fetch()).state).toBe("inactive");
    await twilio.control.advance(3000);
    expect((await conversation.fetch()).state).toBe("closed");
  });

  it("is unchanged after an invalid request", async () => {
    for (const input of [{}, { skewSeconds: "1" }, { skewSeconds: null }, { skewSeconds: 1e10 }, { skewSeconds: 60, advanceSeconds: -1 }]) {
      expect(await twilio.control.call("POST", "clock", input), JSON.stringify(input)).toMatchObject({ status: 400 });
    }
    expect(await twilio.control.ok("GET", "clock")).toMatchObject({ skewSeconds: 0 });
  });
});
