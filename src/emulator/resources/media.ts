/** Media (ME): attachments of messages. Their content is in the media store of the emulator. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { isSid } from "../sid";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

/** An attachment as it appears in the body of a message. */
export interface Media {
  sid: string;
  content_type: string;
  filename: string;
  size: number;
}

export interface MediaRecord extends Base {
  serviceSid: string;
  contentType: string;
  filename: string;
  size: number;
  author: string | null;
  /** Where the content is if it is not in the emulator: what a phone sent stays where it was. */
  sourceUrl: string | null;
}

type MediaInput = Pick<MediaRecord, "serviceSid" | "contentType" | "filename" | "size"> & Partial<MediaRecord>;

declare module "../events" {
  interface DomainEvents {
    mediaRemoved: { sid: string };
  }
}

export const mediaTable = defineTable<MediaRecord>()({ name: "media", sidPrefix: "ME" });

/** The largest file that the API accepts. */
export const MAX_MEDIA_BYTES = 150 * 1024 * 1024;
const MAX_PER_MESSAGE = 10;

export function addMedia(scope: Scope, input: MediaInput): MediaRecord {
  return mediaTable.insert(scope, { author: null, sourceUrl: null, ...input });
}

export function fetchMedia(scope: Scope, serviceSid: string, sid: string): MediaRecord {
  const media = mediaTable.fetch(scope, sid);
  if (media.serviceSid !== serviceSid) throw new NotFound();
  return media;
}

/** The attachments that a new message names. Each must have been uploaded to its service. */
export function mediaOfMessage(scope: Scope, serviceSid: string, sids: readonly string[]): Media[] {
  if (sids.length > MAX_PER_MESSAGE) throw fail(50507);
  return sids.map((sid) => {
    if (!isSid("ME", sid)) throw fail(50511);
    const media = mediaTable.in(scope.domain).get(sid);
    if (media?.serviceSid !== serviceSid) throw fail(50507);
    return attachmentOf(media);
  });
}

function attachmentOf({ sid, contentType, filename, size }: MediaRecord): Media {
  return { sid, content_type: contentType, filename, size };
}

/** Deletes the record. The content is deleted after the commit. */
export function removeMedia(scope: Scope, sid: string): void {
  const media = mediaTable.in(scope.domain).get(sid);
  if (!media) return;
  mediaTable.remove(scope, media);
  scope.domain.announce(scope, "mediaRemoved", { sid });
}

/** Returns a file name, or fails if it is too long. */
export function checkFilename(text: string): string {
  return checkLength(text, 255, 50504);
}

/** `base` is the URL at which the caller reaches the media service. */
export function mediaBody(media: MediaRecord, base: string, key: string) {
  const url = `${base}/v1/Services/${media.serviceSid}/Media/${media.sid}`;
  return {
    sid: media.sid,
    service_sid: media.serviceSid,
    account_sid: media.accountSid,
    channel_sid: null,
    message_sid: null,
    author: media.author,
    size: media.size,
    content_type: media.contentType,
    filename: media.filename,
    category: "media",
    is_multipart_upstream: false,
    date_upload_updated: isoDate(media.dateUpdated),
    date_created: isoDate(media.dateCreated),
    date_updated: isoDate(media.dateUpdated),
    url,
    links: { content: `${url}/Content`, content_direct_temporary: `${url}/Content?Key=${key}` },
  };
}

/** The media service has a server of its own: see `http/media.ts`. */
export const mediaEndpoints: Endpoints = { tables: [mediaTable] };
