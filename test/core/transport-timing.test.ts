import { describe, expect, it, vi } from "vitest";
import { operation } from "../../src/core/process/operation";
import { errorOf, failed, lost, ok, type Response, request, scripted } from "../support/scripted-transport";

describe("the wait before a retry", () => {
  it("follows Retry-After, in seconds or as a date", async () => {
    const date = new Date(Date.now() + 20_000).toUTCString();
    const { twilio, waits } = scripted([failed(429, {}, { "retry-after": "7" }), failed(429, {}, { "retry-after": date }), ok()]);
    await twilio.send(request("post"));
    expect(waits[0]).toBe(7000);
    expect(waits[1]).toBeGreaterThan(15_000);
    expect(waits[1]).toBeLessThanOrEqual(20_000);
  });

  it("is otherwise a random part of a bounded time that doubles", async () => {
    const { twilio, waits } = scripted([...Array<Response>(10).fill(failed(429)), ok()]);
    await twilio.send(request("get"));
    expect(waits).toEqual([125, 250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    const lucky = scripted([failed(429), ok()], { random: () => 0 });
    await lucky.twilio.send(request("get"));
    expect(lucky.waits).toEqual([0]);
  });

  it.each([
    ["no Retry-After", {}],
    ["a Retry-After of zero", { "retry-after": "0" }],
    ["a Retry-After in the past", { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }],
    ["an invalid Retry-After", { "retry-after": "soon" }],
  ])("adds up to at most two minutes, with %s", async (_what, headers) => {
    const { twilio, waits, requests } = scripted([failed(429, { code: 20429, message: "Too Many Requests" }, headers)]);
    const error = await errorOf(twilio.send(request("get")));
    expect(error.message).toContain("lower `twilio:maxConcurrency`");
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(120_000);
    expect(requests.length).toBeLessThan(30);
  });

  it("is logged with its reason", async () => {
    const lines: string[] = [];
    const { twilio } = scripted([failed(503, { message: "Service unavailable" }), ok()], {
      log: (_severity, message) => lines.push(message),
    });
    await twilio.send(request("get"));
    expect(lines).toEqual(["GET /v1/Services: Service unavailable; retrying in 125 ms"]);
  });
});

describe("a long Retry-After", () => {
  it("is respected as long as the total wait stays within two minutes", async () => {
    const { twilio, waits } = scripted([failed(429, {}, { "retry-after": "90" }), ok()]);
    await twilio.send(request("post"));
    expect(waits).toEqual([90_000]);
    const tooLong = scripted([failed(429, {}, { "retry-after": "121" }), ok()]);
    expect((await errorOf(tooLong.twilio.send(request("post")))).status).toBe(429);
  });
});

describe("a request that was retried", () => {
  const busy = (seconds: string) => failed(429, { message: "Too Many Requests" }, { "retry-after": seconds });
  const notices = async (responses: Response[]) => {
    const lines: string[] = [];
    const { twilio } = scripted(responses, { log: (severity, message) => void (severity === "info" && lines.push(message)) });
    await twilio.send(request("post"));
    return lines;
  };

  it("is logged once if its retries took more than five seconds", async () => {
    expect(await notices([busy("4"), busy("4"), ok()])).toEqual([expect.stringMatching(/was sent 3 times over 8 s/)]);
  });

  it("is not logged if its retries took less", async () => {
    expect(await notices([busy("4"), ok()])).toEqual([]);
  });
});

describe("the time limit of one call", () => {
  it("is passed to the HTTP client, and a call that exceeds it has no response", async () => {
    const late = Object.assign(new Error("canceled"), { code: "ERR_CANCELED" });
    const { twilio, requests } = scripted([late]);
    const error = await errorOf(twilio.send(request("post")));
    expect(requests[0]?.timeoutMs).toBe(30_000);
    expect(error.message).toContain("no response from Twilio within 30 s");
    expect(error).toMatchObject({ status: 0, isLate: true, unsent: false });
    expect(await errorOf(scripted([lost]).twilio.send(request("post")))).toMatchObject({ status: 0, isLate: false });
  });
});

describe("the time limit of one operation", () => {
  const limit = { connection: { operationTimeoutMs: 5_000 } };

  it("ends retries that would exceed it, and the error says how long they took", async () => {
    const { twilio, waits } = scripted([failed(503, {}, { "retry-after": "2" })], {
      ...limit,
      sleep: async (ms) => {
        waits.push(ms);
        vi.setSystemTime(Date.now() + ms);
      },
    });
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const error = await errorOf(operation(() => twilio.send(request("get"))));
      expect(waits).toEqual([2000, 2000]);
      expect(error.message).toContain("the operation reached its time limit (twilio:operationTimeout, 5 s)");
      expect(error.message).toContain("sent 3 times over 4 s");
    } finally {
      vi.useRealTimers();
    }
  });

  it("shortens the last call, and nothing is sent after it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { twilio, requests } = scripted([ok()], limit);
      await operation(async () => {
        vi.setSystemTime(Date.now() + 4_000);
        await twilio.send(request("post"));
        expect(requests[0]?.timeoutMs).toBe(1_000);
        expect(await twilio.pause(500)).toBe(true);
        vi.setSystemTime(Date.now() + 2_000);
        expect(await errorOf(twilio.send(request("post")))).toMatchObject({ unsent: true });
        expect(await twilio.pause(500)).toBe(false);
      });
      expect(requests).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("applies to each operation separately, and not to requests outside of an operation", async () => {
    const { twilio } = scripted([ok()], { connection: { operationTimeoutMs: 1 } });
    const old = new Promise((resolve) => setTimeout(resolve, 5));
    await expect(operation(() => old.then(() => twilio.send(request("get"))))).rejects.toThrow("not sent");
    expect(await old.then(() => twilio.send(request("get")))).toEqual({ sid: "X" });
  });
});

describe("a canceled run", () => {
  it("stops waiting and says so", async () => {
    const controller = new AbortController();
    const { twilio, requests } = scripted([failed(429, { message: "Too Many Requests" })], {
      cancelled: controller.signal,
      sleep: async (_ms, signal) => {
        controller.abort();
        signal?.throwIfAborted();
      },
    });
    const error = await errorOf(twilio.send(request("post")));
    expect(error.message).toContain("the run was canceled");
    expect(requests).toHaveLength(1);
  });

  it("starts no further change, but still reads", async () => {
    const { twilio, requests } = scripted([ok()], { cancelled: AbortSignal.abort() });
    for (const method of ["post", "delete"] as const) {
      expect(await errorOf(twilio.send(request(method)))).toMatchObject({ unsent: true, status: 0 });
    }
    expect(requests).toEqual([]);
    expect(await twilio.send(request("get"))).toEqual({ sid: "X" });
    expect(await twilio.pause(1)).toBe(false);
  });
});

describe("Twilio's clock", () => {
  it("is derived from the last response that has a date", async () => {
    const { twilio } = scripted([failed(200, { sid: "X" }, { date: new Date(Date.now() + 3_600_000).toUTCString() }), ok()]);
    expect(twilio.skewMs()).toBeUndefined();
    await twilio.send(request("get"));
    expect(Math.round((twilio.skewMs() ?? 0) / 10_000)).toBe(360);
    await twilio.send(request("get"));
    expect(Math.round((twilio.skewMs() ?? 0) / 10_000)).toBe(360);
  });

  it("is used to interpret a date in Retry-After", async () => {
    const hourAgo = (seconds: number) => new Date(Date.now() - 3_600_000 + seconds * 1000).toUTCString();
    const { twilio, waits } = scripted([failed(429, {}, { date: hourAgo(0), "retry-after": hourAgo(10) }), ok()]);
    await twilio.send(request("get"));
    expect(waits[0]).toBeGreaterThan(8_000);
    expect(waits[0]).toBeLessThanOrEqual(11_000);
  });
});

describe("the concurrency limit", () => {
  it("does not count a request that waits for its retry", async () => {
    let release: () => void = () => {};
    const { twilio, requests } = scripted([failed(429), ok()], {
      connection: { maxConcurrency: 1 },
      sleep: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    });
    const first = twilio.send(request("get"));
    expect(await twilio.send({ ...request("get"), path: "/other" })).toEqual({ sid: "X" });
    release();
    await first;
    expect(requests.map(({ path }) => path)).toEqual(["/v1/Services", "/other", "/v1/Services"]);
  });
});
