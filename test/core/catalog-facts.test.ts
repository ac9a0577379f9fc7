import { describe, expect, it } from "vitest";
import { addressConfigurationFacts } from "../../src/conversations/address-configuration-facts";
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

describe("an address configuration in a Terraform state", () => {
  const read = (attributes: Record<string, unknown>) => addressConfigurationFacts.terraform?.read?.(attributes)?.body.auto_creation;
  const service = `IS${"1".repeat(32)}`;
  const flow = `FW${"1".repeat(32)}`;
  const webhook_url = "https://example.com/hook";

  it.each([
    ["default", { service_sid: service }, { conversation_service_sid: service }],
    ["webhook", { webhook_url, webhook_method: "GET", webhook_filters: ["onMessageAdded"] }, { webhook_url, webhook_method: "GET" }],
    ["studio", { flow_sid: flow, retry_count: 3 }, { studio_flow_sid: flow, studio_retry_count: 3 }],
  ])("of RJPearson94/twilio has the type %s of its resource, and what that creates", (type, attributes, created) => {
    expect(read({ enabled: true, ...attributes })).toMatchObject({ type, enabled: true, ...created });
  });

  it.each([
    ["default", { conversation_service_sid: service, webhook_url: "", studio_flow_sid: "" }],
    ["webhook", { webhook_url, webhook_method: "GET", studio_flow_sid: "" }],
    ["studio", { studio_flow_sid: flow, studio_retry_count: 3, webhook_url: "" }],
  ])("of twilio/twilio has the type %s and what that creates; what is empty is not set", (type, created) => {
    const given = Object.fromEntries(
      Object.entries({ enabled: true, type, ...created }).map(([key, value]) => [`auto_creation_${key}`, value]),
    );
    const set = Object.fromEntries(Object.entries({ enabled: true, type, ...created }).filter(([, value]) => value !== ""));
    expect(Object.fromEntries(Object.entries(read(given) as object).filter(([, value]) => value !== undefined))).toEqual(set);
  });
});

describe("a number in a state of RJPearson94/twilio", () => {
  const read = (attributes: Record<string, unknown>) =>
    phoneNumberFacts.terraform?.read?.({ messaging: [{ url: "https://example.com/sms" }], ...attributes })?.body;
  const voice = [{ url: "https://example.com/voice", method: "GET" }];

  it.each([
    ["without a block for fax", []],
    ["with a block for fax where nothing is set", [{ application_sid: "", url: "", method: null }]],
  ])("%s receives calls", (_how, fax) => {
    expect(read({ voice, fax })).toMatchObject({
      sms_url: "https://example.com/sms",
      voice_url: "https://example.com/voice",
      voice_method: "GET",
      voice_receive_mode: "voice",
    });
  });

  it("with a URL for fax receives faxes there", () => {
    expect(read({ voice, fax: [{ application_sid: "", url: "https://example.com/fax", method: "POST" }] })).toMatchObject({
      voice_url: "https://example.com/fax",
      voice_method: "POST",
      voice_receive_mode: "fax",
    });
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
