/** Accounts (AC): the main one and its subaccounts, each with data and an auth token of its own. */
import { rfc2822Date } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { given, type Params } from "../http/params";
import { hex32 } from "../sid";
import { changed, checkLength, invalid } from "./checks";
import { addConfiguration } from "./configuration";

export interface AccountRecord extends Base {
  friendlyName: string;
  authToken: string;
  /** Its own SID for the main account. */
  ownerSid: string;
  status: "active" | "suspended" | "closed";
}

/** Makes an account with what every account has from the start: its configuration and the defaults in it. */
export function openAccount(
  at: Scope,
  { sid, authToken, friendlyName, ownerSid }: { sid?: string; authToken?: string; friendlyName: string; ownerSid: string },
): AccountRecord {
  const base = at.domain.base("", "AC");
  const accountSid = sid ?? base.sid;
  const account = at.domain.accounts.put({
    ...base,
    sid: accountSid,
    accountSid,
    friendlyName,
    authToken: authToken ?? hex32(at.domain.credentials.seed, "auth-token", accountSid),
    ownerSid,
    status: "active",
  });
  addConfiguration({ ...at, accountSid });
  return account;
}

export function createSubaccount(at: Scope, params: Params): AccountRecord {
  const parent = at.domain.accounts.get(at.accountSid);
  if (!parent || parent.ownerSid !== parent.sid) throw invalid("AccountSid", at.accountSid);
  const friendlyName = params.text("FriendlyName") || `SubAccount Created at ${rfc2822Date(at.domain.now())}`;
  return openAccount(at, { friendlyName: checkLength(friendlyName, 64, 20002), ownerSid: at.accountSid });
}

/** Whether the holder of one account may act on the other: its own, or a subaccount of it. */
export function mayActOn(actor: AccountRecord, target: AccountRecord | undefined): target is AccountRecord {
  return target !== undefined && (target.sid === actor.sid || target.ownerSid === actor.sid);
}

export function fetchAccount(at: Scope, sid: string): AccountRecord {
  const account = at.domain.accounts.get(sid);
  if (account?.sid !== at.accountSid && account?.ownerSid !== at.accountSid) throw new NotFound();
  return account;
}

export function listAccounts(at: Scope, params: Params): AccountRecord[] {
  const friendlyName = params.text("FriendlyName");
  const status = params.word("Status", ["active", "suspended", "closed"]);
  return at.domain.accounts
    .all()
    .filter((account) => account.sid === at.accountSid || account.ownerSid === at.accountSid)
    .filter((account) => (friendlyName === undefined || account.friendlyName === friendlyName) && (!status || account.status === status));
}

export function updateAccount(at: Scope, account: AccountRecord, params: Params): AccountRecord {
  const status = params.word("Status", ["active", "suspended", "closed"]);
  const isMain = account.ownerSid === account.sid;
  // A closed account stays closed; the main account cannot lock itself out.
  if (status && status !== account.status && (isMain || account.status === "closed")) throw invalid("Status", status);
  const friendlyName = params.text("FriendlyName");
  if (friendlyName !== undefined) checkLength(friendlyName, 64, 20002);
  return at.domain.accounts.put(changed(account, given<AccountRecord>({ friendlyName, status }), at.domain.now()));
}

/** The account whose credentials these are: account SID and auth token, or API key and secret. */
export function authenticate(at: Pick<Scope, "domain">, user: string, password: string): AccountRecord {
  const key = at.domain.keys.get(user);
  const account = at.domain.accounts.get(key ? key.accountSid : user);
  if (!account || (key ? key.secret : account.authToken) !== password) throw fail(20003);
  if (account.status !== "active") throw fail(20005);
  return account;
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
