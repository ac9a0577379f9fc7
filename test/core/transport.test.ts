import { describe, expect, it, vi } from "vitest";
import { operation } from "../../src/core/process/operation";
import type { SendRequest } from "../../src/core/twilio/client";
import type { Connection } from "../../src/core/twilio/connection";
import { TwilioError } from "../../src/core/twilio/errors";
import { openTwilio, type TransportOptions } from "../../src/core/twilio/transport";
import type { Request } from "../../src/core/twilio/twilio";

const canary = "canary-sings-loudly";
const connection: Connection = {
  backend: "twilio",
  accountSid: `AC${"1".repeat(32)}`,
  username: "SKuser",
  password: canary,
  secrets: [canary],
  maxConcurrency: 10,
  callTimeoutMs: 30_000,
  operationTimeoutMs: 300_000,
  place: "https://twilio.com",
  source: "the environment",
};

type Answer = Awaited<ReturnType<SendRequest>>;
const ok = (body: unknown = { sid: "X" }): Answer => ({ statusCode: 200, body });
const failed = (statusCode: number, body: unknown = {}, headers: Record<string, string> = {}): Answer => ({ statusCode, body, headers });
const lost = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

const refusedConnection = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9"), { code: "ECONNREFUSED" });

const unreachable = (syscall: string) => Object.assign(new Error(`${syscall} EHOSTUNREACH`), { code: "EHOSTUNREACH", syscall });

/** Answers one after the other, the last one for ever; writes down requests and waits. */
function scripted(answers: (Answer | Error)[], options: TransportOptions & { connection?: Partial<Connection> } = {}) {
  const requests: Parameters<SendRequest>[0][] = [];
  const waits: number[] = [];
  const twilio = openTwilio(
    { ...connection, ...options.connection },
    {
      wire: async (request) => {
        requests.push(request);
        const answer = answers[Math.min(requests.length, answers.length) - 1] as Answer | Error;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
        if (waits.length > 10_000) throw new Error("it never gives up");
      },
      random: () => 0.5,
      ...options,
    },
  );
  return { twilio, requests, waits };
}

