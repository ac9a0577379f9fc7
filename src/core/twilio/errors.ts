import { oneLine } from "../process/printable";
import type { Request } from "./twilio";

/** Why a request failed, in Twilio's terms. */
export interface Failure {
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /** Twilio's error code, listed at https://www.twilio.com/docs/api/errors. */
  readonly code?: number;
  readonly message: string;
  readonly moreInfo?: string;
  /** Twilio's ID of the request, which its support asks for. */
  readonly requestId?: string;
  /** The request was not sent, because the run was canceled or the operation's time limit was reached. */
  readonly unsent?: boolean;
  /** The request was a read. */
  readonly isRead?: boolean;
  /** There was no response within the time limit of one request. */
  readonly timedOut?: boolean;
  /** There was no connection, so nothing of the request has reached Twilio. */
  readonly isUnreached?: boolean;
  /** There was a response, but it is not the one to this request: it is about another object, or lacks what it must contain. */
  readonly isInvalid?: boolean;
  /** How often the request was sent, and the total wait between the attempts in milliseconds. */
  readonly spent?: { readonly times: number; readonly waitedMs: number };
}

/** A failed request. The message is all that the user sees: the attempt, Twilio's response and what to do next. */
export class TwilioError extends Error {
  override readonly name = "TwilioError";
  readonly status: number;
  readonly code: number | undefined;
  readonly moreInfo: string | undefined;
  readonly requestId: string | undefined;
  /** Twilio's own message. */
  readonly reason: string;
  /** The attempt and Twilio's message, on one line. */
  readonly summary: string;
  /** Error code, status and request, in parentheses. */
  readonly facts: string;
  /** What to do next. */
  readonly next: string | undefined;
  readonly unsent: boolean;
  /** The request timed out, here or at a gateway, so Twilio may still carry it out. */
  readonly isLate: boolean;
  readonly isRead: boolean;
  readonly isUnreached: boolean;
  readonly isInvalid: boolean;

  constructor(attempt: string, failure: Failure, next = nextStep(failure)) {
    const { status, code, unsent = false, timedOut = false, isRead = false, spent } = failure;
    // Twilio's texts quote names that anybody may have chosen, such as a chat user.
    const [message, moreInfo, requestId] = [
      oneLine(failure.message),
      ...[failure.moreInfo, failure.requestId].map((text) => text && oneLine(text)),
    ];
    const { isUnreached = false, isInvalid = false } = failure;
    const facts = [
      code === undefined ? undefined : `Twilio error ${code}`,
      unsent ? "not sent" : status ? `HTTP ${status}` : withoutStatus(failure),
      requestId && `request ${requestId}`,
      spent && spent.times > 1 && `sent ${spent.times} times over ${Math.round(spent.waitedMs / 1000)} s`,
    ].filter(Boolean);
    const link = moreInfo ?? (code === undefined ? undefined : `https://www.twilio.com/docs/errors/${code}`);
    const summary = `${attempt}: ${message}`;
    const inParentheses = `(${facts.join(", ")})`;
    super([summary, `  ${inParentheses}`, link && `  ${link}`, next && `  What to do: ${next}`].filter(Boolean).join("\n"));
    // The engine prints the stacks of provider errors, and frames inside this package do not help a user.
    this.stack = "";
    this.status = status;
    this.code = code;
    this.moreInfo = link;
    this.requestId = requestId;
    this.reason = message;
    this.summary = summary;
    this.facts = inParentheses;
    this.next = next;
    this.unsent = unsent;
    this.isLate = timedOut || lateStatuses.has(status);
    this.isRead = isRead;
    this.isUnreached = isUnreached;
    this.isInvalid = isInvalid;
  }

  /** Adds a line with further findings to the message. */
  explain(line: string | undefined): this {
    if (line !== undefined) this.message += `\n  ${line}`;
    return this;
  }
}

const withoutStatus = ({ isUnreached, isInvalid }: Failure): string =>
  isInvalid ? "invalid response" : isUnreached ? "no connection" : "no response";

// A gateway timed out; Cloudflare uses 52x.
const lateStatuses = new Set([408, 499, 502, 504, 520, 521, 522, 523, 524]);

/** Whether it is unknown if a write was carried out: there was no response, or the server failed. */
export const isUnclear = (error: unknown): error is TwilioError =>
  error instanceof TwilioError &&
  !error.unsent &&
  !error.isRead &&
  !error.isUnreached &&
  (error.status === 0 || error.status >= 500 || error.isLate);

/** A problem that the user must solve in the program, in its configuration or at Twilio. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** `property` is the one to change, if the mistake is about one. */
  constructor(
    message: string,
    readonly property?: string,
    /** The problem and what to do, where a command shows them apart. */
    readonly parts?: { readonly problem: string; readonly fix: string },
  ) {
    super(message);
    this.stack = "";
  }
}

/** An error of a problem and its fix, which together are the message. */
export const usageError = (problem: string, fix: string): UsageError => new UsageError(`${problem}. ${fix}`, undefined, { problem, fix });

