/** Accounts (AC): the main one and its subaccounts, each with data and an auth token of its own. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { invalidParameter, NotFound } from "../errors";
import { crudRoutes, nestedPrefix, root2010 } from "../http/crud";
import { given, type Params } from "../http/params";
import type { Call } from "../http/router";
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

function createSubaccount(scope: Scope, params: Params): AccountRecord {
  const parent = accountTable.in(scope.domain).get(scope.accountSid);
  if (!parent || parent.ownerSid !== parent.sid) throw invalidParameter("AccountSid", scope.accountSid);
  const friendlyName = params.text("FriendlyName") || `SubAccount Created at ${rfc2822Date(scope.domain.now())}`;
  return openAccount(scope, { friendlyName: checkLength(friendlyName, 64, 20002), ownerSid: scope.accountSid });
}

/** Paths below an account: the caller's own, or one of its subaccounts. */
export const inAccount = nestedPrefix(root2010, "/Accounts/{AccountSid}", (call): Call => {
  const accountSid = call.part("AccountSid");
  const account = accountTable.in(call.scope.domain).get(accountSid);
  if (!account || (accountSid !== call.actorSid && account.ownerSid !== call.actorSid)) throw new NotFound();
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

function updateAccount(scope: Scope, account: AccountRecord, params: Params): AccountRecord {
  const status = params.word("Status", ["active", "suspended", "closed"]);
  const isMain = account.ownerSid === account.sid;
  // A closed account stays closed; the main account cannot lock itself out.
  if (status && status !== account.status && (isMain || account.status === "closed")) throw invalidParameter("Status", status);
  const friendlyName = params.text("FriendlyName");
  if (friendlyName !== undefined) checkLength(friendlyName, 64, 20002);
  return accountTable.update(scope, account, given<AccountRecord>({ friendlyName, status }));
}

const SUBRESOURCES: Record<string, string> = {
  applications: "Applications",
  available_phone_numbers: "AvailablePhoneNumbers",
  incoming_phone_numbers: "IncomingPhoneNumbers",
  keys: "Keys",
  messages: "Messages",
  signing_keys: "SigningKeys",
};

function accountBody(account: AccountRecord) {
  const path = `/2010-04-01/Accounts/${account.sid}`;
  return {
    sid: account.sid,
    owner_account_sid: account.ownerSid,
    friendly_name: account.friendlyName,
    auth_token: account.authToken,
    status: account.status,
    type: "Full",
    date_created: rfc2822Date(account.dateCreated),
    date_updated: rfc2822Date(account.dateUpdated),
    uri: `${path}.json`,
    subresource_uris: Object.fromEntries(Object.entries(SUBRESOURCES).map(([key, name]) => [key, `${path}/${name}.json`])),
  };
}

export const accountEndpoints: Endpoints = {
  tables: [accountTable],
  routes: {
    api: crudRoutes(root2010, {
      path: "/Accounts",
      id: "AccountSid",
      key: "accounts",
      list: ({ scope, params }) => listAccounts(scope, params),
      body: accountBody,
      create: ({ scope, params }) => createSubaccount(scope, params),
      fetch: ({ scope }, sid) => fetchAccount(scope, sid),
      update: (account, { scope, params }) => updateAccount(scope, account, params),
    }),
  },
};