const request = (method: Request["method"]): Request => ({
  attempt: "Cannot do it",
  product: "conversations",
  method,
  path: "/v1/Services",
});
const errorOf = async (promise: Promise<unknown>): Promise<TwilioError> => {
  const error = await promise.then(
    () => expect.unreachable("no error came"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(TwilioError);
  return error as TwilioError;
};

describe("which requests are sent again", () => {
  it.each<[Request["method"], string, Answer | Error, number]>([
    ["get", "429", failed(429), 2],
    ["post", "429, which Twilio never processed", failed(429), 2],
    ["delete", "429", failed(429), 2],
    ["get", "503", failed(503), 2],
    ["delete", "503", failed(503), 2],
    ["get", "a lost answer", lost, 2],
    ["delete", "a lost answer", lost, 2],
    ["post", "503", failed(503), 1],
    ["post", "500", failed(500), 1],
    ["post", "a lost answer", lost, 1],
    ["get", "400", failed(400), 1],
    ["post", "409", failed(409), 1],
    ["get", "401", failed(401), 1],
    ["get", "a success that is a web page", failed(200, "<html>sign in</html>"), 2],
    ["delete", "a success that is a web page", failed(200, "<html>sign in</html>"), 2],
    ["post", "a success that is a web page", failed(200, "<html>sign in</html>"), 1],
    ["get", "half of an answer", failed(200, '{"sid": "X'), 2],
    ["get", "a gateway's 404", failed(404, "<html>no such page</html>"), 2],
    ["get", "a gateway's 404 in JSON", failed(404, { message: "no Route matched" }), 2],
    ["get", "a success without content", { statusCode: 204, body: "" }, 2],
    ["post", "a success without content", { statusCode: 204, body: "" }, 1],
    ["get", "408", failed(408), 2],
    ["post", "408", failed(408), 1],
    ["post", "a host that was out of reach", unreachable("connect"), 2],
    ["post", "a host that went out of reach", unreachable("read"), 1],
    ["delete", "a gateway's 404", failed(404, "<html>no such page</html>"), 2],
    ["post", "a connection that was refused, so that Twilio saw nothing", refusedConnection, 2],
    ["post", "a name that could not be looked up", Object.assign(new Error("getaddrinfo"), { code: "EAI_AGAIN" }), 2],
  ])("%s after %s", async (method, _what, first, sent) => {
    const { twilio, requests } = scripted([first, ok()]);
    const outcome = await twilio.send(request(method)).catch((error: unknown) => error);
    expect(requests).toHaveLength(sent);
    if (sent === 1) expect(outcome).toBeInstanceOf(TwilioError);
    else expect(outcome).toEqual({ sid: "X" });
  });

  it("a write that is told 429 and then lost is not sent a third time", async () => {
    const { twilio, requests } = scripted([failed(429), lost, ok()]);
    expect((await errorOf(twilio.send(request("post")))).status).toBe(0);
    expect(requests).toHaveLength(2);
  });
});

describe("how long it waits", () => {
  it("as Retry-After says, in seconds or as a date", async () => {
    const date = new Date(Date.now() + 20_000).toUTCString();
    const { twilio, waits } = scripted([failed(429, {}, { "retry-after": "7" }), failed(429, {}, { "retry-after": date }), ok()]);
    await twilio.send(request("post"));
    expect(waits[0]).toBe(7000);
    expect(waits[1]).toBeGreaterThan(15_000);
    expect(waits[1]).toBeLessThanOrEqual(20_000);
  });

  it("else a random part of a time that doubles, up to a bound", async () => {
    const { twilio, waits } = scripted([...Array<Answer>(10).fill(failed(429)), ok()]);
    await twilio.send(request("get"));
    expect(waits).toEqual([125, 250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    const lucky = scripted([failed(429), ok()], { random: () => 0 });
    await lucky.twilio.send(request("get"));
    expect(lucky.waits).toEqual([0]);
  });

  it.each([
    ["no Retry-After", {}],
    ["a Retry-After of nothing", { "retry-after": "0" }],
    ["a Retry-After in the past", { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }],
    ["a Retry-After that is none", { "retry-after": "soon" }],
  ])("and gives up after two minutes, with %s", async (_what, headers) => {
    const { twilio, waits, requests } = scripted([failed(429, { code: 20429, message: "Too Many Requests" }, headers)]);
    const error = await errorOf(twilio.send(request("get")));
    expect(error.message).toContain("lower `twilio:maxConcurrency`");
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(120_000);
    expect(requests.length).toBeLessThan(30);
  });

  it("tells whoever listens why", async () => {
    const said: string[] = [];
    const { twilio } = scripted([failed(503, { message: "Service unavailable" }), ok()], {
      log: (_severity, message) => said.push(message),
    });
    await twilio.send(request("get"));
    expect(said).toEqual(["GET /v1/Services: Service unavailable; trying again in 125 ms"]);
  });
});

describe("what an answer means", () => {
  it("404 is an absence for a read and a delete, and an error for a write", async () => {
    const answer = failed(404, { code: 20404, message: "The requested resource /Services was not found" });
    expect(await scripted([answer]).twilio.send(request("get"))).toBeUndefined();
    expect(await scripted([answer]).twilio.send(request("delete"))).toBeUndefined();
    expect(await errorOf(scripted([answer]).twilio.send(request("post")))).toMatchObject({ status: 404, code: 20404 });
  });

  it("204 is an empty body", async () => {
    expect(await scripted([{ statusCode: 204, body: "" }]).twilio.send(request("delete"))).toEqual({});
  });

  it("a success that is no JSON is no answer: the write may have been executed", async () => {
    const { twilio, requests } = scripted([{ statusCode: 200, body: "<html>" }]);
    expect(await errorOf(twilio.send(request("post")))).toMatchObject({ status: 0 });
    expect(requests).toHaveLength(1);
  });

  it("an error carries Twilio's code, message, link and request id", async () => {
    const said = { code: 50433, message: "Participant already exists", more_info: "https://example.com/50433", status: 409 };
    const error = await errorOf(scripted([failed(409, said, { "twilio-request-id": "RQ1" })]).twilio.send(request("post")));
    expect(error).toMatchObject({ status: 409, code: 50433, requestId: "RQ1", moreInfo: "https://example.com/50433" });
    expect(error.message).toContain("Cannot do it (POST /v1/Services): Participant already exists");
  });

  it("bad credentials are told with their account and source, never with the secret", async () => {
    const { message } = await errorOf(scripted([failed(401, { code: 20003, message: "Authenticate" })]).twilio.send(request("get")));
    expect(message).toContain(connection.accountSid);
    expect(message).toContain("from the environment");
    expect(message).not.toContain(canary);
  });

  it("an error without a word from Twilio is still an error", async () => {
    const error = await errorOf(scripted([failed(400, "<html>Bad gateway</html>")]).twilio.send(request("get")));
    expect(error).toMatchObject({ status: 400, code: undefined });
    expect(error.message).toContain("Twilio gave no reason");
  });
});

describe("no secret leaves in an error", () => {
  const basic = Buffer.from(`${connection.username}:${canary}`).toString("base64");

  it.each([
    ["plain", `connect failed with ${canary}`],
    ["as a header", `headers: { Authorization: "Basic ${basic}" }`],
    ["encoded by itself", Buffer.from(canary).toString("base64")],
    ["in a URL", `https://SKuser:${encodeURIComponent(canary)}@x`],
  ])("%s", async (_what, message) => {
    const wild = Object.assign(new Error(message), { config: { headers: { Authorization: basic } }, code: "EFAIL" });
    const error = await errorOf(scripted([wild]).twilio.send(request("post")));
    const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(everything).not.toContain(canary);
    expect(everything).not.toContain(basic);
    expect(everything).not.toContain(Buffer.from(canary).toString("base64"));
    expect(error.message).toContain("no answer from Twilio");
  });
});

describe("where requests go", () => {
  it.each<[string, Partial<Connection>, Request["product"], string]>([
    ["the product's own host", {}, "conversations", "https://conversations.twilio.com/v1/Services"],
    [
      "a base URL with the host as first segment",
      { baseUrl: "http://127.0.0.1:1" },
      "pricing",
      "http://127.0.0.1:1/pricing.twilio.com/v1/Services",
    ],
  ])("%s", async (_what, extra, product, url) => {
    const { twilio, requests } = scripted([ok()], { connection: extra });
    await twilio.send({ ...request("get"), product });
    expect(requests[0]?.url).toBe(url);
  });
});

describe("a list", () => {
  const collect = async (items: AsyncGenerator<unknown>) => {
    const found = [];
    for await (const item of items) found.push(item);
    return found;
  };

  it.each<[string, Partial<Connection>, Answer[], string[]]>([
    [
      "of a v1 product",
      {},
      [
        ok({ services: [1, 2], meta: { next_page_url: "https://conversations.twilio.com/v1/Services?PageSize=2&Page=1&PageToken=PA2" } }),
        ok({ services: [3], meta: { next_page_url: null } }),
      ],
      ["https://conversations.twilio.com/v1/Services", "https://conversations.twilio.com/v1/Services?PageSize=2&Page=1&PageToken=PA2"],
    ],
    [
      "of a v1 product behind a base URL",
      { baseUrl: "http://local" },
      [
        ok({ services: [1, 2], meta: { next_page_url: "http://local/conversations.twilio.com/v1/Services?Page=1" } }),
        ok({ services: [3], meta: {} }),
      ],
      ["http://local/conversations.twilio.com/v1/Services", "http://local/conversations.twilio.com/v1/Services?Page=1"],
    ],
    [
      "of the 2010 API",
      {},
      [ok({ services: [1, 2], next_page_uri: "/v1/Services?Page=1" }), ok({ services: [3], next_page_uri: null })],
      ["https://conversations.twilio.com/v1/Services", "https://conversations.twilio.com/v1/Services?Page=1"],
    ],
  ])("%s is walked to its end", async (_what, extra, answers, urls) => {
    const { twilio, requests } = scripted(answers, { connection: extra });
    expect(
      await collect(
        twilio.list({ attempt: "Cannot list", product: "conversations", path: "/v1/Services", query: { PageSize: "2" } }, "services"),
      ),
    ).toEqual([1, 2, 3]);
    expect(requests.map(({ url }) => url)).toEqual(urls);
    expect(requests.map(({ query }) => query)).toEqual([{ PageSize: "2" }, undefined]);
  });

  it("is not read further than needed", async () => {
    const { twilio, requests } = scripted([ok({ services: [1, 2], next_page_uri: "/next" })]);
    for await (const item of twilio.list({ attempt: "Cannot list", product: "api", path: "/x" }, "services")) {
      if (item) break;
    }
    expect(requests).toHaveLength(1);
  });

  it("of what is not there is empty", async () => {
    const { twilio } = scripted([failed(404, { code: 20404 })]);
    expect(await collect(twilio.list({ attempt: "Cannot list", product: "api", path: "/x" }, "services"))).toEqual([]);
  });

  it("that the answer does not hold is an error and not empty", async () => {
    const { twilio } = scripted([ok({ error: "try later" })]);
    const listed = collect(twilio.list({ attempt: "Cannot list", product: "api", path: "/x" }, "services"));
    await expect(listed).rejects.toThrow("the answer has no services");
  });
});

describe("a pause that Twilio asks for", () => {
  it("is kept, however long, as long as the whole stays within two minutes", async () => {
    const { twilio, waits } = scripted([failed(429, {}, { "retry-after": "90" }), ok()]);
    await twilio.send(request("post"));
    expect(waits).toEqual([90_000]);
    const tooLong = scripted([failed(429, {}, { "retry-after": "121" }), ok()]);
    expect((await errorOf(tooLong.twilio.send(request("post")))).status).toBe(429);
  });
});

describe("a conflict of two changes", () => {
  it.each([50213, 50391, 50419])("is sent again, since nothing of it was done (%i)", async (code) => {
    const { twilio, requests } = scripted([failed(409, { code, message: "Conflicting modification" }), ok()]);
    expect(await twilio.send(request("post"))).toEqual({ sid: "X" });
    expect(requests).toHaveLength(2);
  });

  it("is no other conflict, which is for the caller to look into", async () => {
    const { twilio, requests } = scripted([failed(409, { code: 50433, message: "Participant already exists" }), ok()]);
    expect((await errorOf(twilio.send(request("post")))).code).toBe(50433);
    expect(requests).toHaveLength(1);
  });
});

describe("a request that had to wait", () => {
  const busy = (seconds: string) => failed(429, { message: "Too Many Requests" }, { "retry-after": seconds });
  const notices = async (answers: Answer[]) => {
    const said: string[] = [];
    const { twilio } = scripted(answers, { log: (severity, message) => void (severity === "info" && said.push(message)) });
    await twilio.send(request("post"));
    return said;
  };

  it("is summed up once when it cost more than five seconds", async () => {
    expect(await notices([busy("4"), busy("4"), ok()])).toEqual([expect.stringMatching(/was sent 3 times, over 8 s/)]);
  });

  it("is not spoken of when it cost less", async () => {
    expect(await notices([busy("4"), ok()])).toEqual([]);
  });
});

describe("the time that one call has", () => {
  it("is told to the wire, and what took longer is no answer", async () => {
    const late = Object.assign(new Error("canceled"), { code: "ERR_CANCELED" });
    const { twilio, requests } = scripted([late]);
    const error = await errorOf(twilio.send(request("post")));
    expect(requests[0]?.timeoutMs).toBe(30_000);
    expect(error.message).toContain("no answer from Twilio within 30 s");
    expect(error).toMatchObject({ status: 0, isLate: true, unsent: false });
    expect(await errorOf(scripted([lost]).twilio.send(request("post")))).toMatchObject({ status: 0, isLate: false });
  });
});

describe("the time that one operation has", () => {
  const limit = { connection: { operationTimeoutMs: 5_000 } };

  it("ends repetitions that would go beyond it, and the error says what it cost", async () => {
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
      expect(error.message).toContain("the time for one operation is up (twilio:operationTimeout, 5 s)");
      expect(error.message).toContain("sent 3 times, over 4 s");
    } finally {
      vi.useRealTimers();
    }
  });

  it("bounds the last call, and nothing is sent once it is over", async () => {
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

  it("is each operation's own, and no limit to what is part of none", async () => {
    const { twilio } = scripted([ok()], { connection: { operationTimeoutMs: 1 } });
    const old = new Promise((resolve) => setTimeout(resolve, 5));
    await expect(operation(() => old.then(() => twilio.send(request("get"))))).rejects.toThrow("not sent");
    expect(await old.then(() => twilio.send(request("get")))).toEqual({ sid: "X" });
  });
});

describe("a run that is cancelled", () => {
  it("waits no longer and says so", async () => {
    const controller = new AbortController();
    const { twilio, requests } = scripted([failed(429, { message: "Too Many Requests" })], {
      cancelled: controller.signal,
      sleep: async (_ms, signal) => {
        controller.abort();
        signal?.throwIfAborted();
      },
    });
    const error = await errorOf(twilio.send(request("post")));
    expect(error.message).toContain("the run was cancelled");
    expect(requests).toHaveLength(1);
  });

  it("begins no further change, but still asks what became of the last one", async () => {
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
  it("is known from its last answer", async () => {
    const { twilio } = scripted([failed(200, { sid: "X" }, { date: new Date(Date.now() + 3_600_000).toUTCString() }), ok()]);
    expect(twilio.skewMs()).toBe(0);
    await twilio.send(request("get"));
    expect(Math.round(twilio.skewMs() / 10_000)).toBe(360);
    await twilio.send(request("get"));
    expect(Math.round(twilio.skewMs() / 10_000)).toBe(360);
  });

  it("is what a date in Retry-After is read by", async () => {
    const hourAgo = (seconds: number) => new Date(Date.now() - 3_600_000 + seconds * 1000).toUTCString();
    const { twilio, waits } = scripted([failed(429, {}, { date: hourAgo(0), "retry-after": hourAgo(10) }), ok()]);
    await twilio.send(request("get"));
    expect(waits[0]).toBeGreaterThan(8_000);
    expect(waits[0]).toBeLessThanOrEqual(11_000);
  });
});

describe("the concurrency limit", () => {
  it("is free for others while a request waits to be sent again", async () => {
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
