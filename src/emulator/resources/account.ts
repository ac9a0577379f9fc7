/** Accounts (AC): the main one and its subaccounts, each with data and an auth token of its own. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { crudRoutes, nestedPrefix, root2010 } from "../http/crud";
import { given, type Params } from "../http/params";
import { type Call, ok } from "../http/router";
import { hex32 } from "../sid";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

export interface AccountRecord extends Base {
  friendlyName: string;
  authToken: string;
  /** Its own SID for the main account. */
  ownerSid: string;
  status: "active" | "suspended" | "closed";
}

export const accountTable = defineTable<AccountRecord>()({ name: "accounts", sidPrefix: "AC" });

/** Creates an account. Other resources add what every account has from the start. */
export function openAccount(
  scope: Scope,
  { sid, authToken, friendlyName, ownerSid }: { sid?: string; authToken?: string; friendlyName: string; ownerSid: string },
): AccountRecord {
  const base = scope.domain.base("", "AC");
  const accountSid = sid ?? base.sid;
  return accountTable.insert(
    { ...scope, accountSid },
    {
      ...base,
      sid: accountSid,
      accountSid,
      friendlyName,
      authToken: authToken ?? hex32(scope.domain.credentials.seed, "auth-token", accountSid),
      ownerSid,
      status: "active",
    },
  );
}

/** How many subaccounts a main account may have. */
const MAX_SUBACCOUNTS = 1000;

const subaccountsOf = ({ domain, accountSid }: Scope): AccountRecord[] =>
  accountTable
    .in(domain)
    .all()
    .filter(({ sid, ownerSid }) => ownerSid === accountSid && sid !== accountSid);

/** The name that Twilio gives: `SubAccount Created at 2026-01-31 05:09 PM`. */
function defaultName(now: number): string {
  const [date = "", time = ""] = new Date(now).toISOString().split("T");
  const hour = Number(time.slice(0, 2));
  const clock = `${String(hour % 12 || 12).padStart(2, "0")}${time.slice(2, 5)}`;
  return `SubAccount Created at ${date} ${clock} ${hour < 12 ? "AM" : "PM"}`;
}

function createSubaccount(scope: Scope, params: Params): AccountRecord {
  const parent = accountTable.in(scope.domain).get(scope.accountSid);
  if (!parent || parent.ownerSid !== parent.sid) throw fail(21101);
  if (subaccountsOf(scope).filter(({ status }) => status !== "closed").length >= MAX_SUBACCOUNTS) throw fail(21480);
  const friendlyName = params.text("FriendlyName") || defaultName(scope.domain.now());
  return openAccount(scope, { friendlyName: checkLength(friendlyName, 64, 20002), ownerSid: scope.accountSid });
}

/** Paths below an account: the caller's own, or one of its subaccounts. */
export const inAccount = nestedPrefix(root2010, "/Accounts/{AccountSid}", (call): Call => {
  const accountSid = call.part("AccountSid");
  const account = accountTable.in(call.scope.domain).get(accountSid);
  const isOwn = accountSid === call.actorSid;
  // Twilio does not tell whether there is such an account.
  if (!account || (!isOwn && account.ownerSid !== call.actorSid)) throw fail(20003);
  // A parent's API keys reach no subaccount.
  if (!isOwn && call.signedInBy === "key") throw fail(20003);
  if (account.status === "closed") throw fail(20005);
  return { ...call, scope: { ...call.scope, accountSid } };
});

export function fetchAccount(scope: Scope, sid: string): AccountRecord {
  const account = accountTable.in(scope.domain).get(sid);
  if (account?.sid !== scope.accountSid && account?.ownerSid !== scope.accountSid) throw new NotFound();
  return account;
}

function listAccounts(scope: Scope, params: Params): AccountRecord[] {
  const friendlyName = params.text("FriendlyName");
  const status = params.word("Status", ["active", "suspended", "closed"]);
  return accountTable
    .in(scope.domain)
    .all()
    .filter((account) => account.sid === scope.accountSid || account.ownerSid === scope.accountSid)
    .filter((account) => (friendlyName === undefined || account.friendlyName === friendlyName) && (!status || account.status === status));
}

/** The status that a request asks for. Twilio's words are in lower case. */
function statusIn(params: Params): AccountRecord["status"] | undefined {
  const status = params.text("Status");
  if (status === undefined || status === "active" || status === "suspended" || status === "closed") return status;
  throw fail(21475, { status: status.slice(0, 50) });
}

function updateAccount(scope: Scope, account: AccountRecord, params: Params): AccountRecord {
  const status = statusIn(params);
  const friendlyName = params.text("FriendlyName");
  if (friendlyName !== undefined) checkLength(friendlyName, 64, 20002);
  const isChanged = status !== undefined && status !== account.status;
  // A closed account stays closed, and no account can lock itself out.
  if (isChanged && account.sid === scope.accountSid) throw fail(21477);
  if (isChanged && account.status === "closed") throw fail(21479, { sid: account.sid });
  const changed = accountTable.update(scope, account, given<AccountRecord>({ friendlyName, status }));
  // As if it were deleted: what it has goes, and only its row stays.
  if (isChanged && status === "closed") scope.domain.removeReferences({ ...scope, accountSid: account.sid }, accountTable, account);
  return changed;
}

/** What is left of the emulator's money, which nothing spends. */
const BALANCE = "100.00";

const SUBRESOURCES: Record<string, string> = {
  addresses: "Addresses",
  applications: "Applications",
  available_phone_numbers: "AvailablePhoneNumbers",
  incoming_phone_numbers: "IncomingPhoneNumbers",
  keys: "Keys",
  messages: "Messages",
  notifications: "Notifications",
  outgoing_caller_ids: "OutgoingCallerIds",
  short_codes: "SMS/ShortCodes",
  signing_keys: "SigningKeys",
};

function accountBody(account: AccountRecord, { signedInBy }: Pick<Call, "signedInBy">) {
  const path = `/2010-04-01/Accounts/${account.sid}`;
  // Only a main account has a balance.
  const names = account.sid === account.ownerSid ? { ...SUBRESOURCES, balance: "Balance" } : SUBRESOURCES;
  return {
    sid: account.sid,
    owner_account_sid: account.ownerSid,
    friendly_name: account.friendlyName,
    // No API key gets it.
    auth_token: signedInBy === "auth token" ? account.authToken : null,
    status: account.status,
    type: "Full",
    date_created: rfc2822Date(account.dateCreated),
    date_updated: rfc2822Date(account.dateUpdated),
    uri: `${path}.json`,
    subresource_uris: Object.fromEntries(Object.entries(names).map(([key, name]) => [key, `${path}/${name}.json`])),
  };
}

/** Subaccounts spend their parent's money and have no balance of their own. */
function fetchBalance({ scope }: Call) {
  const account = fetchAccount(scope, scope.accountSid);
  if (account.sid !== account.ownerSid) throw new NotFound();
  return ok({ account_sid: account.sid, balance: BALANCE, currency: "USD" });
}

export const accountEndpoints: Endpoints = {
  tables: [accountTable],
  routes: {
    api: [
      ...crudRoutes(root2010, {
        path: "/Accounts",
        id: "AccountSid",
        key: "accounts",
        list: ({ scope, params }) => listAccounts(scope, params),
        body: accountBody,
        create: ({ scope, params }) => createSubaccount(scope, params),
        fetch: ({ scope }, sid) => fetchAccount(scope, sid),
        update: (account, { scope, params }) => updateAccount(scope, account, params),
      }),
      ...inAccount.route("GET", "/Balance.json", fetchBalance),
    ],
  },
};
