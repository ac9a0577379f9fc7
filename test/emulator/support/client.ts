/** Twilio's REST client, connected to the emulator. Each response is validated against Twilio's OpenAPI spec. */
import twilio, { RequestClient } from "twilio";
import type TwilioRequests from "twilio/lib/base/RequestClient";
import { afterEach } from "vitest";
import type { Emulator } from "../../../src/emulator";
import { violation } from "./spec";

/** One recorded response. */
export interface RecordedResponse {
  method: string;
  path: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

const violations: string[] = [];

afterEach(() => {
  const found = violations.splice(0);
  if (found.length > 0) throw new Error(`responses violate Twilio's OpenAPI spec:\n${found.join("\n")}`);
});

/** Sends requests to the emulator, with the product's host first in the path, and records the responses. */
class EmulatorRequestClient extends RequestClient {
  readonly url: string;
  readonly responses: RecordedResponse[] = [];

  constructor(url: string) {
    super();
    this.url = url;
  }

  override async request<T>(options: TwilioRequests.RequestOptions<T>): ReturnType<typeof RequestClient.prototype.request<T>> {
    const target = new URL(options.uri);
    const response = await super.request<T>({ ...options, uri: `${this.url}/${target.host}${target.pathname}${target.search}` });
    this.record(options.method.toUpperCase(), target, response);
    return response;
  }

  last(): RecordedResponse {
    const response = this.responses.at(-1);
    if (!response) throw new Error("no response was recorded");
    return response;
  }

  private record(
    method: string,
    target: URL,
    { statusCode, headers, body }: { statusCode: number; headers?: unknown; body: unknown },
  ): void {
    this.responses.push({ method, path: target.pathname, status: statusCode, headers: headers as RecordedResponse["headers"], body });
    if (statusCode >= 300) return;
    const found = violation(method, target.hostname.split(".")[0] ?? "", target.pathname, statusCode, body === "" ? undefined : body);
    if (found) violations.push(found);
  }
}

/** Creates a client with the credentials of the emulator's main account, or with others. */
export function connect(
  emulator: Emulator,
  { user = emulator.accountSid, password = emulator.authToken, accountSid = emulator.accountSid } = {},
) {
  const http = new EmulatorRequestClient(emulator.url);
  const client = twilio(user, password, { accountSid, httpClient: http });
  return { client, conversations: client.conversations.v1, api: client.api.v2010.account, http };
}

/** The Authorization header of the emulator's main account. */
export function authorizationOf({ accountSid, authToken }: Pick<Emulator, "accountSid" | "authToken">): string {
  return `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
}

/** Returns the error of a call that must fail. */
export async function errorOf(call: Promise<unknown>): Promise<{ status: number; code: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { status, code, message } = error as { status: number; code: number; message: string };
    return { status, code, message };
  }
  throw new Error("the call succeeded, but it must fail");
}
