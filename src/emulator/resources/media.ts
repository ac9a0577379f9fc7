/** Media (ME): what a message carries beside its text. The bytes lie in the emulator's media store. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail } from "../errors";
import { isSid } from "../sid";
import { checkLength, owned } from "./checks";

/** An attachment as message bodies show it. */
export interface Media {
  sid: string;
  content_type: string;
  filename: string;
  size: number;
}

/** Where the content is when it is not in the emulator: what a handset sent stays where it was. */
export interface MediaRecord extends Base {
  serviceSid: string;
  contentType: string;
  filename: string;
  size: number;
  author: string | null;
  sourceUrl: string | null;
}

type MediaInput = Pick<MediaRecord, "serviceSid" | "contentType" | "filename" | "size"> & Partial<MediaRecord>;

/** Largest file the API takes. */
export const LARGEST_MEDIA = 150 * 1024 * 1024;
const MOST_PER_MESSAGE = 10;

export function addMedia(at: Scope, input: MediaInput): MediaRecord {
  return at.domain.media.put({ ...at.domain.base(at.accountSid, "ME"), author: null, sourceUrl: null, ...input });
}

export function fetchMedia(at: Scope, serviceSid: string, sid: string): MediaRecord {
  const media = at.domain.media.get(sid);
  return owned(at.accountSid, media?.serviceSid === serviceSid ? media : undefined);
}

/** The attachments that a new message names; each must have been uploaded to its service. */
export function mediaOfMessage(at: Scope, serviceSid: string, sids: readonly string[]): Media[] {
  if (sids.length > MOST_PER_MESSAGE) throw fail(50507);
  return sids.map((sid) => {
    if (!isSid("ME", sid)) throw fail(50511);
    const media = at.domain.media.get(sid);
    if (media?.serviceSid !== serviceSid) throw fail(50507);
    return attachmentOf(media);
  });
}

function attachmentOf({ sid, contentType, filename, size }: MediaRecord): Media {
  return { sid, content_type: contentType, filename, size };
}

/** Removes the record; the bytes go once that is kept. */
export function removeMedia(at: Scope, sid: string): void {
  if (!at.domain.media.get(sid)) return;
  at.domain.media.delete(sid);
  at.domain.announce(at, "mediaRemoved", { sid });
}

/** A name to save the file by. */
export function checkFilename(text: string): string {
  return checkLength(text, 255, 50504);
}

/** `base` is the address at which the caller reaches the emulator. */
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
