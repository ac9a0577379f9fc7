import { describe, expect, it } from "vitest";
import { pace, paces } from "../../src/core/twilio/pace";

/** A clock that moves only where something waits; `lateMs`: how late its timers are. */
function clock(lateMs = 0) {
  let now = 1_000_000;
  const pauses: number[] = [];
  return {
    now: () => now,
    pauses,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    pause: async (milliseconds: number) => {
      pauses.push(Math.round(milliseconds));
      now += milliseconds + lateMs;
    },
  };
}

/** A server that accepts so many writes in each second, as the emulator's limit counts. */
function server(perSecond: number, { now }: ReturnType<typeof clock>) {
  let accepted: number[] = [];
  return () => {
    accepted = accepted.filter((at) => now() - at < 1000);
    if (accepted.length >= perSecond) return false;
    accepted.push(now());
    return true;
  };
}

/** Sends writes one after the other, each of which takes so long, until so many are accepted. */
async function write(count: number, perSecond: number, { takesMs = 5, lateMs = 0 } = {}) {
  const time = clock(lateMs);
  const writes = pace(time.pause, time.now);
  const admits = server(perSecond, time);
  const begun = time.now();
  let refused = 0;
  for (let accepted = 0; accepted < count; ) {
    await writes.turn();
    time.pass(takesMs);
    if (admits()) {
      accepted += 1;
      writes.recordAccepted();
    } else {
      refused += 1;
      writes.recordThrottled();
    }
  }
  return { seconds: (time.now() - begun) / 1000, refused };
}

describe("the pace of writes", () => {
  it("is not limited until Twilio refuses one", async () => {
    const time = clock();
    const writes = pace(time.pause, time.now);
    for (let count = 0; count < 5000; count += 1) {
      await writes.turn();
      writes.recordAccepted();
    }
    expect(time.pauses).toEqual([]);
  });

  it.each([15, 30, 100])("finds a limit of %i a second, and stays below 105 % of the time that it takes", async (perSecond) => {
    const { seconds, refused } = await write(perSecond * 100, perSecond);
    expect(seconds).toBeGreaterThan(98);
    expect(seconds).toBeLessThan(105);
    // One or two a second, by which the rate is found.
    expect(refused).toBeLessThan(200);
  });

  it("makes up for timers that are late", async () => {
    const { seconds } = await write(3000, 30, { lateMs: 4 });
    expect(seconds).toBeLessThan(105);
  });

  it("begins with 10 a second where a refusal says nothing about the limit, and rises by one each second", async () => {
    const time = clock();
    const writes = pace(time.pause, time.now);
    writes.recordThrottled();
    const begun = time.now();
    const at: number[] = [];
    for (let count = 0; count < 200; count += 1) {
      await writes.turn();
      at.push(time.now() - begun);
      writes.recordAccepted();
    }
    const inSecond = (second: number) => at.filter((ms) => Math.floor(ms / 1000) === second).length;
    expect(inSecond(0)).toBeGreaterThanOrEqual(10);
    expect(inSecond(0)).toBeLessThanOrEqual(12);
    expect(inSecond(5) - inSecond(0)).toBeGreaterThanOrEqual(3);
    expect(inSecond(5) - inSecond(0)).toBeLessThanOrEqual(6);
  });

  it("gives turns in the order of the calls, and one at a time", async () => {
    const time = clock();
    const writes = pace(time.pause, time.now);
    writes.recordThrottled();
    const order: number[] = [];
    await Promise.all([1, 2, 3, 4].map((one) => writes.turn().then(() => void order.push(one))));
    expect(order).toEqual([1, 2, 3, 4]);
    expect(time.pauses).toHaveLength(3);
  });

  it("is one for the writes to a service, another one for each other service and product, and none for reads", () => {
    const of = paces(async () => {});
    const at = (path: string, method: "get" | "post" | "delete" = "post", product: "conversations" | "messaging" = "conversations") =>
      of({ attempt: "", method, product, path });
    const [one, two] = ["1", "2"].map((digit) => `/v1/Services/IS${digit.repeat(32)}`);
    expect(at(`${one}/Conversations`)).toBeDefined();
    expect(at(`${one}/Conversations`)).toBe(at(`${one}/Conversations/CH1/Participants/MB1`, "delete"));
    expect(at(`${one}/Conversations`)).not.toBe(at(`${two}/Conversations`));
    expect(at("/v1/Conversations")).toBe(at("/v1/Services"));
    expect(at("/v1/Conversations")).not.toBe(at(`${one}/Conversations`));
    expect(at("/v1/Services", "post", "messaging")).not.toBe(at("/v1/Services"));
    expect(at(`${one}/Conversations`, "get")).toBeUndefined();
  });
});
