import { describe, expect, it } from "vitest";
import * as formats from "../../src/core/lifecycle/formats";

const hex = "0123456789abcdefABCDEF0123456789";

/** What each format accepts, and what it refuses with which message. */
const table: [name: string, format: formats.Format, good: unknown[], bad: [value: unknown, words: string][]][] = [
  [
    "sid",
    formats.sid("PN"),
    [`PN${hex}`],
    [
      [`SK${hex}`, `must be a SID that begins with PN, followed by 32 hex digits; received "SK${hex}"`],
      [`pn${hex}`, "begins with PN, followed by 32"],
      [`PN${hex.slice(1)}`, "begins with PN, followed by 32"],
      [`PN${hex}\n`, "begins with PN, followed by 32"],
      [`xPN${hex}`, "begins with PN, followed by 32"],
      [`PN${hex.slice(1)}g`, "begins with PN, followed by 32"],
      [7, "must be a SID that begins with PN, followed by 32 hex digits; received 7"],
    ],
  ],
  [
    "path",
    formats.path("Conversation", "IS", "CH"),
    [`IS${hex}/CH${hex}`],
    [
      [`CH${hex}`, "must be a Conversation: pass the resource or its id, IS…/CH…; received"],
      [`IS${hex}/CH${hex}/MB${hex}`, "IS…/CH…"],
      [{}, "IS…/CH…"],
    ],
  ],
  [
    "e164",
    formats.e164,
    ["+15558675310", "+4917139200", "+123456789012345"],
    [
      ["15558675310", "E.164"],
      ["+1 555 867 5310", "digits only"],
      ["+05558675310", "E.164"],
      ["+123456", "E.164"],
      ["+1234567890123456", "E.164"],
      ["whatsapp:+15558675310", "E.164"],
      [15558675310, "E.164"],
    ],
  ],
  [
    "whatsapp",
    formats.whatsapp,
    ["whatsapp:+15558675310"],
    [
      ["+15558675310", "must be a WhatsApp address: whatsapp: and the number"],
      ["+15558675310", 'received "+15558675310"; write "whatsapp:+15558675310"'],
      ["whatsapp:15558675310", "must be a WhatsApp address: whatsapp:"],
      ["WhatsApp:+15558675310", "must be a WhatsApp address: whatsapp:"],
      [null, "must be a WhatsApp address: whatsapp:"],
    ],
  ],
  [
    "url",
    formats.url,
    ["https://example.com/twilio?a=1", "http://localhost:3000"],
    [
      ["example.com/twilio", "must be an absolute http or https URL"],
      ["/hook", "must be an absolute http or https URL"],
      ["ftp://example.com", "must be an absolute http or https URL"],
      ["javascript:alert(1)", "must be an absolute http or https URL"],
      [true, "must be an absolute http or https URL"],
    ],
  ],
  [
    "oneOf",
    formats.oneOf("active", "closed"),
    ["active", "closed"],
    [
      ["Active", 'must be one of "active", "closed"; received "Active"'],
      ["", "must be one of"],
      [1, "must be one of"],
    ],
  ],
  [
    "text",
    formats.text({ min: 1, max: 3 }),
    ["a", "abc", "äöü", "👋👋👋"],
    [
      ["", "must not be empty"],
      ["abcd", "must have at most 3 characters; received 4"],
      ["👋👋👋👋", "at most 3 characters; received 4"],
      [3, "must be a string; received 3"],
    ],
  ],
  ["text with a longer minimum", formats.text({ min: 2, max: 3 }), ["ab"], [["a", "must have at least 2 characters; received 1"]]],
  [
    "json",
    formats.json({ maxBytes: 11 }),
    [{}, { a: "bcd" }],
    [
      [{ a: "bcdef" }, "must have at most 11 bytes as JSON; received 13"],
      [{ a: "ääää" }, "at most 11 bytes as JSON; received 16"],
      ['{"a":1}', "must be an object, not its JSON text"],
      [[1], "must be an object"],
      [null, "must be an object"],
      [undefined, "must be an object"],
    ],
  ],
  [
    "duration",
    formats.duration({ minSeconds: 60 }),
    ["PT1M", "PT60S", "P1D", "P1W", "P1DT12H", "PT90.5S"],
    [
      ["PT59S", 'must be at least PT1M, Twilio\'s minimum; received "PT59S"'],
      ["PT0S", "must be at least PT1M"],
      ["10 minutes", "PT10M for ten minutes"],
      ["P", "must be an ISO 8601 duration"],
      ["PT", "must be an ISO 8601 duration"],
      ["P1DT", "must be an ISO 8601 duration"],
      ["P1M", "must be an ISO 8601 duration"],
      ["PT-5M", "must be an ISO 8601 duration"],
      ["+PT5M", "must be an ISO 8601 duration"],
      ["PT5M ", "which begins or ends with white space"],
      [600, "must be an ISO 8601 duration"],
    ],
  ],
  [
    "integer",
    formats.integer({ min: 1, max: 500 }),
    [1, 500],
    [
      [0, "from 1 to 500"],
      [501, "from 1 to 500"],
      [1.5, "whole number"],
      ["25", "whole number"],
    ],
  ],
  [
    "boolean",
    formats.boolean,
    [true, false],
    [
      ["true", 'must be true or false; received "true"'],
      [0, "true or false"],
    ],
  ],
  [
    "matching",
    formats.matching(/^\d{3}$/, "an area code, three digits like 510"),
    ["510"],
    [
      ["51", 'must look like an area code, three digits like 510; received "51"'],
      [510, "must look like"],
    ],
  ],
  [
    "either",
    formats.either(formats.sid("PN"), formats.e164),
    [`PN${hex}`, "+15558675310"],
    [
      ["front-desk", "E.164"],
      [`SK${hex}`, "E.164"],
    ],
  ],
];

describe.each(table)("the format %s", (_name, format, good, bad) => {
  it.each(good.map((value) => [value]))("accepts %j", (value) => {
    expect(format(value)).toBeUndefined();
  });

  it.each(good.filter((value) => typeof value === "string"))(
    "refuses a list with %j alone, which JavaScript writes like the value",
    (value) => {
      expect(format([value])).toMatch(/^must .*; received \[/);
    },
  );

  it.each(bad)("refuses %j with a reason that contains %j", (value, words) => {
    expect(format(value)).toContain(words);
  });
});

describe("parseDuration", () => {
  it.each([
    ["PT60M", "PT1H"],
    ["P1D", "PT24H"],
    ["P1W", "P7D"],
    ["P10W", "P70D"],
    ["PT100H100M", "P4DT5H40M"],
    ["PT90S", "PT1M30S"],
  ])("gives %s and %s the same length", (a, b) => {
    expect(formats.parseDuration(a)).toBe(formats.parseDuration(b));
  });

  it("returns seconds, including zero", () => {
    expect(formats.parseDuration("P1W1DT1H1M1.5S")).toBe(694_861.5);
    expect(formats.parseDuration("PT0S")).toBe(0);
    expect(formats.parseDuration("PT10.25S")).toBe(10.25);
  });
});
