import { expect, it } from "vitest";
import { verifyNames } from "../../src/core/twilio/response";

const [one, other] = ["IS11111111111111111111111111111111", "IS22222222222222222222222222222222"];

/** What is thrown if a response with these SIDs is the answer to a request about the first service. */
function refusal(body: Record<string, string>, isRequired: boolean): unknown {
  try {
    verifyNames(body, { chat_service_sid: one }, "Cannot read the service", isRequired);
  } catch (error) {
    return error;
  }
  return undefined;
}

// An invalid response is not waited for again, and a read changed nothing.
const invalid = (received: string) => ({
  isInvalid: true,
  isRead: true,
  status: 0,
  message: expect.stringContaining(`chat_service_sid in the response must be ${one}; received ${received}`),
});

it("a response that names another SID than the request is invalid", () => {
  for (const isRequired of [true, false]) expect(refusal({ chat_service_sid: other }, isRequired)).toMatchObject(invalid(`"${other}"`));
});

it("a response that names no SID is invalid only where it must name one", () => {
  expect(refusal({}, true)).toMatchObject(invalid("none"));
  expect(refusal({}, false)).toBeUndefined();
  expect(refusal({ chat_service_sid: one }, true)).toBeUndefined();
});
