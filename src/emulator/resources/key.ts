/** API keys (SK): a second way to authenticate. Only the response to the creation shows the secret. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import { created } from "../http/router";
import { hex32 } from "../sid";
import { type AccountRecord, accountTable, inAccount } from "./account";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

export interface KeyRecord extends Base {
  friendlyName: string;
  secret: string;
}

export const keyTable = defineTable<KeyRecord>()({
  name: "keys",
  sidPrefix: "SK",
  indexes: { account: (key) => key.accountSid },
});

export function addKey(
  scope: Scope,
  { sid, secret, friendlyName = "" }: { sid?: string; secret?: string; friendlyName?: string },
): KeyRecord {
  const base = scope.domain.base(scope.accountSid, "SK");
  return keyTable.insert(scope, {
    ...base,
    sid: sid ?? base.sid,
    friendlyName: checkLength(friendlyName, 64, 20002),
    secret: secret ?? hex32(scope.domain.credentials.seed, "api-secret", base.sid),
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

function updateKey(scope: Scope, key: KeyRecord, params: Params): KeyRecord {
  const friendlyName = params.text("FriendlyName");
  if (friendlyName !== undefined) checkLength(friendlyName, 64, 20002);
  return keyTable.update(scope, key, given<KeyRecord>({ friendlyName }));
}

function keyBody(key: KeyRecord) {
  return {
    sid: key.sid,
    friendly_name: key.friendlyName,
    date_created: rfc2822Date(key.dateCreated),
    date_updated: rfc2822Date(key.dateUpdated),
  };
}

export const keyEndpoints: Endpoints = {
  tables: [keyTable],
  routes: {
    api: [
      ...crudRoutes(inAccount, {
        path: "/Keys",
        id: "KeySid",
        key: "keys",
        list: ({ scope }) => keyTable.in(scope.domain).by.account(scope.accountSid),
        body: keyBody,
        fetch: ({ scope }, sid) => keyTable.fetch(scope, sid),
        update: (key, { scope, params }) => updateKey(scope, key, params),
        remove: (key, { scope }) => keyTable.remove(scope, key),
      }),
      ...inAccount.route("POST", "/Keys.json", ({ scope, params }) => {
        const key = addKey(scope, { friendlyName: params.text("FriendlyName") ?? "" });
        return created({ ...keyBody(key), secret: key.secret });
      }),
    ],
  },
};
