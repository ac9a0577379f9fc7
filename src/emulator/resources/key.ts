/** API keys (SK): a second way to authenticate; only creating one shows its secret. */
import { rfc2822Date } from "../dates";
import type { Base, Scope } from "../domain";
import { given } from "../http/params";
import { hex32 } from "../sid";
import { changed, checkLength, owned } from "./checks";

export interface KeyRecord extends Base {
  friendlyName: string;
  secret: string;
}

export function addKey(at: Scope, { sid, secret, friendlyName = "" }: { sid?: string; secret?: string; friendlyName?: string }): KeyRecord {
  const base = at.domain.base(at.accountSid, "SK");
  return at.domain.keys.put({
    ...base,
    sid: sid ?? base.sid,
    friendlyName: checkLength(friendlyName, 64, 20002),
    secret: secret ?? hex32(at.domain.credentials.seed, "api-secret", base.sid),
  });
}

export function fetchKey(at: Scope, sid: string): KeyRecord {
  return owned(at.accountSid, at.domain.keys.get(sid));
}

export function updateKey(at: Scope, key: KeyRecord, friendlyName: string | undefined): KeyRecord {
  if (friendlyName !== undefined) checkLength(friendlyName, 64, 20002);
  return at.domain.keys.put(changed(key, given<KeyRecord>({ friendlyName }), at.domain.now()));
}

export function keyBody(key: KeyRecord) {
  return {
    sid: key.sid,
    friendly_name: key.friendlyName,
    date_created: rfc2822Date(key.dateCreated),
    date_updated: rfc2822Date(key.dateUpdated),
  };
}
