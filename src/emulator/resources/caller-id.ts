/**
 * Outgoing caller IDs (PN): phones that the account may show when it calls. Twilio calls the phone and asks for the code of the response; the
 * emulator makes no calls and believes the phone at once.
 */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import { ok } from "../http/router";
import { hex32 } from "../sid";
import { inAccount } from "./account";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

interface CallerIdRecord extends Base {
  phoneNumber: string;
  friendlyName: string;
}

const callerIdTable = defineTable<CallerIdRecord>()({
  name: "callerIds",
  sidPrefix: "PN",
  indexes: { account: (callerId) => callerId.accountSid },
  references: { accounts: { by: "account", onDelete: "cascade" } },
});

function readName(params: Params): string | undefined {
  const name = params.text("FriendlyName");
  return name ? checkLength(name, 64, 20002) : undefined;
}

function listCallerIds(scope: Scope, params: Params): CallerIdRecord[] {
  const [phoneNumber, friendlyName] = [params.text("PhoneNumber"), params.text("FriendlyName")];
  const all = callerIdTable.in(scope.domain).by.account(scope.accountSid);
  return all.filter((one) => (!phoneNumber || one.phoneNumber === phoneNumber) && (!friendlyName || one.friendlyName === friendlyName));
}

/** Adds the phone, and returns the call that would verify it. */
function requestValidation(scope: Scope, params: Params) {
  const phoneNumber = params.text("PhoneNumber") ?? "";
  if (!/^\+[1-9]\d{6,14}$/.test(phoneNumber)) throw fail(21421, { number: phoneNumber.slice(0, 100) });
  const friendlyName = readName(params) ?? phoneNumber;
  // The call has these settings. The emulator makes no calls.
  params.integer("CallDelay");
  params.url("StatusCallback");
  params.word("StatusCallbackMethod", ["GET", "POST"]);
  const known = callerIdTable
    .in(scope.domain)
    .by.account(scope.accountSid)
    .find((one) => one.phoneNumber === phoneNumber);
  const { sid } = known ?? callerIdTable.insert(scope, { phoneNumber, friendlyName });
  const { seed } = scope.domain.credentials;
  const code = String(Number.parseInt(hex32(seed, "validation", sid).slice(0, 8), 16) % 1_000_000).padStart(6, "0");
  return {
    account_sid: scope.accountSid,
    call_sid: `CA${hex32(seed, "call", sid)}`,
    friendly_name: friendlyName,
    phone_number: phoneNumber,
    validation_code: code,
  };
}

const callerIdBody = ({ sid, accountSid, phoneNumber, friendlyName, dateCreated, dateUpdated }: CallerIdRecord) => ({
  sid,
  account_sid: accountSid,
  phone_number: phoneNumber,
  friendly_name: friendlyName,
  date_created: rfc2822Date(dateCreated),
  date_updated: rfc2822Date(dateUpdated),
  uri: `/2010-04-01/Accounts/${accountSid}/OutgoingCallerIds/${sid}.json`,
});

export const callerIdEndpoints: Endpoints = {
  tables: [callerIdTable],
  routes: {
    api: [
      ...crudRoutes(inAccount, {
        path: "/OutgoingCallerIds",
        id: "CallerIdSid",
        key: "outgoing_caller_ids",
        list: ({ scope, params }) => listCallerIds(scope, params),
        body: callerIdBody,
        fetch: ({ scope }, sid) => callerIdTable.fetch(scope, sid),
        update: (callerId, { scope, params }) =>
          callerIdTable.update(scope, callerId, given<CallerIdRecord>({ friendlyName: readName(params) })),
        remove: (callerId, { scope }) => callerIdTable.remove(scope, callerId),
      }),
      ...inAccount.route("POST", "/OutgoingCallerIds.json", ({ scope, params }) => ok(requestValidation(scope, params))),
    ],
  },
};
