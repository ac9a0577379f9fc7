/**
 * Channel senders (XE) of messaging services, such as an RCS agent. Their registration is outside of the emulator, so the main account has two
 * samples. A number of the account sends by WhatsApp without a registration here.
 */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, invalidParameter, NotFound } from "../errors";
import { crudRoutes } from "../http/crud";
import { v1List } from "../http/paging";
import { type Call, ok, type Reply, route } from "../http/router";
import { makeSid } from "../sid";
import type { Row } from "../store";
import type { AccountRecord } from "./account";
import type { Endpoints } from "./endpoints";
import { inMessagingService, MESSAGING_HOST, type MessagingServiceCall } from "./messaging-service";

interface ChannelSenderRecord extends Base {
  sender: string;
  messagingServiceSid: string | null;
  dateJoined: number;
}

export const channelSenderTable = defineTable<ChannelSenderRecord>()({
  name: "channelSenders",
  sidPrefix: "XE",
  indexes: { account: (sender) => sender.accountSid, messagingService: (sender) => sender.messagingServiceSid ?? undefined },
  references: { accounts: { onCreate: addSamples }, messagingServices: { by: "messagingService", onDelete: removeFromService } },
});

const SAMPLES = ["rcs:sample_agent", "rcs:another_agent"];

/** Their SIDs are fixed, so that they change no other SID. */
function addSamples(scope: Scope, created: Row): void {
  const { sid: accountSid, ownerSid } = created as AccountRecord;
  if (accountSid !== ownerSid) return;
  const now = scope.domain.now();
  SAMPLES.forEach((sender, seq) => {
    const sid = makeSid(scope.domain.credentials.seed, "XE", seq);
    const base = { sid, seq, accountSid, dateCreated: now, dateUpdated: now };
    channelSenderTable.insert(scope, { ...base, sender, messagingServiceSid: null, dateJoined: 0 });
  });
}

function removeFromService(scope: Scope, sender: ChannelSenderRecord): void {
  channelSenderTable.in(scope.domain).put({ ...sender, messagingServiceSid: null });
}

function addChannelSender({ scope, service, params }: MessagingServiceCall): ChannelSenderRecord {
  const sid = params.text("Sid") ?? "";
  const sender = channelSenderTable.in(scope.domain).get(sid);
  if (sender?.accountSid !== scope.accountSid) throw invalidParameter("Sid", sid);
  if (sender.messagingServiceSid === service.sid) throw fail(21710);
  if (sender.messagingServiceSid !== null) throw fail(21712);
  return channelSenderTable.in(scope.domain).put({ ...sender, messagingServiceSid: service.sid, dateJoined: scope.domain.now() });
}

function fetchChannelSender({ scope, service }: MessagingServiceCall, sid: string): ChannelSenderRecord {
  const sender = channelSenderTable.in(scope.domain).get(sid);
  if (sender?.messagingServiceSid !== service.sid) throw new NotFound();
  return sender;
}

/** The senders that are registered with a channel, whether or not a service has them. */
function listRegistered(call: Call): Reply {
  const { scope, params } = call;
  const isOfChannel = ({ accountSid, sender }: ChannelSenderRecord) =>
    accountSid === scope.accountSid && sender.startsWith(`${params.text("Channel")}:`);
  return v1List(call, MESSAGING_HOST, {
    key: "senders",
    rows: channelSenderTable.in(scope.domain).all().filter(isOfChannel),
    body: registeredBody,
  });
}

function fetchRegistered({ scope, part }: Call): Reply {
  return ok(registeredBody(channelSenderTable.fetch(scope, part("Sid"))));
}

const registeredBody = ({ sid, sender }: ChannelSenderRecord) => ({
  sid,
  status: "ONLINE",
  sender_id: sender,
  friendly_name: null,
  configuration: null,
  webhook: null,
  profile: null,
  properties: null,
  offline_reasons: null,
  compliance: null,
  url: `${MESSAGING_HOST}/v2/Channels/Senders/${sid}`,
});

const channelSenderBody = (sender: ChannelSenderRecord) => ({
  sid: sender.sid,
  account_sid: sender.accountSid,
  messaging_service_sid: sender.messagingServiceSid,
  sender: sender.sender,
  sender_type: "RCS",
  country_code: "US",
  date_created: isoDate(sender.dateJoined),
  date_updated: isoDate(sender.dateJoined),
  url: `${MESSAGING_HOST}/v1/Services/${sender.messagingServiceSid}/ChannelSenders/${sender.sid}`,
});

export const channelSenderEndpoints: Endpoints = {
  tables: [channelSenderTable],
  routes: {
    messaging: [
      ...crudRoutes(inMessagingService, {
        path: "/ChannelSenders",
        id: "ChannelSenderSid",
        key: "senders",
        list: ({ scope, service }) => channelSenderTable.in(scope.domain).by.messagingService(service.sid),
        body: channelSenderBody,
        create: addChannelSender,
        fetch: fetchChannelSender,
        remove: (sender, { scope }) => removeFromService(scope, sender),
      }),
      route("GET", "/v2/Channels/Senders", listRegistered),
      route("GET", "/v2/Channels/Senders/{Sid}", fetchRegistered),
    ],
  },
};
