import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Context, Definition } from "../core/lifecycle/definition";
import { oneOf, text, url } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import { TwilioError } from "../core/twilio/errors";
import { itemsOf } from "../core/twilio/response";
import { twimlAppFacts } from "./twiml-app-facts";

/**
 * Arguments of a {@link TwimlApp}. `adopt` also accepts the exact friendly name, if only one application of the account has it.
 *
 * @see https://www.twilio.com/docs/usage/api/applications
 */
export interface TwimlAppArgs extends CommonArgs {
  /** Name in the Console, 1 to 64 characters; need not be unique. Updated in place. */
  friendlyName: Input<string>;
  /** Requested for each call that reaches the application, an http or https URL. Updated in place; removing it clears it. */
  voiceUrl?: Input<string> | undefined;
  /** How `voiceUrl` is requested. Default: `"POST"`. Updated in place. */
  voiceMethod?: Input<"GET" | "POST"> | undefined;
  /** Requested when `voiceUrl` fails; Twilio refuses it without `voiceUrl` (21405). Updated in place; removing it clears it. */
  voiceFallbackUrl?: Input<string> | undefined;
  /** How `voiceFallbackUrl` is requested. Default: `"POST"`. Updated in place. */
  voiceFallbackMethod?: Input<"GET" | "POST"> | undefined;
  /** Requested when the status of a call changes, an http or https URL. Updated in place; removing it clears it. */
  statusCallback?: Input<string> | undefined;
  /** How `statusCallback` is requested. Default: `"POST"`. Updated in place. */
  statusCallbackMethod?: Input<"GET" | "POST"> | undefined;
  /** Looks up the caller's name, at a price per call. Default: `false`. Updated in place. */
  voiceCallerIdLookup?: Input<boolean> | undefined;
  /** Requested for each message that a number of the application receives and no conversation takes. Updated in place; removing it clears it. */
  smsUrl?: Input<string> | undefined;
  /** How `smsUrl` is requested. Default: `"POST"`. Updated in place. */
  smsMethod?: Input<"GET" | "POST"> | undefined;
  /** Requested when `smsUrl` fails; Twilio refuses it without `smsUrl` (21406). Updated in place; removing it clears it. */
  smsFallbackUrl?: Input<string> | undefined;
  /** How `smsFallbackUrl` is requested. Default: `"POST"`. Updated in place. */
  smsFallbackMethod?: Input<"GET" | "POST"> | undefined;
  /** Requested with POST when the status of a message that the application sent changes. Updated in place; removing it clears it. */
  messageStatusCallback?: Input<string> | undefined;
  /** Whether other accounts may call the application with TwiML's `<Dial>`. Default: `false`. Updated in place. */
  publicApplicationConnectEnabled?: Input<boolean> | undefined;
  /** The version of a TwiML session. Default: the account's, which is left to Twilio. Updated in place; removing it leaves the value. */
  apiVersion?: Input<"2010-04-01" | "2008-08-01"> | undefined;
}

/** What Twilio adds to a {@link TwimlApp}. */
export interface TwimlAppOutputs {
  /** `AP` and 32 hex digits; also the resource's id. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
}

const method = { computed: true, cleared: "POST", format: oneOf("GET", "POST") } as const;
const flag = { type: "boolean", computed: true, cleared: "false" } as const;

/** @internal */
export const twimlApp: Definition = define<TwimlAppArgs, TwimlAppOutputs>({
  type: "twilio/iam:TwimlApp",
  product: "api",
  sid: "AP",
  path: (_parents, account) => `/2010-04-01/Accounts/${account}/Applications`,
  list: { key: "applications", by: ["friendlyName"], name: "friendlyName", allowsDuplicates: () => true },
  facts: twimlAppFacts,
  fields: {
    friendlyName: { required: true, format: text({ min: 1, max: 64 }) },
    voiceUrl: { format: url },
    voiceMethod: method,
    voiceFallbackUrl: { format: url },
    voiceFallbackMethod: method,
    statusCallback: { format: url },
    statusCallbackMethod: method,
    voiceCallerIdLookup: flag,
    smsUrl: { format: url },
    smsMethod: method,
    smsFallbackUrl: { format: url },
    smsFallbackMethod: method,
    messageStatusCallback: { format: url },
    publicApplicationConnectEnabled: flag,
    apiVersion: { computed: true, format: oneOf("2010-04-01", "2008-08-01") },
  },

  async beforeDelete(id, _props, context) {
    const numbers = await numbersOf(id, context);
    if (numbers.length > 0)
      context.log("warn", `TwimlApp ${id} is deleted, and ${numbers.join(", ")} still name it: their calls or messages fail from now on.`);
    return undefined;
  },
});

/** The numbers of the account that name an application. This only explains a deletion, so a list that cannot be read stops none. */
async function numbersOf(id: string, { twilio, log }: Context): Promise<string[]> {
  const attempt = `Cannot look for numbers that name TwimlApp ${id}`;
  const path = `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers.json`;
  try {
    const page = await twilio.send({ attempt, product: "api", method: "get", path, query: { PageSize: "1000" } });
    const all = page ? itemsOf(page, "incoming_phone_numbers", attempt) : [];
    return all.filter((one) => one.sms_application_sid === id || one.voice_application_sid === id).map((one) => String(one.phone_number));
  } catch (error) {
    if (!(error instanceof TwilioError)) throw error;
    log("debug", error.message);
    return [];
  }
}

/**
 * URLs that several numbers, browsers and phones share: a number names it with `voiceApplicationSid` or `smsApplicationSid`, and an access token
 * with its outgoing application. Twilio deletes an application that is in use, and what names it then fails (inferred): a number of the program
 * that names this resource is updated first.
 *
 * @example
 * const desk = new TwimlApp("desk", { friendlyName: "Desk", voiceUrl: "https://example.com/voice" });
 * new PhoneNumber("front-desk", { search: { country: "US", type: "local" }, voiceApplicationSid: desk.sid });
 *
 * @see https://www.twilio.com/docs/usage/api/applications
 */
export class TwimlApp extends resourceClass<TwimlAppArgs, TwimlAppOutputs>(twimlApp) {}
