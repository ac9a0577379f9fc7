import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Body } from "../../../core/lifecycle/definition";
import { writeWhole } from "../../shared/write-whole";

/** How far the archive of a conversation has come. */
interface Mark {
  /** The page of messages to read next, or once more: the last one may have grown. */
  readonly page?: string;
  /** The number of the last message that is kept. */
  readonly lastIndex: number;
  /** How long the file of messages is up to there; what lies behind is of a run that was cut off. */
  readonly bytes: number;
  /** Everything up to there is here, attachments too. */
  readonly isComplete: boolean;
  /** Attachments that Twilio no longer has, `ME…`. */
  readonly missing: readonly string[];
}

/** The folder of one conversation. People's words are in it, so it is for its owner only. */
export interface Keep {
  readonly mark: Mark;
  /** Where a file of it lies. */
  at(...path: string[]): string;
  write(name: string, text: string): void;
  /** Appends messages, and notes where to go on. */
  add(messages: readonly Body[], page: string): void;
  messages(): Body[];
  /** Notes that all is here. */
  complete(missing: readonly string[]): void;
}

const nothing: Mark = { lastIndex: -1, bytes: 0, isComplete: false, missing: [] };

/** Opens a conversation's folder as an earlier run has left it. */
export function openKeep(folder: string): Keep {
  mkdirSync(join(folder, "media"), { recursive: true, mode: 0o700 });
  const at = (...path: string[]) => join(folder, ...path);
  const write = (name: string, text: string) => writeWhole(at(name), text, { isPrivate: true });
  const file = at("messages.jsonl");
  let mark = existsSync(at("progress.json")) ? (JSON.parse(readFileSync(at("progress.json"), "utf8")) as Mark) : nothing;
  function note(next: Mark): void {
    write("progress.json", `${JSON.stringify(next)}\n`);
    mark = next;
  }
  if (existsSync(file)) truncateSync(file, mark.bytes);
  else writeFileSync(file, "", { mode: 0o600 });
  return {
    get mark() {
      return mark;
    },
    at,
    write,
    add(messages, page) {
      const news = messages.filter(({ index }) => Number(index) > mark.lastIndex);
      const text = news.map((message) => `${JSON.stringify(message)}\n`).join("");
      appendFileSync(file, text);
      const lastIndex = Number(news.at(-1)?.index ?? mark.lastIndex);
      note({ ...mark, page, lastIndex, bytes: mark.bytes + Buffer.byteLength(text), isComplete: false });
    },
    messages: () =>
      readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Body),
    complete: (missing) => note({ ...mark, isComplete: true, missing }),
  };
}
