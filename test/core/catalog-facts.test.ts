import { describe, expect, it } from "vitest";
import { participantFacts } from "../../src/conversations/participant-facts";
import { phoneNumberFacts } from "../../src/numbers/phone-number-facts";

describe("a participant in a Terraform state", () => {
  const address = "+15558675310";
  const proxy_address = "+15558675311";

  it.each<[string, Record<string, string>, object | null]>([
    [
      "by SMS",
      { messaging_binding_address: address, messaging_binding_proxy_address: proxy_address },
      { type: "sms", address, proxy_address, projected_address: undefined },
    ],
    [
      "by WhatsApp",
      { messaging_binding_address: `whatsapp:${address}`, messaging_binding_proxy_address: `whatsapp:${proxy_address}` },
      { type: "whatsapp", address: `whatsapp:${address}`, proxy_address: `whatsapp:${proxy_address}`, projected_address: undefined },
    ],
    [
      "by RCS",
      { messaging_binding_address: `rcs:${address}`, messaging_binding_proxy_address: "rcs:agent" },
      { type: "rcs", address: `rcs:${address}`, proxy_address: "rcs:agent", projected_address: undefined },
    ],
    [
      "by Messenger",
      { messaging_binding_address: "messenger:12", messaging_binding_proxy_address: "messenger:34" },
      { type: "messenger", address: "messenger:12", proxy_address: "messenger:34", projected_address: undefined },
    ],
    [
      "with a projected address",
      { identity: "ada", messaging_binding_projected_address: address },
      { type: "sms", address: undefined, proxy_address: undefined, projected_address: address },
    ],
    ["by identity", { identity: "ada", messaging_binding_address: "", messaging_binding_projected_address: "" }, null],
  ])("%s has the binding that Twilio's API returns", (_how, attributes, binding) => {
    expect(participantFacts.terraform?.read?.(attributes)?.body).toEqual({ ...attributes, messaging_binding: binding });
  });
});

describe("a number's friendly name in an export", () => {
  it.each<[string, string | null, string | undefined, boolean]>([
    ["that Twilio gave", "(415) 555-0100", undefined, true],
    ["of the number itself", "+14155550100", undefined, true],
    ["of its last digits", "0100", undefined, true],
    ["of other digits", "555-0199", "555-0199", false],
    ["of digits in the middle", "415", "415", false],
    ["of words", "Front desk 0100", "Front desk 0100", false],
    ["that is an ownership mark", "pulumi shop/dev/desk", "desk", true],
    ["that only begins like a mark", "pulumi desk", "pulumi desk", false],
    ["that is missing", null, undefined, true],
  ])("%s", (_which, friendly_name, name, isOmitted) => {
    const body = { friendly_name, phone_number: "+14155550100" };
    const { export: facts } = phoneNumberFacts;
    expect(facts?.names?.(body)).toEqual([name, "number-+14155550100"]);
    expect(facts?.omitted?.(body)).toEqual(isOmitted ? ["friendlyName"] : []);
    expect(facts?.isMarked?.(body)).toBe(name === "desk");
  });
});
