import fc from "fast-check";
import { expect, it } from "vitest";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";

const twilio = useEmulator();

it("the control plane never fails on random requests", async () => {
  const path = fc.constantFrom(
    "health",
    "reset",
    "calls",
    "faults",
    "inbound",
    "outbox",
    "texts",
    "webhooks",
    "webhooks/trigger",
    "clock",
    "requests",
    "state",
    "",
    "constructor",
    "%",
    "..",
    "../123456789/reset",
    "a/b",
  );
  const value: fc.Arbitrary<unknown> = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(1e300, -1, 0, "", "+14155550100", "whatsapp:+1", "429", 429, "before", "html", { toString: 1, valueOf: 1 }, [[[]]]),
  );
  const names = ["from", "to", "body", "mediaUrl", "accountSid", "method", "path", "nth", "times", "forSeconds", "status", "delayMs"];
  const keys = fc.constantFrom(
    ...names,
    "event",
    "conversationSid",
    "messageSid",
    "retryAfter",
    "code",
    "drop",
    "reset",
    "match",
    "action",
    "advanceSeconds",
    "skewSeconds",
  );
  const input = fc.oneof(
    fc.dictionary(keys, value, { maxKeys: 5 }).map((object) => JSON.stringify(object)),
    fc
      .dictionary(fc.constantFrom("from", "to", "body", "mediaUrl"), value)
      .map((object) => JSON.stringify({ ...object, to: "whatsapp:+1", from: "x" })),
    fc.string({ unit: "binary", maxLength: 30 }),
  );
  await fc.assert(
    fc.asyncProperty(path, fc.constantFrom("GET", "POST", "POST", "DELETE", "PUT"), input, async (name, verb, body) => {
      // A fault rule with a delay would delay later requests.
      fc.pre(!(name === "faults" && body.includes("delayMs")));
      const response = await send(twilio.emulator.url, { method: verb, path: `/_emulator/${name}`, body });
      expect(response.status, `${verb} ${name} ${body}: ${response.text}`).toBeLessThan(500);
      // `GET /_emulator/..` is the console's page.
      if (!(name === ".." && verb === "GET")) expect(response.json, response.text).toBeTypeOf("object");
    }),
    { numRuns: 400 },
  );
});
