import { operation } from "../../../core/process/operation";
import type { Connection } from "../../../core/twilio/connection";
import { TwilioError } from "../../../core/twilio/errors";
import type { Twilio } from "../../../core/twilio/twilio";
import { fail, ok, type Result, skipped, warn } from "./finding";

/** The account's settings; a standard API key may not read them. */
export interface Account {
  readonly type: string;
  readonly status: string;
  readonly friendlyName: string;
}

/** Reads the account; `undefined` where the credentials may not read it, although they work otherwise. */
export async function readAccount(twilio: Twilio): Promise<Account | undefined> {
  const path = `/2010-04-01/Accounts/${twilio.accountSid}.json`;
  const request = { attempt: `Cannot read account ${twilio.accountSid}`, product: "api", method: "get", path } as const;
  try {
    const body = await operation(() => twilio.send(request));
    return body && { type: String(body.type), status: String(body.status), friendlyName: String(body.friendly_name) };
  } catch (error) {
    if (error instanceof TwilioError && [401, 403].includes(error.status)) return undefined;
    throw error;
  }
}

/** The account, after the credentials have been checked. */
export function account({ accountSid }: Connection, found: Account | undefined): Result {
  if (!found) return skipped(`${accountSid}; only main API keys and the auth token may read its status and type`);
  const what = `${accountSid} "${found.friendlyName}", ${found.status}, ${found.type.toLowerCase()}`;
  if (found.status !== "active") return fail(what, "reactivate it: https://console.twilio.com/us1/account/manage-account/general-settings");
  if (found.type === "Trial")
    return warn(`${what}: one number, texts to verified numbers only`, "upgrade it: https://console.twilio.com/us1/billing/upgrade");
  return ok(what);
}

/** Counts the numbers, which also checks the credentials: every kind of key may do it. */
export async function countNumbers(twilio: Twilio): Promise<number> {
  const path = `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers.json`;
  const request = { attempt: "Cannot count the account's numbers", product: "api", path, query: { PageSize: "1000" } } as const;
  return operation(async () => {
    let count = 0;
    for await (const _ of twilio.list(request, "incoming_phone_numbers")) count += 1;
    return count;
  });
}

/** Twilio's API does not report how many numbers an account may have; a trial may have one. */
export function numbers(count: number, found: Account | undefined): Result {
  const owned = count === 1 ? "1 number" : `${count} numbers`;
  if (found?.type === "Trial" && count > 0) return warn(`${owned}, the most that a trial may have`, "upgrade the account to buy more");
  return ok(`${owned}; the API does not report how many more can be bought`);
}

/** Twilio refuses a token that is too old or too new by its own clock. Its Date header has a resolution of one second. */
export function clock(skewMs: number): Result {
  const seconds = Math.round(skewMs / 1000);
  if (Math.abs(seconds) <= 5) return ok("in sync with Twilio");
  const how = `this machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead of"} Twilio's`;
  const fix = "synchronize the clock: sudo timedatectl set-ntp true";
  return Math.abs(seconds) <= 60 ? warn(how, fix) : fail(`${how}: Twilio refuses access tokens, or accepts them for too long`, fix);
}

/** Where Conversations is available: https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions */
export function region({ region, edge, baseUrl }: Connection): Result {
  if (baseUrl !== undefined) return ok(`${baseUrl}, where regions and edges do not apply`);
  const where = `${region ?? "us1, the default"}${edge ? `, through ${edge}` : ""}`;
  if (region !== undefined && !["us1", "ie1", "au1"].includes(region)) {
    return fail(`${where} is not a Twilio region`, "pulumi config set twilio:region us1 (or ie1, au1)");
  }
  if (region !== undefined && region !== "us1") {
    return warn(
      `${where}: keys, numbers and conversations exist in one region only, and not every account has Conversations there (error 50385)`,
      "pulumi config set twilio:region us1, unless the data must stay there",
    );
  }
  return ok(where);
}

/** A refusal on one line, with what to do. */
export function refused(error: unknown): Result {
  if (!(error instanceof TwilioError)) throw error;
  // Without a code, the general advice is for deployments, and this is not one.
  const isFromTwilio = error.code !== undefined && error.next !== undefined;
  return fail(
    error.summary,
    isFromTwilio ? (error.next as string) : "check this machine's network and proxy, and https://status.twilio.com; then run doctor again",
  );
}
