/** What Twilio said when it refused, in its own terms. */
export interface Failure {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Twilio's error code, listed at https://www.twilio.com/docs/api/errors. */
  readonly code?: number;
  readonly message: string;
  readonly moreInfo?: string;
  /** Twilio's id of the request, for its support. */
  readonly requestId?: string;
  /** The request was not sent at all: the run was cancelled, or its time was up. */
  readonly unsent?: boolean;
  /** The request only asked. */
  readonly isRead?: boolean;
  /** No answer came within the time that one call has. */
  readonly timedOut?: boolean;
  /** How often the request was sent, and for how many milliseconds in all it waited in between. */
  readonly spent?: { readonly times: number; readonly waitedMs: number };
}

/**
 * A request that did not do what was wanted. Its message says what was tried, on what, what Twilio answered and what to do next, and is all
 * that a user sees.
 */
export class TwilioError extends Error {
  override readonly name = "TwilioError";
  readonly status: number;
  readonly code: number | undefined;
  readonly moreInfo: string | undefined;
  readonly requestId: string | undefined;
  /** Twilio's own words. */
  readonly reason: string;
  readonly unsent: boolean;
  /** Whoever answered had waited for Twilio in vain, or nobody answered in time: Twilio may still carry the request out. */
  readonly isLate: boolean;
  readonly isRead: boolean;

  constructor(attempt: string, refusal: Failure, next = nextStep(refusal)) {
    const { status, code, message, moreInfo, requestId, unsent = false, timedOut = false, isRead = false, spent } = refusal;
    const facts = [
      code === undefined ? undefined : `Twilio error ${code}`,
      unsent ? "not sent" : status ? `HTTP ${status}` : "no answer",
      requestId && `request ${requestId}`,
      spent && spent.times > 1 && `sent ${spent.times} times, over ${Math.round(spent.waitedMs / 1000)} s`,
    ].filter(Boolean);
    const link = moreInfo ?? (code === undefined ? undefined : `https://www.twilio.com/docs/errors/${code}`);
    super(
      [`${attempt}: ${message}`, `  (${facts.join(", ")})`, link && `  ${link}`, next && `  What to do: ${next}`]
        .filter(Boolean)
        .join("\n"),
    );
    // The engine prints stacks of provider errors; frames inside this package help no user.
    this.stack = "";
    this.status = status;
    this.code = code;
    this.moreInfo = link;
    this.requestId = requestId;
    this.reason = message;
    this.unsent = unsent;
    this.isLate = timedOut || lateStatuses.has(status);
    this.isRead = isRead;
  }

  /** Adds what was found out about it. */
  explain(line: string | undefined): this {
    if (line !== undefined) this.message += `\n  ${line}`;
    return this;
  }
}

// Of a gateway that gave up waiting; 52x are those of a well-known one.
const lateStatuses = new Set([408, 499, 502, 504, 520, 521, 522, 523, 524]);

/** Whether nobody can tell if a write was carried out: no answer came, or one of a server in trouble. */
export const isUnclear = (error: unknown): error is TwilioError =>
  error instanceof TwilioError && !error.unsent && !error.isRead && (error.status === 0 || error.status >= 500 || error.isLate);

/** A request or a program that is refused before Twilio is asked. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** `property` is the one to mend, where a message is about one. */
  constructor(
    message: string,
    readonly property?: string,
  ) {
    super(message);
    this.stack = "";
  }
}

/** The conversation that Twilio names in a conflict, `CH…`. */
export const conversationSidIn = (message: string): string | undefined => /\bCH[0-9a-fA-F]{32}\b/.exec(message)?.[0];

const steps: Record<number, string | ((message: string) => string)> = {
  20003: "check the account SID and its auth token, or the API key and its secret; keys belong to one region and one account.",
  20404: "it may have been deleted at Twilio: run `pulumi refresh` to see what is left, then `pulumi up` to create it again.",
  20429: "Twilio had too many requests at once for too long: lower `twilio:maxConcurrency` and run again; nothing was half done.",
  21404: "a trial account owns one number only: upgrade it, or adopt the number it has with `adopt`.",
  21421: "check the number: E.164 form, and a number that Twilio sells.",
  21422: "somebody else has it by now: choose another, or let `search` choose.",
  21452: "no number is for sale there: try another area code, or `search` with fewer conditions.",
  21631: "this country wants an address: create one in the Console and pass it as `addressSid`.",
  21649: "this country wants a regulatory bundle: have one approved and pass it as `bundleSid`.",
  50204: "a participant needs an `identity`, an `sms` or a `whatsapp` binding.",
  50353: 'choose another `uniqueName`, or take the existing conversation over with `adopt: "<unique name>"`.',
  50373: "give the conversation a `messagingServiceSid`, or set the account's default messaging service.",
  50377: "a closed conversation stays closed and cannot be changed: declare a new one.",
  50407: "check the participant's `address`: E.164 form, `whatsapp:` in front of both addresses or of neither.",
  50413: "`proxyAddress` must be a number of this account that can send SMS: pass `number.phoneNumber` of a PhoneNumber.",
  50416: (message) =>
    `the pair of address and proxyAddress is bound in ${conversationSidIn(message) ?? "another conversation"}: remove the participant there, or close or delete that conversation.`,
  50438: (message) => `that group exists as ${conversationSidIn(message) ?? "another conversation"}: adopt it, or close it first.`,
  50441: "an SMS participant's proxyAddress cannot be changed: delete the participant and create it anew.",
};

/** What to do about an error, for the codes that people meet. */
export function nextStep({ code, status, message, unsent }: Failure): string | undefined {
  const step = code === undefined ? undefined : steps[code];
  if (step) return typeof step === "string" ? step : step(message);
  if (unsent) return "nothing was changed by this request: run `pulumi up` again.";
  if (status === 0 || status >= 500) return "nothing is lost: run `pulumi up` again; it looks first for what may already be there.";
  return undefined;
}
