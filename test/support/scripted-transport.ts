/** A transport whose HTTP responses come from a script. */
import { expect } from "vitest";
import type { SendRequest } from "../../src/core/twilio/client";
import type { Connection } from "../../src/core/twilio/connection";
import { TwilioError } from "../../src/core/twilio/errors";
import { openTwilio, type TransportOptions } from "../../src/core/twilio/transport";
import type { Request } from "../../src/core/twilio/twilio";

export const canary = "canary-sings-loudly";
export const connection: Connection = {
  backend: "twilio",
  accountSid: `AC${"1".repeat(32)}`,
  username: "SKuser",
  password: canary,
  secrets: [canary],
  maxConcurrency: 10,
  callTimeoutMs: 30_000,
  operationTimeoutMs: 300_000,
  acceptAllMissing: false,
  previewLookups: true,
  place: "https://twilio.com",
  source: "the environment",
};

export type Response = Awaited<ReturnType<SendRequest>>;
export const ok = (body: unknown = { sid: "X" }): Response => ({ statusCode: 200, body });
export const failed = (statusCode: number, body: unknown = {}, headers: Record<string, string> = {}): Response => ({
  statusCode,
  body,
  headers,
});
export const lost = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

/** A transport that receives these responses in turn, the last one repeatedly. Records requests and waits. */
export function scripted(responses: (Response | Error)[], options: TransportOptions & { connection?: Partial<Connection> } = {}) {
  const requests: Parameters<SendRequest>[0][] = [];
  const waits: number[] = [];
  const twilio = openTwilio(
    { ...connection, ...options.connection },
    {
      sendRequest: async (request) => {
        requests.push(request);
        const response = responses[Math.min(requests.length, responses.length) - 1] as Response | Error;
        if (response instanceof Error) throw response;
        return response;
      },
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
        if (waits.length > 10_000) throw new Error("the transport retries endlessly");
      },
      random: () => 0.5,
      ...options,
    },
  );
  return { twilio, requests, waits };
}

export const request = (method: Request["method"]): Request => ({
  attempt: "Cannot do it",
  product: "conversations",
  method,
  path: "/v1/Services",
});
export const errorOf = async (promise: Promise<unknown>): Promise<TwilioError> => {
  const error = await promise.then(
    () => expect.unreachable("the request succeeded"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(TwilioError);
  return error as TwilioError;
};
