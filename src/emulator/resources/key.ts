/**
 * API keys (SK): a second way to authenticate. Only the response to the creation shows the secret. The same keys are under
 * three paths: Keys and SigningKeys of the 2010 API, and Keys of IAM v1, which alone creates restricted keys.
 */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { crudRoutes, v1Root } from "../http/crud";
import type { Order } from "../http/paging";
import { given, type Params } from "../http/params";
import { type Call, created, noContent, ok } from "../http/router";
import { hex32, isSid } from "../sid";
import { type AccountRecord, accountTable, inAccount } from "./account";
import { checkLength, checkSid } from "./checks";
import type { Endpoints } from "./endpoints";
import { readPolicy } from "./key-policy";

export interface KeyRecord extends Base {
  friendlyName: string;
  secret: string;
  /** The permissions of a restricted key. */
  allow?: string[];
}

export const keyTable = defineTable<KeyRecord>()({
  name: "keys",
  sidPrefix: "SK",
  indexes: { account: (key) => key.accountSid },
  references: { accounts: { by: "account", onDelete: "cascade" } },
});

export function addKey(
  scope: Scope,
  { sid, secret, friendlyName = "", allow }: { sid?: string; secret?: string; friendlyName?: string; allow?: string[] | undefined },
): KeyRecord {
  const base = scope.domain.base(scope.accountSid, "SK");
  return keyTable.insert(scope, {
    ...base,
    sid: sid ?? base.sid,
    friendlyName: checkLength(friendlyName, 64, 70001),
    secret: secret ?? hex32(scope.domain.credentials.seed, "api-secret", base.sid),
    ...(allow ? { allow } : {}),
  });
}

/** The account of these credentials: account SID and auth token, or API key and secret. */
export function authenticate(scope: Pick<Scope, "domain">, user: string, password: string): AccountRecord {
  const key = keyTable.in(scope.domain).get(user);
  const account = accountTable.in(scope.domain).get(key ? key.accountSid : user);
  if (!account || (key ? key.secret : account.authToken) !== password) throw fail(20003);
  if (account.status !== "active") throw fail(20005);
  return account;
}

/** Whether a key may also manage accounts and keys: the emulator's own key is a main key, of which the API creates none. */
export const isMainKey = ({ domain }: Pick<Scope, "domain">, { sid }: KeyRecord): boolean => sid === domain.credentials.apiKey;

function fetchKey(scope: Scope, sid: string): KeyRecord {
  if (!isSid("SK", sid)) throw fail(70002, { what: "Invalid Sid provided in the request" });
  return keyTable.fetch(scope, sid);
}

function updateKey(scope: Scope, key: KeyRecord, params: Params, policy?: string): KeyRecord {
  const friendlyName = params.text("FriendlyName");
  if (friendlyName !== undefined) checkLength(friendlyName, 64, 70001);
  // The type of a key is fixed.
  if (policy !== undefined && !key.allow) throw fail(70001);
  return keyTable.update(scope, key, given<KeyRecord>({ friendlyName, allow: policy === undefined ? undefined : readPolicy(policy) }));
}

function keyBody({ sid, friendlyName, dateCreated, dateUpdated }: KeyRecord) {
  return {
    sid,
    friendly_name: friendlyName === "" ? null : friendlyName,
    date_created: rfc2822Date(dateCreated),
    date_updated: rfc2822Date(dateUpdated),
  };
}

const policyBody = (key: KeyRecord) => ({ ...keyBody(key), policy: key.allow ? { allow: key.allow } : null });

/** One of the two paths of the 2010 API. A key type and a policy sent there are ignored. */
const routes2010 = (path: string, key: string) => [
  ...crudRoutes(inAccount, {
    path,
    id: "KeySid",
    key,
    list: ({ scope }) => keyTable.in(scope.domain).by.account(scope.accountSid),
    body: keyBody,
    fetch: ({ scope }, sid) => fetchKey(scope, sid),
    update: (record, { scope, params }) => updateKey(scope, record, params),
    remove: (record, { scope }) => keyTable.remove(scope, record),
  }),
  ...inAccount.route("POST", `${path}.json`, ({ scope, params }) => {
    const record = addKey(scope, { friendlyName: params.text("FriendlyName") ?? "" });
    return created({ ...keyBody(record), secret: record.secret });
  }),
];

const iam = v1Root("https://iam.twilio.com");

/** The account that a request names must be the caller's own. */
function verifyAccount({ params, scope }: Call): void {
  const accountSid = params.text("AccountSid");
  if (!accountSid) throw fail(20001, { what: "AccountSid is required" });
  if (checkSid("AC", accountSid, "AccountSid") !== scope.accountSid) throw new NotFound();
}

function createKey({ scope, params }: Call): KeyRecord {
  const type = params.text("KeyType");
  if (type !== undefined && type !== "restricted" && type !== "standard") throw fail(70001);
  const friendlyName = params.text("FriendlyName") ?? "";
  return addKey(scope, { friendlyName, allow: type === "restricted" ? readPolicy(params.text("Policy") ?? "") : undefined });
}

/** Sorts by date of the last update, latest first. */
const latestUpdateFirst: Order = (a, b) => ((b as KeyRecord).dateUpdated ?? 0) - ((a as KeyRecord).dateUpdated ?? 0) || b.seq - a.seq;

/** A list has flags and no policy. */
function listedBody(scope: Scope, key: KeyRecord) {
  const rights = isMainKey(scope, key) ? ["manage_accounts", "manage_keys"] : [];
  return { ...keyBody(key), flags: ["rest_api", key.allow ? "restricted" : "signing", ...rights] };
}

const iamRoutes = [
  ...iam.route("GET", "/Keys", (call) => {
    verifyAccount(call);
    const rows = keyTable.in(call.scope.domain).by.account(call.scope.accountSid);
    return iam.list(call, { key: "keys", rows, body: (key) => listedBody(call.scope, key), order: latestUpdateFirst });
  }),
  ...iam.route("POST", "/Keys", (call) => {
    verifyAccount(call);
    const record = createKey(call);
    return created({ ...policyBody(record), secret: record.secret });
  }),
  ...iam.route("GET", "/Keys/{Sid}", ({ scope, part }) => ok(policyBody(fetchKey(scope, part("Sid"))))),
  ...iam.route("POST", "/Keys/{Sid}", ({ scope, params, part }) =>
    ok(policyBody(updateKey(scope, fetchKey(scope, part("Sid")), params, params.text("Policy")))),
  ),
  ...iam.route("DELETE", "/Keys/{Sid}", ({ scope, part }) => {
    keyTable.remove(scope, fetchKey(scope, part("Sid")));
    return noContent();
  }),
];

export const keyEndpoints: Endpoints = {
  tables: [keyTable],
  routes: { api: [...routes2010("/Keys", "keys"), ...routes2010("/SigningKeys", "signing_keys")], iam: iamRoutes },
};
