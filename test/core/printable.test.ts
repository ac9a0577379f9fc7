import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { print as code } from "../../src/cli/commands/export/code";
import { shown } from "../../src/cli/shared/output";
import { oneLine, printable } from "../../src/core/process/printable";
import { TwilioError } from "../../src/core/twilio/errors";
import { failed, scripted } from "../support/scripted-transport";

/** Clears the screen with C1 and C0 sequences, sets the title, goes to the start of the line, and reverses the rest. */
const hostile = "a\u001b[2J\u009b2J\u001b]0;t\u0007\r\u007f\u0000\u202eb\u2066\u2028c";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

describe("a text from elsewhere", () => {
  it("is shown with each control character as an escape", () => {
    expect(oneLine(hostile)).toBe("a\\u001b[2J\\u009b2J\\u001b]0;t\\u0007\\r\\u007f\\u0000\\u202eb\\u2066\\u2028c");
    expect(oneLine("a\nb\tc")).toBe("a\\nb\\tc");
    expect(printable(`first\n\t${hostile}`)).toBe(`first\n\t${oneLine(hostile)}`);
  });

  it("never begins a command of a CI runner", () => {
    for (const text of ["::error::pwned", "a\n::error::pwned", "a\r\n::set-output name=x::1"]) expect(oneLine(text)).not.toMatch(/^\s*::/m);
    expect(printable("a\n::error::pwned\n  ##[group]x")).toBe("a\n\\u003a:error::pwned\n  \\u0023#[group]x");
  });

  it("keeps everything else: letters of all scripts, emoji, URNs, paths and Markdown", () => {
    for (const text of ["Zoë 日本 עברית می‌خواهم", "👩‍👩‍👧 ❤️", "urn:pulumi:dev::project::twilio:x::name", "# a\n## b | c `d`", ""])
      expect(printable(text)).toBe(text);
  });

  it("means the same as JSON afterwards", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(hostile, "::x", "##[x", "\u{e0041}")), (text) => {
        const json = printable(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(obeyed);
        expect(oneLine(text)).not.toMatch(obeyed);
      }),
    );
  });
});

describe("what is printed", () => {
  it("by a command keeps the command's own styles only", () => {
    expect(shown("\u001b[1mTITLE\u001b[22m \u001b[33m1 changed\u001b[39m\n")).toBe(
      "\u001b[1mTITLE\u001b[22m \u001b[33m1 changed\u001b[39m\n",
    );
    // Conceal, a cursor position and a hyperlink.
    expect(shown("\u001b[8mx\u001b[1;1Hy\u001b]8;;http://evil\u0007z")).not.toMatch(obeyed);
  });

  it("as a program is the same program, with all characters visible", () => {
    const program = code({ attributes: { [`${hostile}`]: `${hostile}"\n//` } });
    expect(program).not.toMatch(obeyed);
    expect(program.split("\n")).toHaveLength(5);
    // biome-ignore lint/security/noGlobalEval: the text is TypeScript without types
    expect(eval(`(${program})`)).toEqual({ attributes: { [hostile]: `${hostile}"\n//` } });
  });

  it("of an error of Twilio has the error on one line, in the transport too", async () => {
    const message = `Conversation "${hostile}\n::error::pwned" exists`;
    const { message: text, reason } = new TwilioError("Cannot create", { status: 409, message, moreInfo: hostile, requestId: hostile });
    expect(text.split("\n")).toHaveLength(3);
    expect(text + reason).not.toMatch(obeyed);
    const { twilio } = scripted([failed(400, { code: 50353, message, more_info: "x", status: 400 })]);
    const request = { attempt: "Cannot create Conversation", product: "conversations", method: "post", path: "/v1/Services" } as const;
    const error = await twilio.send(request).then(
      () => expect.unreachable("the request succeeded"),
      (thrown: Error) => thrown,
    );
    expect(error.message).toContain("pwned");
    expect(error.message).not.toMatch(obeyed);
    expect(error.message).not.toMatch(/^\s*::/m);
  });
});
