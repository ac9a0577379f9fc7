import { operation } from "../../../core/process/operation";
import type { Connection } from "../../../core/twilio/connection";
import { TwilioError } from "../../../core/twilio/errors";
import type { Twilio } from "../../../core/twilio/twilio";
import { fail, ok, type Result, warn } from "./finding";

/** What the account's own entry says; a standard API key may not read it. */
export interface Account {
  readonly type: string;
  readonly status: string;
  readonly friendlyName: string;
}

/** Reads the account; `undefined` where the credentials are good for everything else. */
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

/** The account, once the credentials are known to be good. */
export function account({ accountSid }: Connection, found: Account | undefined): Result {
  if (!found) return ok(`${accountSid}; its status and type are told to main API keys and the auth token only`);
  const what = `${accountSid} "${found.friendlyName}", ${found.status}, ${found.type.toLowerCase()}`;
  if (found.status !== "active")
    return fail(what, "make it active again: https://console.twilio.com/us1/account/manage-account/general-settings");
  if (found.type === "Trial")
    return warn(`${what}: one number, texts to verified numbers only`, "upgrade it: https://console.twilio.com/us1/billing/upgrade");
  return ok(what);
}

/** Counts the numbers, which also tries the credentials: every kind of key may do it. */
export async function countNumbers(twilio: Twilio): Promise<number> {
  const path = `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers.json`;
  const request = { attempt: "Cannot count the account's numbers", product: "api", path, query: { PageSize: "1000" } } as const;
  return operation(async () => {
    let count = 0;
    for await (const _ of twilio.list(request, "incoming_phone_numbers")) count += 1;
    return count;
  });
}

/** Twilio's API tells how many numbers there are and not how many there may be, but for a trial, which has one. */
export function numbers(count: number, found: Account | undefined): Result {
  const owned = count === 1 ? "1 number" : `${count} numbers`;
  if (found?.type === "Trial" && count > 0) return warn(`${owned}, all that a trial may have`, "upgrade the account to buy more");
  return ok(`${owned}; how many more may be bought, the API does not tell`);
}

/** A token that another clock finds too old or too young is refused. Twilio's Date header counts in seconds. */
export function clock(skewMs: number): Result {
  const seconds = Math.round(skewMs / 1000);
  if (Math.abs(seconds) <= 5) return ok("as Twilio's");
  const how = `this machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead of"} Twilio's`;
  const cure = "set the clock by the network: sudo timedatectl set-ntp true";
  return Math.abs(seconds) <= 60 ? warn(how, cure) : fail(`${how}: access tokens are refused, or last longer than they should`, cure);
}

/** Where Conversations is: https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions */
export function region({ region, edge, baseUrl }: Connection): Result {
  if (baseUrl !== undefined) return ok(`as ${baseUrl} is; regions and edges are Twilio's own`);
  const where = `${region ?? "us1, the default"}${edge ? `, through ${edge}` : ""}`;
  if (region !== undefined && !["us1", "ie1", "au1"].includes(region)) {
    return fail(`${where} is no region of Twilio's`, "pulumi config set twilio:region us1 (or ie1, au1)");
  }
  if (region !== undefined && region !== "us1") {
    return warn(
      `${where}: keys, numbers and conversations are each region's own, and not every account has Conversations there (error 50385)`,
      "pulumi config set twilio:region us1, unless the data has to stay there",
    );
  }
  return ok(where);
}

/** A refusal on one line, with Twilio's advice. */
export function refused(error: unknown): Result {
  if (!(error instanceof TwilioError)) throw error;
  const [what = "", ...more] = error.message.split("\n");
  const cure = more.find((line) => line.includes("What to do:"))?.replace(/^.*What to do: /, "");
  return fail(what, cure ?? "see https://status.twilio.com, and try again");
}
