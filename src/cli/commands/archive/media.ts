import { createWriteStream, existsSync, renameSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { TwilioError } from "../../../core/twilio/errors";
import type { Twilio } from "../../../core/twilio/twilio";
import { type Attachment, fileOf } from "./transcript";

const MAX_TRIES = 3;

/** Downloads an attachment into a folder, unless it is there. `false` where Twilio no longer has it. */
export async function fetchMedia(twilio: Twilio, service: string, attachment: Attachment, at: (file: string) => string): Promise<boolean> {
  const path = at(fileOf(attachment));
  for (let tries = 1; !existsSync(path); tries += 1) {
    const attempt = `Cannot fetch the attachment ${attachment.sid}`;
    const body = await twilio.send({ attempt, product: "mcs.us1", method: "get", path: `/v1/Services/${service}/Media/${attachment.sid}` });
    const address = (body?.links as { content_direct_temporary?: string } | undefined)?.content_direct_temporary;
    if (address === undefined) return false;
    const failure = await download(address, at(`.${attachment.sid}.part`));
    if (failure === 404 || failure === 410) return false;
    if (failure === undefined) renameSync(at(`.${attachment.sid}.part`), path);
    else if (tries === MAX_TRIES) {
      const problem =
        typeof failure === "number" ? { status: failure, message: "the download URL refused" } : { status: 0, message: failure };
      throw new TwilioError(attempt, { ...problem, isRead: true }, "run the command again; it does not fetch again what is archived.");
    }
  }
  return true;
}

/** Downloads a URL into a file. Returns the HTTP status or the error of a failure. The URL is signed, so the request has no credentials. */
async function download(address: string, path: string): Promise<number | string | undefined> {
  try {
    const answer = await fetch(address);
    if (!answer.ok || answer.body === null) return answer.status;
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), createWriteStream(path, { mode: 0o600 }));
    return undefined;
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    return cause?.message ?? message;
  }
}
