/** Twilio's own client, sent to the emulator; every answer passes the judge of spec.ts on its way. */
import twilio, { RequestClient } from "twilio";
import type TwilioRequests from "twilio/lib/base/RequestClient";
import { afterEach } from "vitest";
import type { Emulator } from "../../../src/emulator";
import { violation } from "./spec";

/** One answer as it came over the wire. */
export interface Answer {
  method: string;
  path: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

const violations: string[] = [];

afterEach(() => {
  const found = violations.splice(0);
  if (found.length > 0) throw new Error(`answers differ from Twilio's OpenAPI:\n${found.join("\n")}`);
});

/** Puts the product's host first in the path, and keeps what came back. */
class ToEmulator extends RequestClient {
  readonly url: string;
  readonly answers: Answer[] = [];

  constructor(url: string) {
    super();
    this.url = url;
  }

  override async request<T>(options: TwilioRequests.RequestOptions<T>): ReturnType<typeof RequestClient.prototype.request<T>> {
    const target = new URL(options.uri);
    const response = await super.request<T>({ ...options, uri: `${this.url}/${target.host}${target.pathname}${target.search}` });
    this.note(options.method.toUpperCase(), target, response);
    return response;
  }

  last(): Answer {
    const answer = this.answers.at(-1);
    if (!answer) throw new Error("nothing was answered yet");
    return answer;
  }

  private note(method: string, target: URL, { statusCode, headers, body }: { statusCode: number; headers?: unknown; body: unknown }): void {
    const answer = { method, path: target.pathname, status: statusCode, headers: headers as Answer["headers"], body };
    this.answers.push(answer);
    if (statusCode >= 300) return;
    const wrong = violation(method, target.hostname.split(".")[0] ?? "", target.pathname, statusCode, body === "" ? undefined : body);
    if (wrong) violations.push(wrong);
  }
}

/** A client for the emulator's main account, or for other credentials. */
export function connect(
  emulator: Emulator,
  { user = emulator.accountSid, password = emulator.authToken, accountSid = emulator.accountSid } = {},
) {
  const wire = new ToEmulator(emulator.url);
  const client = twilio(user, password, { accountSid, httpClient: wire });
  return { client, conversations: client.conversations.v1, api: client.api.v2010.account, wire };
}

/** What a refused call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ status: number; code: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { status, code, message } = error as { status: number; code: number; message: string };
    return { status, code, message };
  }
  throw new Error("the call was not refused");
}
