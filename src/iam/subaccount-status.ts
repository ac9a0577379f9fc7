import type { Change, Context } from "../core/lifecycle/definition";
import { UsageError } from "../core/twilio/errors";
import { itemsOf, verifyNames } from "../core/twilio/response";
import type { Body } from "../core/twilio/twilio";

/** What a subaccount can be at Twilio. */
export type SubaccountStatus = "active" | "suspended" | "closed";

/** What decides on the end of a subaccount. */
interface Ending {
  readonly status?: unknown;
  readonly onDelete?: unknown;
  readonly forceDestroy?: unknown;
}

const maxNamed = 10;

/** What closing a subaccount loses, in words. Numbers are named by their SIDs, because a number may be a secret of the program. */
async function lossesOf(id: string, { twilio }: Context): Promise<string> {
  const attempt = `Cannot look for the numbers of Subaccount ${id}`;
  const path = `/2010-04-01/Accounts/${id}/IncomingPhoneNumbers.json`;
  const page = await twilio.send({ attempt, product: "api", method: "get", path, query: { PageSize: "1000" } });
  const numbers = page ? itemsOf(page, "incoming_phone_numbers", attempt) : [];
  for (const number of numbers) verifyNames(number, { account_sid: id }, attempt);
  const always = "Twilio never opens a closed account again, refuses its credentials, and deletes its data";
  if (numbers.length === 0) return `${always}.`;
  const named = numbers.slice(0, maxNamed).map(({ sid }) => sid);
  const more = numbers.length > maxNamed ? ` and ${numbers.length - maxNamed} more` : "";
  return `${always}, and releases its ${numbers.length === 1 ? "number" : `${numbers.length} numbers`} (${named.join(", ")}${more}).`;
}

/** Explains a change that closes a subaccount, now or at its destroy, and refuses it unless the program says it twice. */
export async function refuseClosing({ id, olds, news, changed }: Change<Ending>, context: Context): Promise<void> {
  const sent = changed.filter((property) => property === "status" || property === "friendlyName");
  if (olds.status === "closed" && sent.length > 0)
    throw new UsageError(
      `Subaccount ${id} is closed, and Twilio never opens or changes a closed account again. Declare status: "closed" without other changes, or ` +
        "remove this resource and declare another one.",
      sent[0],
    );
  const closesNow = news.status === "closed" && changed.includes("status");
  const closesLater = news.onDelete === "close" && changed.some((property) => property === "onDelete" || property === "forceDestroy");
  if (!closesNow && !closesLater) return;
  const losses = await lossesOf(id, context);
  if (closesNow && news.forceDestroy !== true)
    throw new UsageError(`Closing Subaccount ${id} is final: ${losses} Suspend it, or set forceDestroy: true to close it.`, "status");
  if (closesNow) context.log("warn", `Subaccount ${id} is closed: ${losses}`);
  else if (news.forceDestroy === true) context.log("warn", `A destroy closes Subaccount ${id}: ${losses}`);
}

/** Throws where Twilio answers an update and leaves the status as it was: it ignores what it does not understand. */
export function verifyStatus({ sid, status }: Body, wanted: unknown): void {
  if (wanted === undefined || status === wanted) return;
  throw new UsageError(
    `Twilio accepted the update of Subaccount ${sid}, but its status is ${JSON.stringify(status)} and not ${JSON.stringify(wanted)}. ` +
      "Look at the account in the Twilio Console, then run the command again.",
    "status",
  );
}

/** Carries out what `onDelete` says. Twilio deletes no account, so this is always an update. */
export async function end(id: string, policy: "suspend" | "close", { forceDestroy }: Ending, context: Context): Promise<void> {
  const { twilio, log } = context;
  const path = `/2010-04-01/Accounts/${id}.json`;
  const attempt = `Cannot ${policy} Subaccount ${id}`;
  const account = await twilio.send({ attempt, product: "api", method: "get", path });
  if (account) verifyNames(account, { sid: id, owner_account_sid: twilio.accountSid }, attempt, true);
  const wanted: SubaccountStatus = policy === "close" ? "closed" : "suspended";
  if (!account || account.status === "closed") return log("info", `Subaccount ${id} is closed already.`);
  const losses = policy === "close" ? await lossesOf(id, context) : undefined;
  if (losses !== undefined && forceDestroy !== true)
    throw new UsageError(
      `Closing Subaccount ${id} is final: ${losses} Nothing was changed. To close it, run \`pulumi up\` with forceDestroy: true and then destroy ` +
        'it; to keep it, set onDelete: "suspend" or "retain".',
    );
  if (account.status !== wanted) {
    const body = await twilio.send({ attempt, product: "api", method: "post", path, form: { Status: wanted } });
    if (body) verifyNames(body, { sid: id }, attempt, true);
    verifyStatus(body ?? {}, wanted);
  }
  log(
    "warn",
    losses === undefined
      ? `Subaccount ${id} is suspended and stays at Twilio, which deletes no account. It keeps its numbers, which still cost their monthly price. ` +
          `To use it again, declare adopt: "${id}" and status: "active".`
      : `Subaccount ${id} is closed: ${losses}`,
  );
}
