/** Media (ME) of text messages in the 2010 API: what a message carried, until it is deleted. The content stays where it is. */
import { rfc2822Date } from "../dates";
import type { Scope } from "../domain";
import { NotFound } from "../errors";
import { crudRoutes, nestedPrefix } from "../http/crud";
import type { Params } from "../http/params";
import type { Call } from "../http/router";
import { makeSid } from "../sid";
import { inAccount } from "./account";
import type { Endpoints } from "./endpoints";
import { contentTypeOf } from "./inbound";
import { mediaTable } from "./media";
import { dayFilter, type SmsRecord, smsTable } from "./sms";

interface SmsMedia {
  sid: string;
  seq: number;
  url: string;
}

interface SmsCall extends Call {
  sms: SmsRecord;
}

/** Paths below a text message. */
export const inSms = nestedPrefix(
  inAccount,
  "/Messages/{MessageSid}",
  (call): SmsCall => ({ ...call, sms: smsTable.fetch(call.scope, call.part("MessageSid")) }),
);

/** The SIDs are those of the media of a conversation that received the message. */
function mediaOf({ sid, mediaUrls, removedMedia = [] }: SmsRecord): SmsMedia[] {
  const all = mediaUrls.map((url, seq) => ({ sid: makeSid(sid, "ME", seq), seq, url }));
  return all.filter((media) => !removedMedia.includes(media.sid));
}

/** All media of a message were created with it. */
function listMedia(sms: SmsRecord, params: Params): SmsMedia[] {
  return dayFilter(params, "DateCreated")(sms.dateCreated) ? mediaOf(sms) : [];
}

function fetchMedia(sms: SmsRecord, sid: string): SmsMedia {
  const found = mediaOf(sms).find((media) => media.sid === sid);
  if (!found) throw new NotFound();
  return found;
}

function removeMedia(scope: Scope, sms: SmsRecord, { sid }: SmsMedia): void {
  smsTable.update(scope, sms, { removedMedia: [...(sms.removedMedia ?? []), sid] });
}

/** Where the content is: in the media service if a conversation has it, else where the sender stored it. */
function locationOf(scope: Scope, { sid, url }: SmsMedia): string {
  const media = mediaTable.in(scope.domain);
  const stored = media.get(sid) ?? media.get(url.split("/").at(-1) ?? "");
  if (stored) return `/mcs.us1.twilio.com/v1/Services/${stored.serviceSid}/Media/${stored.sid}/Content`;
  // A phone may send any text, but a header needs a valid, encoded URL.
  if (!/^https?:/i.test(url) || !URL.canParse(url)) throw new NotFound();
  return new URL(url).href;
}

function mediaBody({ sid, url }: SmsMedia, sms: SmsRecord) {
  return {
    sid,
    account_sid: sms.accountSid,
    parent_sid: sms.sid,
    content_type: contentTypeOf(url),
    date_created: rfc2822Date(sms.dateCreated),
    date_updated: rfc2822Date(sms.dateCreated),
    uri: `/2010-04-01/Accounts/${sms.accountSid}/Messages/${sms.sid}/Media/${sid}.json`,
  };
}

export const smsMediaEndpoints: Endpoints = {
  routes: {
    api: [
      ...crudRoutes(inSms, {
        path: "/Media",
        id: "MediaSid",
        key: "media_list",
        list: ({ sms, params }) => listMedia(sms, params),
        body: (media, { sms }) => mediaBody(media, sms),
        fetch: ({ sms }, sid) => fetchMedia(sms, sid),
        remove: (media, { scope, sms }) => removeMedia(scope, sms, media),
      }),
      // Without the suffix, the path is that of the content.
      ...inSms.route("GET", "/Media/{MediaSid}", ({ scope, sms, part }) => ({
        status: 307,
        headers: { Location: locationOf(scope, fetchMedia(sms, part("MediaSid"))) },
      })),
    ],
  },
};
