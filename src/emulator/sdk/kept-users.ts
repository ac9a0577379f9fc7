/**
 * Users with a connection of the SDK stay signed in when a snapshot is restored: one whom it does not have is created again with the same SID, because the
 * SDK reads its own user only when it starts.
 */
import type { Domain } from "../domain";
import { roleTable } from "../resources/role";
import { serviceTable } from "../resources/service";
import { findUser, type UserRecord, userTable } from "../resources/user";

/** The users who are signed in now. */
export function signedInUsers(domain: Domain): UserRecord[] {
  return domain.presence.online().flatMap((sid) => userTable.in(domain).get(sid) ?? []);
}

/** Creates the users who are missing, if their service exists. Call it in the transaction that restores the rows. */
export function keepUsers(domain: Domain, users: readonly UserRecord[]): void {
  for (const user of users) {
    const service = serviceTable.in(domain).get(user.serviceSid);
    const isTaken = userTable.in(domain).get(user.sid) ?? findUser(domain.scope(user.accountSid), user.serviceSid, user.identity);
    if (!service || isTaken) continue;
    const roleSid = roleTable.in(domain).get(user.roleSid) ? user.roleSid : service.serviceRoleSid;
    userTable.in(domain).put({ ...user, roleSid });
    // So that nobody else gets this SID.
    domain.set("serial", Math.max(domain.setting("serial"), user.seq));
  }
}
