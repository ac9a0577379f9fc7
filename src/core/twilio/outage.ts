import type { NoResponse } from "./client";
import type { HttpResponse } from "./response";

// Long enough for a laptop that wakes up, short enough to correct a wrong address.
const reachWithinMs = 30_000;
// Until then, a further request would only wait for the same.
const closedForMs = 30_000;

/** What the requests of a process have seen of Twilio together, so that an outage takes its time once and not once for each resource. */
export interface Outage {
  /** Twilio, or what is in its place, has answered; `isAccepted` unless it was too busy or failed. */
  recordResponse(isAccepted: boolean): void;
  /** There was no response. */
  recordSilence(): void;
  /** Why a failed request must not be sent again after a delay. */
  reasonToGiveUp(response: HttpResponse | NoResponse, delay: number): string | undefined;
  /** Why no request is sent now: nothing answers, and a request has just given up for this reason. */
  reasonNotToSend(): string | undefined;
  /** When requests that fail will give up, in milliseconds since 1970. */
  endsAt(): number;
}

/** `retryForMs` limits one request, and with it the outage; `operationTimeoutMs` limits the operations of all resources together. */
export function outages(retryForMs: number, operationTimeoutMs: number): Outage {
  let wasReached = false;
  /** The first and the last failure since a request was accepted. */
  let since: number | undefined;
  let last = 0;
  let isSilent = true;
  let closed: { readonly until: number; readonly reason: string } | undefined;

  function recordFailure(): void {
    const now = Date.now();
    // After a pause without requests, the next failure is another outage.
    if (since === undefined || now - last > retryForMs) {
      since = now;
      isSilent = true;
    }
    last = now;
  }

  /** The reason at once, where waiting changes nothing. Once Twilio was reached, such a failure is an outage like others. */
  function reason(response: HttpResponse | NoResponse, delay: number): string | undefined {
    const begun = since ?? Date.now();
    const elapsed = Date.now() - begun;
    if (!wasReached && "isUntrusted" in response && response.isUntrusted) return "the certificate is not trusted";
    if (!wasReached && elapsed + delay > reachWithinMs) return `nothing was reached for ${Math.round(elapsed / 1000)} s`;
    if (elapsed >= retryForMs || elapsed + delay >= operationTimeoutMs)
      return `no request was accepted for ${Math.round(elapsed / 1000)} s`;
    return undefined;
  }

  return {
    recordResponse(isAccepted) {
      wasReached = true;
      if (isAccepted) since = undefined;
      else recordFailure();
      isSilent = false;
      closed = undefined;
    },
    recordSilence: recordFailure,
    reasonToGiveUp(response, delay) {
      const found = reason(response, delay);
      if (found !== undefined && isSilent) closed = { until: Date.now() + closedForMs, reason: found };
      return found;
    },
    reasonNotToSend: () => (closed && Date.now() < closed.until ? closed.reason : undefined),
    endsAt: () => (since ?? Date.now()) + Math.min(operationTimeoutMs, wasReached ? retryForMs : reachWithinMs),
  };
}
