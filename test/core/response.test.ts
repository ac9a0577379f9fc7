import { expect, it } from "vitest";
import { verifyNames } from "../../src/core/twilio/response";

const [one, other] = ["IS11111111111111111111111111111111", "IS22222222222222222222222222222222"];

it("a response that names another SID than the request is invalid, and not a missing response", () => {
  const verify = () => verifyNames({ chat_service_sid: other }, { chat_service_sid: one }, "Cannot list the conversations");
  expect(verify).toThrow(`invalid response: chat_service_sid in the response must be ${one}; received "${other}"`);
});

it("a response that names no SID is invalid only where it must name one", () => {
  verifyNames({}, { chat_service_sid: one }, "Cannot list the conversations");
  const required = () => verifyNames({}, { chat_service_sid: one }, "Cannot read the service", true);
  expect(required).toThrow("invalid response: chat_service_sid in the response must be IS1");
  verifyNames({ chat_service_sid: one }, { chat_service_sid: one }, "Cannot read the service", true);
});