/** The conversation that Twilio names in a conflict, `CH…`. */
export const conversationSidIn = (message: string): string | undefined => /\bCH[0-9a-fA-F]{32}\b/.exec(message)?.[0];

const steps: Record<number, string | ((message: string) => string)> = {
  20003: "check the account SID and its auth token, or the API key and its secret. An API key belongs to one account and one region.",
  20404: "the object may have been deleted at Twilio. Run `pulumi refresh` to update the state, then `pulumi up` to create it again.",
  20429: "lower `twilio:maxConcurrency` and run `pulumi up` again. Twilio received too many requests; it did not carry out this one.",
  21101: "a subaccount cannot have subaccounts. Create them with the credentials of the main account.",
  21404: "a trial account can own only one number. Upgrade the account, or adopt its number with `adopt`.",
  21421: "check the number. It must be in E.164 format, and Twilio must offer it.",
  21422: "the number was sold to another customer. Choose another one, or let `search` choose.",
  21452: "no number is available there. Try another area code, or fewer conditions in `search`.",
  21477: "an account cannot suspend or close itself. Run it with the credentials of the account that owns it.",
  21479:
    "Twilio never opens a closed account again. Run `pulumi refresh` to remove it from the state; the next `pulumi up` creates another one.",
  21480: "an account can have 1,000 subaccounts. Close those that are not needed, or ask Twilio for more.",
  21625:
    "a number of the account needs this address. Release the number, or declare another address in its country, and run the command again.",
  21628: "check the parts of the address: Twilio finds no such address.",
  21629: "declare the address as Twilio suggests it, or remove `autoCorrectAddress: false`.",
  21630: "a verified document names this address. Create another address instead.",
  21631: "a number in this country requires an address. Declare an Address and pass it as `addressSid`.",
  21649: "a number in this country requires a regulatory bundle. Have one approved and pass its SID as `bundleSid`.",
  21651: "pass an Address of the number's own account as `addressSid` or `emergencyAddressSid`.",
  50204: "declare an `identity` or a binding (`sms`, `whatsapp`, `rcs`, `messenger`) for the participant.",
  50353: 'choose another `uniqueName`, or adopt the existing conversation with `adopt: "<unique name>"`.',
  50373: "set `messagingServiceSid` on the conversation, or set the account's default messaging service.",
  50377: "a closed conversation cannot be changed or reopened. Declare a new one.",
  50407:
    "check the participant's addresses. They must be numbers in E.164 format, or both begin with the channel's prefix: `whatsapp:`, `rcs:` or `messenger:`.",
  50413:
    "`proxyAddress` must be a number of this account that can send SMS. Pass `number.phoneNumber` of a PhoneNumber. If the program does, " +
    "the number was released at Twilio: run `pulumi refresh`, then `pulumi up`.",
  50416: (message) =>
    `the pair of address and proxyAddress is bound in ${conversationSidIn(message) ?? "another conversation"}: remove the participant there, or close or delete that conversation.`,
  50425: (message) =>
    `the pair of one of the participants is bound in ${conversationSidIn(message) ?? "another conversation"}: remove the participant there, or close or delete that conversation.`,
  50438: (message) =>
    `a group conversation with these participants exists: ${conversationSidIn(message) ?? "another conversation"}. Adopt it, or close it first.`,
  50441: "the proxyAddress of an SMS participant cannot be changed. Delete the participant and create it again.",
  70002: (message) =>
    message.startsWith("assertion ")
      ? "Twilio knows no such permission. Compare `policy.allow` with https://www.twilio.com/docs/iam/api-keys/restricted-api-keys."
      : "check the key's SID.",
  70051: "add this permission to the policy of the restricted API key in use (`policy.allow` of an ApiKey), or use other credentials.",
};

/** Twilio answers every other key as if its secret were wrong. */
const whoManagesKeys =
  "keys are managed with the account's auth token, with a main API key, or with a restricted one that has the permissions " +
  "/twilio/iam/api-keys/…. A standard API key cannot, although it works otherwise. Check also that the auth token or the secret is right.";

/** The parent's auth token does; as for keys, Twilio answers everything else as if the credentials were wrong. */
const whoManagesAccounts =
  "subaccounts are managed with the auth token of the account that owns them (TWILIO_AUTH_TOKEN). An API key cannot. Check also that the token is right.";

/** What to do about a failure, for the codes that users meet. */
export function nextStep(
  { code, status, message, unsent }: Failure,
  { product, path = "" }: Partial<Pick<Request, "product" | "path">> = {},
): string | undefined {
  if (code === 20003 && product === "iam") return whoManagesKeys;
  if (code === 20003 && /^\/2010-04-01\/Accounts(\/AC\w+)?\.json$/.test(path)) return whoManagesAccounts;
  const step = code === undefined ? undefined : steps[code];
  if (step) return typeof step === "string" ? step : step(message);
  if (unsent) return "run `pulumi up` again. This request changed nothing.";
  if (status === 0 || status >= 500) return "run `pulumi up` again. It first looks up what already exists at Twilio.";
  return undefined;
}
