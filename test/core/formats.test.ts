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
      [`SK${hex}`, "PN and 32 hex digits"],
      [`pn${hex}`, "PN and 32"],
      [`PN${hex.slice(1)}`, "PN and 32"],
      [`PN${hex}\n`, "PN and 32"],
      [`xPN${hex}`, "PN and 32"],
      [`PN${hex.slice(1)}g`, "PN and 32"],
      [7, "7 is not a SID"],
    ],
  ],
  [
    "path",
    formats.path("Conversation", "IS", "CH"),
    [`IS${hex}/CH${hex}`],
    [
      [`CH${hex}`, "is no Conversation: pass the resource itself or its id, IS…/CH…"],
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
      ["+15558675310", "write whatsapp: and the number"],
      ["whatsapp:15558675310", "write whatsapp:"],
      ["WhatsApp:+15558675310", "write whatsapp:"],
      [null, "write whatsapp:"],
    ],
  ],
  [
    "url",
    formats.url,
    ["https://example.com/twilio?a=1", "http://localhost:3000"],
    [
      ["example.com/twilio", "write it whole"],
      ["/hook", "write it whole"],
      ["ftp://example.com", "write it whole"],
      ["javascript:alert(1)", "write it whole"],
      [true, "write it whole"],
    ],
  ],
  [
    "oneOf",
    formats.oneOf("active", "closed"),
    ["active", "closed"],
    [
      ["Active", '"Active" is not one of "active", "closed"'],
      ["", "not one of"],
      [1, "not one of"],
    ],
  ],
  [
    "text",
    formats.text({ min: 1, max: 3 }),
    ["a", "abc", "äöü", "👋👋👋"],
    [
      ["", "is empty"],
      ["abcd", "has 4 characters, Twilio takes at most 3"],
      ["👋👋👋👋", "has 4 characters"],
      [3, "3 is not a text"],
    ],
  ],
  ["text with a longer minimum", formats.text({ min: 2, max: 3 }), ["ab"], [["a", "has 1 characters, Twilio takes at least 2"]]],
  [
    "json",
    formats.json({ maxBytes: 11 }),
    [{}, { a: "bcd" }],
    [
      [{ a: "bcdef" }, "has 13 bytes as JSON, Twilio takes at most 11"],
      [{ a: "ääää" }, "has 16 bytes"],
      ['{"a":1}', "not as JSON text"],
      [[1], "is not an object"],
      [null, "is not an object"],
      [undefined, "is not an object"],
    ],
  ],
  [
    "duration",
    formats.duration({ minSeconds: 60 }),
    ["PT1M", "PT60S", "P1D", "P1W", "P1DT12H", "PT90.5S"],
    [
      ["PT59S", "shorter than Twilio's minimum of PT1M"],
      ["PT0S", "shorter"],
      ["10 minutes", "PT10M for ten minutes"],
      ["P", "not an ISO 8601"],
      ["PT", "not an ISO 8601"],
      ["P1DT", "not an ISO 8601"],
      ["P1M", "not an ISO 8601"],
      ["PT-5M", "not an ISO 8601"],
      [600, "not an ISO 8601"],
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
      ["true", '"true" is not true or false'],
      [0, "true or false"],
    ],
  ],
  [
    "matching",
    formats.matching(/^\d{3}$/, "an area code, three digits like 510"),
    ["510"],
    [
      ["51", '"51" has not the form of an area code, three digits like 510'],
      [510, "has not the form of"],
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

  it.each(bad)("refuses %j with a reason that contains %j", (value, words) => {
    expect(format(value)).toContain(words);
  });
});

describe("parseDuration", () => {
  it.each([
    ["PT60M", "PT1H"],
    ["P1D", "PT24H"],
    ["P1W", "P7D"],
    ["PT90S", "PT1M30S"],
  ])("gives %s and %s the same length", (a, b) => {
    expect(formats.parseDuration(a)).toBe(formats.parseDuration(b));
  });

  it("returns seconds, including zero", () => {
    expect(formats.parseDuration("P1W1DT1H1M1.5S")).toBe(694_861.5);
    expect(formats.parseDuration("PT0S")).toBe(0);
  });
});
