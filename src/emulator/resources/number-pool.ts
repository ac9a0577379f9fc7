/** The numbers and short codes that a messaging service sends from. Each belongs to one service. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, invalidParameter, NotFound } from "../errors";
import { crudRoutes } from "../http/crud";
import type { Endpoints } from "./endpoints";
import { type IncomingNumberRecord, leaveMessagingService, numberTable } from "./incoming-number";
import { inMessagingService, MESSAGING_HOST, type MessagingServiceRecord } from "./messaging-service";
import { removeFromService, type ShortCodeRecord, shortCodeTable } from "./short-code";

/** How many numbers and short codes a service may have. */
const MAX_SENDERS = 400;

interface Pooled extends Base {
  messagingServiceSid: string | null;
  dateJoined: number;
}

/** Refuses what is in a service already, and what no longer fits. */
function checkJoins({ domain }: Scope, { sid }: MessagingServiceRecord, { messagingServiceSid }: Pooled): void {
  if (messagingServiceSid === sid) throw fail(21710);
  if (messagingServiceSid !== null) throw fail(21712);
  const count = numberTable.in(domain).by.messagingService(sid).length + shortCodeTable.in(domain).by.messagingService(sid).length;
  if (count >= MAX_SENDERS) throw fail(21714);
}

function addNumber(scope: Scope, service: MessagingServiceRecord, sid: string): IncomingNumberRecord {
  const number = numberTable.in(scope.domain).get(sid);
  if (number?.accountSid !== scope.accountSid) throw fail(21421, { number: sid.slice(0, 100) });
  checkJoins(scope, service, number);
  if (!number.capabilities.sms && !number.capabilities.mms) throw fail(21715);
  return numberTable.in(scope.domain).put({ ...number, messagingServiceSid: service.sid, dateJoined: scope.domain.now() });
}

function addShortCode(scope: Scope, service: MessagingServiceRecord, sid: string): ShortCodeRecord {
  const code = shortCodeTable.in(scope.domain).get(sid);
  if (code?.accountSid !== scope.accountSid) throw invalidParameter("ShortCodeSid", sid);
  checkJoins(scope, service, code);
  return shortCodeTable.in(scope.domain).put({ ...code, messagingServiceSid: service.sid, dateJoined: scope.domain.now() });
}

function inService<T extends Pooled>(found: T | undefined, { sid }: MessagingServiceRecord): T {
  if (found?.messagingServiceSid !== sid) throw new NotFound();
  return found;
}

const commonBody = ({ sid, accountSid, messagingServiceSid, dateJoined }: Pooled, collection: string) => ({
  sid,
  account_sid: accountSid,
  service_sid: messagingServiceSid,
  date_created: isoDate(dateJoined),
  date_updated: isoDate(dateJoined),
  url: `${MESSAGING_HOST}/v1/Services/${messagingServiceSid}/${collection}/${sid}`,
});

function numberBody(number: IncomingNumberRecord) {
  const { voice, sms, mms } = number.capabilities;
  return {
    ...commonBody(number, "PhoneNumbers"),
    phone_number: number.phoneNumber,
    country_code: number.isoCountry,
    capabilities: [...(mms ? ["MMS"] : []), ...(sms ? ["SMS"] : []), ...(voice ? ["Voice"] : [])],
  };
}

const shortCodeBody = (code: ShortCodeRecord) => ({
  ...commonBody(code, "ShortCodes"),
  short_code: code.shortCode,
  country_code: code.isoCountry,
  capabilities: ["MMS", "SMS"],
});

export const numberPoolEndpoints: Endpoints = {
  routes: {
    messaging: [
      ...crudRoutes(inMessagingService, {
        path: "/PhoneNumbers",
        id: "PhoneNumberSid",
        key: "phone_numbers",
        list: ({ scope, service }) => numberTable.in(scope.domain).by.messagingService(service.sid),
        body: numberBody,
        create: ({ scope, service, params }) => addNumber(scope, service, params.text("PhoneNumberSid") ?? ""),
        fetch: ({ scope, service }, sid) => inService(numberTable.in(scope.domain).get(sid), service),
        remove: (number, { scope }) => leaveMessagingService(scope, number),
      }),
      ...crudRoutes(inMessagingService, {
        path: "/ShortCodes",
        id: "ShortCodeSid",
        key: "short_codes",
        list: ({ scope, service }) => shortCodeTable.in(scope.domain).by.messagingService(service.sid),
        body: shortCodeBody,
        create: ({ scope, service, params }) => addShortCode(scope, service, params.text("ShortCodeSid") ?? ""),
        fetch: ({ scope, service }, sid) => inService(shortCodeTable.in(scope.domain).get(sid), service),
        remove: (code, { scope }) => removeFromService(scope, code),
      }),
    ],
  },
};
