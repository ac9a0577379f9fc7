import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { operation } from "../../src/core/process/operation";
import type { TwilioError } from "../../src/core/twilio/errors";
import { failed, lost, ok, type Response, request, scripted } from "../support/scripted-transport";

const named = (code: string) => Object.assign(new Error(`getaddrinfo ${code} conversations.twilio.com`), { code });
const untrusted = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
const busy = failed(429, { code: 20429, message: "Too Many Requests" });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A transport on fake time. */
function transport(responses: (Response | Error)[], connection = {}) {
  const lines: string[] = [];
  const opened = scripted(responses, {
    connection,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    log: (severity, message) => void (severity === "info" && lines.push(message)),
  });
  return { ...opened, lines };
}

/** Lets time pass until a task ends; returns its error and how many seconds it took. */
async function outcomeOf(task: Promise<unknown>): Promise<{ error: TwilioError | undefined; seconds: number }> {
  const begun = Date.now();
  let error: TwilioError | undefined;
  let isDone = false;
  void task
    .catch((thrown) => {
      error = thrown;
    })
    .finally(() => {
      isDone = true;
    });
  while (!isDone) await vi.advanceTimersByTimeAsync(100);
  return { error, seconds: (Date.now() - begun) / 1000 };
}

describe("where nothing was ever reached", () => {
  it.each(["get", "post", "delete"] as const)("an untrusted certificate ends a %s at once", async (method) => {
    const { twilio, requests } = transport([untrusted]);
    const { error, seconds } = await outcomeOf(twilio.send(request(method)));
    expect(seconds).toBeLessThan(1);
    expect(requests).toHaveLength(1);
    expect(error).toMatchObject({ isUnreached: true, status: 0 });
    expect(error?.message).toContain("self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)");
    expect(error?.message).toContain("the certificate of conversations.twilio.com must be signed by a CA that this machine trusts");
    expect(error?.message).toContain("set NODE_EXTRA_CA_CERTS");
  });

  it.each([
    ["a name that does not resolve", named("ENOTFOUND")],
    ["a name server that does not answer", named("EAI_AGAIN")],
    ["a refused connection", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })],
    ["a broken connection", lost],
  ])("%s ends a request within 30 s, and the error names the way", async (_what, response) => {
    const route = { HTTPS_PROXY: "http://…@proxy.example:3128" };
    const { twilio } = transport([response], { baseUrl: "http://127.0.0.1:9", route });
    const { error, seconds } = await outcomeOf(operation(() => twilio.send(request("get"))));
    expect(seconds).toBeGreaterThan(5);
    expect(seconds).toBeLessThanOrEqual(31);
    for (const part of ["nothing was reached for", "127.0.0.1:9", "TWILIO_BASE_URL): http://127.0.0.1:9"])
      expect(error?.message).toContain(part);
    expect(error?.message).toContain("HTTPS_PROXY: http://…@proxy.example:3128");
    expect(error?.message).toContain("HTTPS_PROXY is not used, set HTTP_PROXY");
    expect(error?.message).toContain("NODE_EXTRA_CA_CERTS: not set");
  });

  it("300 reads end together, not one after the other", async () => {
    const { twilio, requests } = transport([named("ENOTFOUND")]);
    const { errors, seconds } = await readAll(twilio);
    expect(errors).toHaveLength(300);
    expect(seconds).toBeLessThanOrEqual(62);
    expect(requests.length).toBeLessThan(300);
  });

  it("a later request is sent again, once Twilio can be reached", async () => {
    const { twilio } = transport([untrusted, ok()]);
    await outcomeOf(twilio.send(request("get")));
    expect((await outcomeOf(twilio.send(request("get")))).error).toMatchObject({ unsent: true });
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await outcomeOf(twilio.send(request("get")))).error).toBeUndefined();
  });
});

/** Reads 300 objects, eight at once, as a refresh does. */
async function readAll(twilio: ReturnType<typeof transport>["twilio"]) {
  const errors: TwilioError[] = [];
  let left = 300;
  const worker = async () => {
    while (left-- > 0) await operation(() => twilio.send(request("get"))).catch((error) => errors.push(error));
  };
  const { seconds } = await outcomeOf(Promise.all(Array.from({ length: 8 }, worker)));
  return { errors, seconds };
}

describe("once Twilio was reached", () => {
  it.each([
    ["a name that does not resolve", named("ENOTFOUND")],
    ["an untrusted certificate", untrusted],
    ["a broken connection", lost],
  ])("%s is retried for two minutes", async (_what, response) => {
    const { twilio } = transport([ok(), response]);
    await outcomeOf(twilio.send(request("get")));
    const { error, seconds } = await outcomeOf(twilio.send(request("get")));
    expect(error?.status).toBe(0);
    expect(seconds).toBeGreaterThan(100);
    expect(seconds).toBeLessThanOrEqual(121);
  });

  it("an outage that ends in time is survived", async () => {
    const { twilio } = transport([ok(), ...Array<Error>(8).fill(named("ENOTFOUND")), ok()]);
    await outcomeOf(twilio.send(request("get")));
    expect((await outcomeOf(twilio.send(request("get")))).error).toBeUndefined();
  });
});

describe("endless 429", () => {
  it.each([300, 60, 5])("ends 300 reads, eight at once, within an operation timeout of %i s", async (limit) => {
    const { twilio } = transport([busy], { operationTimeoutMs: 1000 * limit });
    const { errors, seconds } = await readAll(twilio);
    expect(errors).toHaveLength(300);
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set([20429]));
    expect(seconds).toBeLessThanOrEqual(limit);
  });

  it("that ends within two minutes fails none of 300 reads", async () => {
    const { twilio } = transport([...Array<Response>(60).fill(busy), ok()]);
    const { errors } = await readAll(twilio);
    expect(errors).toEqual([]);
  });

  it("does not shorten the retries of a later outage", async () => {
    const { twilio } = transport([busy]);
    await outcomeOf(twilio.send(request("get")));
    await vi.advanceTimersByTimeAsync(200_000);
    expect((await outcomeOf(twilio.send(request("get")))).seconds).toBeGreaterThan(90);
  });
});

describe("while requests wait", () => {
  it("one line every ten seconds says for what, for all of them", async () => {
    const { twilio, lines } = transport([busy]);
    const { seconds } = await outcomeOf(Promise.all([twilio.send(request("get")), twilio.send(request("get"))]));
    const waiting = lines.filter((line) => line.startsWith("Waiting for "));
    expect(waiting).toHaveLength(Math.floor(seconds / 10));
    expect(waiting[0]).toBe("Waiting for conversations.twilio.com: HTTP 429, Too Many Requests; 2 requests wait, for at most 110 s more.");
  });

  it("a response that does not come is named, and none is after it came", async () => {
    const lines: string[] = [];
    const { twilio } = scripted([], {
      sendRequest: () => new Promise((resolve) => setTimeout(() => resolve(ok()), 25_000)),
      log: (_severity, message) => lines.push(message),
    });
    await outcomeOf(twilio.send(request("get")));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^Waiting for conversations\.twilio\.com: no response yet; one request waits, for at most \d+ s more\.$/);
  });

  it("requests that take less than ten seconds leave no line", async () => {
    const { twilio, lines } = transport([failed(503), ok()]);
    await outcomeOf(twilio.send(request("get")));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toEqual([]);
  });
});
