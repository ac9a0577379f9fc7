/** Accounts (AC): the main one and its subaccounts, each with data and an auth token of its own. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { invalidParameter, NotFound } from "../errors";
import { crudRoutes, nestedScope, scope2010 } from "../http/crud";
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
  at: Scope,
  { sid, authToken, friendlyName, ownerSid }: { sid?: string; authToken?: string; friendlyName: string; ownerSid: string },
): AccountRecord {
  const base = at.domain.base("", "AC");
  const accountSid = sid ?? base.sid;
  return accountTable.insert(
    { ...at, accountSid },
    {
      ...base,
      sid: accountSid,
      accountSid,
      friendlyName,
      authToken: authToken ?? hex32(at.domain.credentials.seed, "auth-token", accountSid),
      ownerSid,
      status: "active",
    },
  );
}

export function createSubaccount(at: Scope, params: Params): AccountRecord {
  const parent = accountTable.in(at.domain).get(at.accountSid);
  if (!parent || parent.ownerSid !== parent.sid) throw invalidParameter("AccountSid", at.accountSid);
  const friendlyName = params.text("FriendlyName") || `SubAccount Created at ${rfc2822Date(at.domain.now())}`;
  return openAccount(at, { friendlyName: checkLength(friendlyName, 64, 20002), ownerSid: at.accountSid });
}

/** Paths below an account: the caller's own, or one of its subaccounts. */
export const inAccount = nestedScope(scope2010, "/Accounts/{AccountSid}", (call): Call => {
  const accountSid = call.part("AccountSid");
  const account = accountTable.in(call.at.domain).get(accountSid);
  if (!account || (accountSid !== call.actorSid && account.ownerSid !== call.actorSid)) throw new NotFound();
  return { ...call, at: { ...call.at, accountSid } };
});

export function fetchAccount(at: Scope, sid: string): AccountRecord {
  const account = accountTable.in(at.domain).get(sid);
  if (account?.sid !== at.accountSid && account?.ownerSid !== at.accountSid) throw new NotFound();
  return account;
}

export function listAccounts(at: Scope, params: Params): AccountRecord[] {
  const friendlyName = params.text("FriendlyName");
  const status = params.word("Status", ["active", "suspended", "closed"]);
  return accountTable
    .in(at.domain)
    .all()
    .filter((account) => account.sid === at.accountSid || account.ownerSid === at.accountSid)
    .filter((account) => (friendlyName === undefined || account.friendlyName === friendlyName) && (!status || account.status === status));
}

export function updateAccount(at: Scope, account: AccountRecord, params: Params): AccountRecord {
  const status = params.word("Status", ["active", "suspended", "closed"]);
  const isMain = account.ownerSid === account.sid;
  // A closed account stays closed; the main account cannot lock itself out.
  if (status && status !== account.status && (isMain || account.status === "closed")) throw invalidParameter("Status", status);
  const friendlyName = params.text("FriendlyName");
  if (friendlyName !== undefined) checkLength(friendlyName, 64, 20002);
  return accountTable.update(at, account, given<AccountRecord>({ friendlyName, status }));
}

const SUBRESOURCES: Record<string, string> = {
  available_phone_numbers: "AvailablePhoneNumbers",
  incoming_phone_numbers: "IncomingPhoneNumbers",
  keys: "Keys",
  messages: "Messages",
};

export function accountBody(account: AccountRecord) {
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
    api: crudRoutes(scope2010, {
      path: "/Accounts",
      id: "AccountSid",
      key: "accounts",
      list: ({ at, params }) => listAccounts(at, params),
      body: accountBody,
      create: ({ at, params }) => createSubaccount(at, params),
      fetch: ({ at }, sid) => fetchAccount(at, sid),
      update: (account, { at, params }) => updateAccount(at, account, params),
    }),
  },
};
