import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Body } from "../../../core/twilio/twilio";
import { writeAtomically } from "../../../process/atomic-write";
import { makeFolders } from "../../../process/make-folders";

/** How far the archive of a conversation has got. */
interface ArchiveProgress {
  /** The page of messages to read next. The last page is read again, since it may have grown. */
  readonly page?: string;
  /** The index of the last archived message. */
  readonly lastIndex: number;
  /** The length of the messages file up to that message; the rest comes from an interrupted run. */
  readonly bytes: number;
  /** Everything up to that message is archived, including attachments. */
  readonly isComplete: boolean;
  /** Attachments that Twilio no longer has, `ME…`. */
  readonly missing: readonly string[];
}

/** The folder of one conversation. It contains private messages, so only its owner may read it. */
export interface ConversationFolder {
  readonly progress: ArchiveProgress;
  /** The path of a file in the folder. */
  at(...path: string[]): string;
  write(name: string, text: string): void;
  /** Appends messages, and records where to continue. */
  add(messages: readonly Body[], page: string): void;
  messages(): Body[];
  /** Records that everything is archived. */
  complete(missing: readonly string[]): void;
}

const nothing: ArchiveProgress = { lastIndex: -1, bytes: 0, isComplete: false, missing: [] };

/** Opens a conversation's folder as an earlier run left it. */
export function openConversationFolder(folder: string): ConversationFolder {
  makeFolders(join(folder, "media"), 0o700);
  const at = (...path: string[]) => join(folder, ...path);
  const write = (name: string, text: string) => writeAtomically(at(name), text);
  const file = at("messages.jsonl");
  let progress = existsSync(at("progress.json")) ? (JSON.parse(readFileSync(at("progress.json"), "utf8")) as ArchiveProgress) : nothing;
  function record(next: ArchiveProgress): void {
    write("progress.json", `${JSON.stringify(next)}\n`);
    progress = next;
  }
  if (existsSync(file)) truncateSync(file, progress.bytes);
  else writeFileSync(file, "", { mode: 0o600 });
  return {
    get progress() {
      return progress;
    },
    at,
    write,
    add(messages, page) {
      const news = messages.filter(({ index }) => Number(index) > progress.lastIndex);
      const text = news.map((message) => `${JSON.stringify(message)}\n`).join("");
      appendFileSync(file, text);
      const lastIndex = Number(news.at(-1)?.index ?? progress.lastIndex);
      record({ ...progress, page, lastIndex, bytes: progress.bytes + Buffer.byteLength(text), isComplete: false });
    },
    messages: () =>
      readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Body),
    complete: (missing) => record({ ...progress, isComplete: true, missing }),
  };
}
