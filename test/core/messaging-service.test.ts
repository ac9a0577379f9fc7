import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Props } from "../../src/core/lifecycle/props";
import { messagingService } from "../../src/messaging/messaging-service";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());
beforeEach(() => twilio.reset());

const program = (args: Props) => [{ name: "it", definition: messagingService, args: { friendlyName: "Notices", ...args } }];
const url = "https://example.com/in";

describe("the check of a messaging service", () => {
  const reasons = (args: Props) => findProblems(messagingService, { friendlyName: "Notices", ...args }, {}).map(({ reason }) => reason);

  it.each<[Props, string]>([
    [{ inboundRequestUrl: "/in" }, "must be an absolute http or https URL"],
    [{ fallbackUrl: "ftp://example.com" }, "must be an absolute http or https URL"],
    [{ statusCallback: "example.com" }, "must be an absolute http or https URL"],
    [{ inboundMethod: "PUT" }, 'must be one of "GET", "POST"'],
    [{ validityPeriod: 0 }, "must be a whole number from 1 to 36000"],
    [{ validityPeriod: 36_001 }, "must be a whole number from 1 to 36000"],
    [{ scanMessageContent: "off" }, 'must be one of "inherit", "enable", "disable"'],
    [{ usecase: "spam" }, 'must be one of "notifications", "marketing"'],
    [{ friendlyName: "x".repeat(65) }, "must have at most 64 characters"],
  ])("refuses %j", (args, reason) => {
    expect(reasons(args)).toEqual([expect.stringContaining(reason)]);
  });

  it("accepts the bounds", () => {
    for (const validityPeriod of [1, 36_000]) expect(reasons({ validityPeriod, friendlyName: "x".repeat(64) })).toEqual([]);
  });

  it.each<[string, Props, number]>([
    ["warns if messages would be lost without a trace", { useInboundWebhookOnNumber: false }, 1],
    ["is silent about a service with a URL", { useInboundWebhookOnNumber: false, inboundRequestUrl: url }, 0],
    ["is silent if the number's URL is used", { useInboundWebhookOnNumber: true }, 0],
    ["is silent about what the program leaves to Twilio", {}, 0],
  ])("%s", async (_fact, args, count) => {
    const engine = twilio.engine();
    const warnings = () => twilio.log.filter((line) => line.includes("Twilio neither logs nor delivers"));
    await engine.preview(program(args));
    expect(warnings()).toHaveLength(count);
    await engine.up(program(args));
    twilio.log.length = 0;
    // What was deployed is not news.
    await engine.preview(program(args));
    expect(warnings()).toEqual([]);
  });
});

it("a service is adopted by its name, keeps what the program does not declare, and stays after a destroy", async () => {
  const theirs = { FriendlyName: "Notices", InboundRequestUrl: url, StickySender: "false", ValidityPeriod: "600" };
  const { sid } = await twilio.rest("POST", "messaging", "/v1/Services", theirs);
  const engine = twilio.engine();
  await engine.up(program({ adopt: "Notices", usecase: "notifications" }));
  expect(engine.of("it").id).toBe(sid);
  expect(await engine.preview(program({ adopt: "Notices", usecase: "notifications" }))).toEqual({ it: "same" });
  await engine.up([]);
  expect(await twilio.rest("GET", "messaging", `/v1/Services/${sid}`)).toMatchObject({
    inbound_request_url: url,
    sticky_sender: false,
    validity_period: 600,
    usecase: "notifications",
  });
});
