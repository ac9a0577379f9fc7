import { describe, expect, it } from "vitest";
import { byName, redactor, secretValues } from "../../src/core/process/redact";

const password = 'c4n/ry+s "ng%&=é';
const redact = redactor([password, "another-secret"], "SKuser");
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("the value of a known secret is redacted", () => {
  it.each([
    ["in plain text", password],
    ["in a URL", encodeURIComponent(password)],
    ["in a form", new URLSearchParams({ x: password }).toString().slice(2)],
    ["in JSON", JSON.stringify({ a: password })],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ a: password }))],
    ["in a header", base64(`SKuser:${password}`)],
    ["in Base64", base64(password)],
    ["in Base64url", Buffer.from(password).toString("base64url")],
  ])("%s", (_where, form) => {
    const text = redact(`before ${form} after ${form}`);
    expect(text).toMatch(/^before .*\*\*\*.* after .*\*\*\*/);
    for (const part of ["c4n", encodeURIComponent("/ry"), base64(password).slice(0, 8), base64(`SKuser:${password}`).slice(0, 12)]) {
      expect(text).not.toContain(part);
    }
  });

  it("for each known secret, whether it is in use or not", () => expect(redact("x another-secret y")).toBe("x *** y"));

  it.each([[["hush", "hush-hush"]], [["hush-hush", "hush"]]])("whole, where %j begin alike", (secrets) =>
    expect(redactor(secrets, "SKuser")("a hush-hush b hush c")).toBe("a *** b *** c"),
  );

  it("without changing the rest of the text", () => {
    expect(redact("Cannot create Conversation: HTTP 409, request RQ1")).toBe("Cannot create Conversation: HTTP 409, request RQ1");
  });
});

describe("a secret value that a process has seen is removed", () => {
  it.each([[["hush", "hush-hush"]], [["hush-hush", "hush"]], [["whispers", "whispers-on"]]])("whole, where %j begin alike", (values) => {
    const secrets = secretValues();
    for (const value of values) secrets.add([value]);
    const [short = "", long = ""] = [...values].sort((a, b) => a.length - b.length);
    expect(secrets.redact(`a ${long} b ${short} c`)).toBe("a *** b *** c");
  });
});

describe("a value under the name of a secret is redacted, even if the value is unknown", () => {
  it.each([
    ["authToken=abc123", "authToken=***"],
    ['{"auth_token":"abc123","sid":"AC1"}', '{"auth_token":"***","sid":"AC1"}'],
    ["twilio:apiSecret: abc123", "twilio:apiSecret: ***"],
    ["TWILIO_AUTH_TOKEN=abc123 pulumi up", "TWILIO_AUTH_TOKEN=*** pulumi up"],
    ["Authorization: Basic abc123==", "Authorization: Basic ***"],
    ['authorization: "Bearer ey.abc"', 'authorization: "Bearer ***"'],
    ["https://SK1:abc123@api.twilio.com/x", "https://SK1:***@api.twilio.com/x"],
    ["client_secret=abc123&grant=x", "client_secret=***&grant=x"],
  ])("%s", (text, safe) => {
    expect(byName(text)).toBe(safe);
    expect(redact(text)).toBe(safe);
  });

  it.each([
    "pulumi config set --secret twilio:authToken …",
    "incomplete credentials in the environment: TWILIO_API_SECRET is missing. Set it there.",
    "check the account SID and its auth token, or the API key and its secret. An API key belongs to one account",
    "http://127.0.0.1:8080/api.twilio.com/2010-04-01",
  ])("but advice that names a secret is kept: %s", (text) => expect(byName(text)).toBe(text));
});
