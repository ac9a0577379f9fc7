import type { Referent } from "../core/lifecycle/definition";
import { type Format, text } from "../core/lifecycle/formats";
import type { Body } from "../core/twilio/twilio";

/** An alphanumeric sender ID. */
export const alphaSender: Format = (value) =>
  text({ min: 1, max: 11 })(value) ??
  (/^(?!\d+$)[A-Za-z0-9 +_&-]+$/.test(String(value))
    ? undefined
    : `must consist of letters, digits, spaces or any of - + _ &, and not only of digits; received ${JSON.stringify(value)}`);

/** A number of the account, by its SID, that sends SMS or MMS. */
export const numberThatTexts: Referent = {
  resource: "PhoneNumber",
  output: "sid",
  async refusal(sid, { context, ask }) {
    const { accountSid } = context.twilio;
    const number = await ask({ product: "api", path: `/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${sid}.json` });
    if (!number) return `must be the SID of a number of account ${accountSid}, which has none with this SID`;
    const { sms, mms } = (number.capabilities ?? {}) as Body;
    return sms === false && mms === false
      ? "must be a number that sends SMS or MMS, which this one does not: pass another number"
      : undefined;
  },
};
