import { describe, expect, it } from "vitest";
import type { Failure } from "../../src/core/twilio/errors";
import { conversationSidIn, isUnclear, nextStep, TwilioError, UsageError } from "../../src/core/twilio/errors";

const holder = `CH${"a".repeat(32)}`;

describe("a TwilioError", () => {
  it("states the attempt, the request, Twilio's response and what to do", () => {
    const error = new TwilioError("Cannot create Participant (POST /v1/Services/IS1/Conversations/CH1/Participants)", {
      status: 409,
      code: 50416,
      message: `A binding for this participant and proxy address already exists in Conversation ${holder}`,
      moreInfo: "https://www.twilio.com/docs/errors/50416",
      requestId: "RQ1",
    });
    expect(error.message).toBe(
      [
        `Cannot create Participant (POST /v1/Services/IS1/Conversations/CH1/Participants): A binding for this participant and proxy address already exists in Conversation ${holder}`,
        "  (Twilio error 50416, HTTP 409, request RQ1)",
        "  https://www.twilio.com/docs/errors/50416",
        `  What to do: the pair of address and proxyAddress is bound in ${holder}: remove the participant there, or close or delete that conversation.`,
      ].join("\n"),
    );
    expect(error).toMatchObject({ name: "TwilioError", status: 409, code: 50416, requestId: "RQ1" });
  });

  it("leaves out what the response does not contain", () => {
    expect(new TwilioError("Cannot read X", { status: 400, message: "no" }).message).toBe("Cannot read X: no\n  (HTTP 400)");
    expect(new TwilioError("Cannot read X", { status: 0, message: "no response" }).message).toContain("(no response)");
  });

  it("links Twilio's error page even if the response does not", () => {
    expect(new TwilioError("Cannot buy", { status: 400, code: 21422, message: "gone" }).moreInfo).toBe(
      "https://www.twilio.com/docs/errors/21422",
    );
  });

  it("has no stack trace, because the engine would print it", () => {
    expect(new TwilioError("Cannot read X", { status: 400, message: "no" }).stack).toBe("");
    expect(new UsageError("no").stack).toBe("");
  });
});

describe("whether a write was carried out is unknown", () => {
  const failed = (failure: Partial<Failure>) => isUnclear(new TwilioError("Cannot do it", { status: 503, message: "no", ...failure }));

  it.each<[string, Partial<Failure>]>([
    ["after a server error", {}],
    ["without a response", { status: 0 }],
    ["if a gateway timed out", { status: 408 }],
  ])("%s", (_, failure) => expect(failed(failure)).toBe(true));

  it.each<[string, Partial<Failure>]>([
    ["a read fails, which writes nothing", { isRead: true }],
    ["a read gets no response", { status: 0, isRead: true }],
    ["Twilio refuses it", { status: 400 }],
    ["it was not sent", { status: 0, unsent: true }],
  ])("but not if %s", (_, failure) => expect(failed(failure)).toBe(false));
});

describe("the next step", () => {
  it.each([
    [20003, "API key"],
    [20404, "pulumi refresh"],
    [20429, "twilio:maxConcurrency"],
    [21404, "trial"],
    [21421, "E.164"],
    [21422, "search"],
    [21452, "another area code"],
    [21631, "addressSid"],
    [21649, "bundleSid"],
    [21651, "emergencyAddressSid"],
    [50204, "identity"],
    [50353, "adopt"],
    [50373, "messagingServiceSid"],
    [50377, "Declare a new one"],
    [50407, "whatsapp:"],
    [50413, "number.phoneNumber"],
    [50413, "pulumi refresh"],
    [50441, "create it again"],
  ])("after error %i mentions %j", (code, words) => {
    expect(nextStep({ status: 400, code, message: "" })).toContain(words);
  });

  it("names the conflicting conversation if Twilio names it", () => {
    expect(nextStep({ status: 409, code: 50438, message: `exists as Conversation ${holder}` })).toContain(holder);
    expect(nextStep({ status: 409, code: 50416, message: "exists" })).toContain("another conversation");
    expect(conversationSidIn("CH12")).toBeUndefined();
  });

  it("after a lost response is to run again, and after an unknown error is left out", () => {
    expect(nextStep({ status: 503, message: "" })).toContain("run `pulumi up` again");
    expect(nextStep({ status: 0, message: "" })).toContain("first looks up");
    expect(nextStep({ status: 400, code: 99999, message: "" })).toBeUndefined();
  });
});
