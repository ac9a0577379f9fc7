/**
 * Alphanumeric sender IDs (AI) of messaging services: one for all countries, and others for single countries. They exist only in their service.
 * `/AlphaSenders` has those for all countries, `/DestinationAlphaSenders` has all.
 */
import { isoDate } from "../dates";
import { type Base, defineTable } from "../domain";
import { fail, invalidParameter, NotFound } from "../errors";
import { crudRoutes } from "../http/crud";
import type { Params } from "../http/params";
import type { Endpoints } from "./endpoints";
import { inMessagingService, MESSAGING_HOST, type MessagingServiceCall } from "./messaging-service";

interface AlphaSenderRecord extends Base {
  messagingServiceSid: string;
  alphaSender: string;
  /** Empty for all countries. */
  isoCountry: string;
}

/** At most 11 characters, not only digits. */
export const ALPHA_SENDER = /^(?!\d+$)[A-Za-z0-9 +_&-]{1,11}$/;

export const alphaSenderTable = defineTable<AlphaSenderRecord>()({
  name: "alphaSenders",
  sidPrefix: "AI",
  indexes: { messagingService: (sender) => sender.messagingServiceSid },
  references: { messagingServices: { by: "messagingService", onDelete: "cascade" } },
});

const allOf = ({ scope, service }: MessagingServiceCall) => alphaSenderTable.in(scope.domain).by.messagingService(service.sid);
const isForAll = ({ isoCountry }: AlphaSenderRecord) => isoCountry === "";

function addAlphaSender(call: MessagingServiceCall, isoCountry: string): AlphaSenderRecord {
  const alphaSender = call.params.text("AlphaSender");
  if (!alphaSender) throw fail(21708);
  if (!ALPHA_SENDER.test(alphaSender)) throw fail(21709);
  if (allOf(call).some((other) => other.alphaSender === alphaSender && other.isoCountry === isoCountry)) throw fail(21710);
  return alphaSenderTable.insert(call.scope, { messagingServiceSid: call.service.sid, alphaSender, isoCountry });
}

function readCountry(params: Params): string {
  const country = params.text("IsoCountryCode") ?? "";
  if (!/^([A-Z]{2})?$/.test(country)) throw invalidParameter("IsoCountryCode", country);
  return country;
}

function fetchAlphaSender(call: MessagingServiceCall, sid: string): AlphaSenderRecord {
  const found = allOf(call).find((sender) => sender.sid === sid);
  if (!found) throw new NotFound();
  return found;
}

const bodyIn = (collection: string, sender: AlphaSenderRecord) => ({
  sid: sender.sid,
  account_sid: sender.accountSid,
  service_sid: sender.messagingServiceSid,
  alpha_sender: sender.alphaSender,
  capabilities: ["SMS"],
  date_created: isoDate(sender.dateCreated),
  date_updated: isoDate(sender.dateUpdated),
  url: `${MESSAGING_HOST}/v1/Services/${sender.messagingServiceSid}/${collection}/${sender.sid}`,
});

export const alphaSenderEndpoints: Endpoints = {
  tables: [alphaSenderTable],
  routes: {
    messaging: [
      ...crudRoutes(inMessagingService, {
        path: "/AlphaSenders",
        id: "AlphaSenderSid",
        key: "alpha_senders",
        list: (call) => allOf(call).filter(isForAll),
        body: (sender) => bodyIn("AlphaSenders", sender),
        create: (call) => addAlphaSender(call, ""),
        fetch(call, sid) {
          const sender = fetchAlphaSender(call, sid);
          if (!isForAll(sender)) throw new NotFound();
          return sender;
        },
        remove: (sender, { scope }) => alphaSenderTable.remove(scope, sender),
      }),
      ...crudRoutes(inMessagingService, {
        path: "/DestinationAlphaSenders",
        id: "AlphaSenderSid",
        key: "alpha_senders",
        list(call) {
          const country = readCountry(call.params);
          return allOf(call).filter(({ isoCountry }) => country === "" || isoCountry === country);
        },
        body: (sender) => ({ ...bodyIn("DestinationAlphaSenders", sender), iso_country_code: sender.isoCountry }),
        create: (call) => addAlphaSender(call, readCountry(call.params)),
        fetch: fetchAlphaSender,
        remove: (sender, { scope }) => alphaSenderTable.remove(scope, sender),
      }),
    ],
  },
};
