import { afterEach, describe, expect, it, vi } from "vitest";
import { participant } from "../../src/conversations/participant";
import { TwilioError } from "../../src/core/twilio/errors";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, conversationId, late, participantId } from "../support/fake-twilio";
import { noteStoreOf } from "../support/note-store";
import { request, scripted } from "../support/scripted-transport";

afterEach(() => vi.useRealTimers());

const declared = { conversation: conversationId, identity: "ada" };
const state = { accountSid: account, ...declared };
const body = { sid: participantId.split("/").at(-1), account_sid: account, identity: "ada" };
const noResponse = () => new TwilioError("Cannot delete", { status: 0, message: "no response" });

/** A participant whose delete gets no response. `deletedAfterMs`: when Twilio carries it out. */
async function unanswered(deletedAfterMs: number) {
  const begun = Date.now();
  const made = late(({ method }) => {
    if (method === "delete") throw noResponse();
    return Date.now() - begun < deletedAfterMs ? body : undefined;
  });
  await expect(made.of(participant).delete(participantId, state)).rejects.toThrow("no response");
  return { ...made, diff: () => made.of(participant).diff(participantId, state, declared) };
}

describe("a delete without a response", () => {
  it("is waited for while Twilio may still carry it out, with a word about it", async () => {
    const { diff, log, waits } = await unanswered(40_000);
    expect(await diff()).toMatchObject({ replaces: ["sid"], deleteBeforeReplace: true });
    expect(waits()).toBeGreaterThan(0);
    expect(log.filter((line) => line.includes("may still carry out an interrupted delete"))).toEqual([
      `info: Twilio may still carry out an interrupted delete of Participant ${participantId}; looking for 90 s.`,
    ]);
  });

  it("is forgotten after 90 s where the object still exists", async () => {
    const { diff, clock, asked } = await unanswered(Number.POSITIVE_INFINITY);
    const begun = clock();
    expect(await diff()).toMatchObject({ changes: [] });
    expect(clock() - begun).toBeLessThanOrEqual(92_000);
    asked.length = 0;
    expect(await diff()).toMatchObject({ changes: [] });
    expect(asked).toEqual([]);
  });

  it("is not waited for longer where this machine's clock was set back by a day", async () => {
    const { diff, clock } = await unanswered(Number.POSITIVE_INFINITY);
    vi.setSystemTime(Date.now() - 86_400_000);
    const begun = clock();
    expect(await diff()).toMatchObject({ changes: [] });
    expect(clock() - begun).toBeLessThanOrEqual(92_000);
  });

  it("fails the update if the run is canceled meanwhile, and is found out by the next one", async () => {
    const { diff, cancel } = await unanswered(Number.POSITIVE_INFINITY);
    cancel();
    await expect(diff()).rejects.toThrow("It is not known yet whether Twilio carries out");
  });
});

describe("a delete that Twilio refuses", () => {
  it("is not waited for", async () => {
    const made = late(({ method }) => {
      if (method === "delete") throw new TwilioError("Cannot delete", { status: 403, message: "no" });
      return body;
    });
    await expect(made.of(participant).delete(participantId, state)).rejects.toThrow("no");
    expect(await made.of(participant).diff(participantId, state, declared)).toMatchObject({ changes: [] });
    expect(made.waits()).toBe(0);
  });
});

it("a refused delete of an object's parent is not asked about", async () => {
  const { of, asked, context } = late(() => body);
  context.notes.write(`delete ${conversationId}`, { deleting: new Date().toISOString(), changed: [], answer: "refused" });
  expect(await of(participant).diff(participantId, state, declared)).toMatchObject({ changes: [] });
  expect(asked).toEqual([]);
});

describe("a release that ends between its two steps", () => {
  const id = `PN${"6".repeat(32)}`;
  const number = { phoneNumber: "+15005550006", emergencyAddressSid: `AD${"7".repeat(32)}`, onDelete: "release" };

  it("is followed by an update that attaches the emergency address again", async () => {
    const forms: unknown[] = [];
    let attached: string | null = number.emergencyAddressSid;
    const made = late(({ method, form }) => {
      if (method === "delete") throw noResponse();
      if (method === "post") {
        forms.push(form);
        attached = String(form?.EmergencyAddressSid) || null;
      }
      return { sid: id, account_sid: account, phone_number: number.phoneNumber, emergency_address_sid: attached };
    });
    const olds = { accountSid: account, ...number };
    await expect(made.of(phoneNumber).delete(id, olds)).rejects.toThrow("no response");
    const cycle = made.of(phoneNumber);
    expect(await cycle.diff(id, olds, number)).toMatchObject({ changes: ["emergencyAddressSid"], replaces: [], isAtTwilio: true });
    await cycle.update(id, olds, number);
    expect(forms).toEqual([{ EmergencyAddressSid: "" }, { EmergencyAddressSid: number.emergencyAddressSid }]);
    // Nothing is left of the delete, so that the next run asks nothing.
    made.asked.length = 0;
    expect(await made.of(phoneNumber).diff(id, olds, number)).toMatchObject({ changes: [] });
    expect(made.asked).toEqual([]);
  });
});

describe("the note of a delete", () => {
  it("holds when and what was sent, and no value", async () => {
    const written: unknown[] = [];
    const notes = noteStoreOf();
    const { of } = late(() => body, { ...notes, write: (key, value) => Boolean(written.push([key, value])) });
    await of(participant).delete(participantId, state);
    expect(written).toEqual([
      [`delete ${participantId}`, { deleting: expect.stringMatching(/^\d{4}-.*Z$/), changed: [] }],
      [`delete ${participantId}`, { deleting: expect.stringMatching(/^\d{4}-.*Z$/), changed: [], answer: "done" }],
    ]);
  });

  it("is not needed: on a full disk, the object is deleted all the same", async () => {
    const { of, asked, log } = late(() => body, { ...noteStoreOf(), write: () => false });
    await of(participant).delete(participantId, state);
    expect(asked.at(-1)).toMatch(/^delete /);
    expect(log).toContain(`debug: Cannot write the note of the delete of Participant ${participantId}.`);
  });

  it.each([
    ["that is retained", { onDelete: "retain" }],
    ["that was adopted", { adopt: body.sid }],
  ])("is not written for an object %s", async (_what, args) => {
    const notes = noteStoreOf();
    const { of } = late(() => body, notes);
    await of(participant).delete(participantId, { ...state, ...args });
    expect(notes.all()).toEqual([]);
  });

  it("is not written for a request that is not sent", async () => {
    let sent = 0;
    const beforeSend = () => (sent += 1);
    const cancelled = scripted([], { cancelled: AbortSignal.abort() });
    await expect(cancelled.twilio.send({ ...request("delete"), beforeSend })).rejects.toThrow("the run was canceled");
    expect(sent).toBe(0);
    const twice = scripted([
      { statusCode: 503, body: {} },
      { statusCode: 204, body: "" },
    ]);
    await twice.twilio.send({ ...request("delete"), beforeSend });
    expect(sent).toBe(2);
  });
});
