import { afterEach, describe, expect, it, vi } from "vitest";
import { conversationService } from "../../src/conversations/service";
import { TwilioError } from "../../src/core/twilio/errors";
import { account, late, service } from "../support/fake-twilio";
import { noteStoreOf } from "../support/note-store";

afterEach(() => void vi.useRealTimers());

const support = { friendlyName: "Support", __urn: "urn" };
const made = { sid: service, account_sid: account, friendly_name: "Support" };

describe("a create of a service that Twilio makes wait for longer than the window (429)", () => {
  /** Sends the request a last time 200 s after the create began. Twilio carries it out 20 s later, when nobody waits for the response. */
  function throttled() {
    const notes = new Map<string, string>();
    let noted = new Map<string, string>();
    let createdAt = Number.POSITIVE_INFINITY;
    const list = (now: number) =>
      now < createdAt
        ? []
        : [{ ...made, date_created: new Date(createdAt).toUTCString(), date_updated: new Date(createdAt).toUTCString() }];
    const run = late((sent) => {
      if (sent.method === "get") return { services: list(Date.now()) };
      vi.setSystemTime(Date.now() + 200_000);
      sent.beforeSend?.();
      createdAt = Date.now() + 20_000;
      noted = new Map(notes);
      throw new TwilioError("Cannot create", { status: 0, message: "no answer", timedOut: true });
    }, noteStoreOf(notes));
    return { ...run, noted: () => noted, list };
  }

  it("is looked up from its last request on, and sent once", async () => {
    const { of, asked } = throttled();
    expect(await of(conversationService).create(support)).toMatchObject({ id: service });
    expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
  });

  it("is found by the next run after a kill", async () => {
    const first = throttled();
    await first.of(conversationService).create(support);
    const next = late(({ method }) => (method === "post" ? made : { services: first.list(Date.now()) }), noteStoreOf(first.noted()));
    vi.setSystemTime(first.clock() + 3_600_000);
    expect(await next.of(conversationService).create(support)).toMatchObject({ id: service });
    expect(next.asked.filter((request) => request.startsWith("post"))).toEqual([]);
  });
});
