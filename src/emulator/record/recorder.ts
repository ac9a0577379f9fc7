/** Writes the requests of a run, and their responses, to a file in the format HAR 1.2. */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { PRIVATE } from "../../process/atomic-write";
import { isoDate } from "../dates";
import type { Domain } from "../domain";
import { identify, userOf } from "../http/authentication";
import { formOf } from "../http/body";
import type { Target } from "../http/hosts";
import type { Reply } from "../http/router";
import type { HarEntry } from "./har";
import { jsonWithoutSecrets, redactKnown, withoutSecrets } from "./secrets";

/** Headers that are part of a request's meaning. All others, such as Authorization, are left out. */
const RECORDED = ["accept", "content-type", "user-agent", "x-twilio-webhook-enabled", "if-match"];
const FORM = "application/x-www-form-urlencoded";
const START = `{"log":{"version":"1.2","creator":{"name":"pulumi-twilio-conversations","version":"1"},"entries":[`;
const END = "\n]}}\n";

/** The end of a request. */
interface Answer {
  readonly request: IncomingMessage;
  readonly target: Target;
  /** Undefined if the connection was closed without one. */
  readonly reply: Reply | undefined;
  /** When the request arrived, from `performance.now()`. */
  readonly started: number;
}

/** Records into one file. After each request, the file is a complete archive. */
export class Recorder {
  private readonly domain: Domain;
  private readonly path: string;
  private file: number | undefined;
  /** The size without the end. */
  private size = Buffer.byteLength(START);
  private isEmpty = true;
  private readonly bodies = new WeakMap<IncomingMessage, string>();
  private writing: Promise<void> = Promise.resolve();

  constructor(domain: Domain, path: string) {
    this.domain = domain;
    this.path = path;
    try {
      // What is there may be a link, or have another mode.
      rmSync(path, { force: true });
      this.file = openSync(path, "wx", PRIVATE);
      writeSync(this.file, START + END, 0);
    } catch (error) {
      throw new Error(`cannot record into ${path}: ${(error as Error).message}. Name a file in a folder that can be written to.`);
    }
  }

  /** Stores the body of a request until its answer is known. */
  received(request: IncomingMessage, body: string): void {
    this.bodies.set(request, body);
  }

  /** Records a request. One after another, in the order of the answers. */
  answered(answer: Answer): void {
    const entry = this.entryOf(answer);
    this.writing = this.writing.then(async () => this.append(await entry)).catch((error: Error) => this.fail(error));
  }

  private append(entry: HarEntry): void {
    if (this.file === undefined) return;
    const bytes = Buffer.from(`${this.isEmpty ? "" : ","}\n${JSON.stringify(entry)}`);
    // In one write: a process that is killed in between leaves a complete file.
    writeSync(this.file, Buffer.concat([bytes, Buffer.from(END)]), 0, undefined, this.size);
    this.size += bytes.length;
    this.isEmpty = false;
  }

  private fail(error: Error): void {
    if (this.file === undefined) return;
    console.error(`emulator: cannot record into ${this.path}: ${error.message}. What follows is not recorded.`);
    this.end();
  }

  /** Waits for what is not written yet, and closes the file. */
  async close(): Promise<void> {
    await this.writing;
    this.end();
  }

  private end(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private async entryOf({ request, target, reply, started }: Answer): Promise<HarEntry> {
    const time = performance.now() - started;
    const startedDateTime = isoDate(this.domain.now() - time);
    const clean = (text: string) => redactKnown(this.domain, text);
    const query = clean(withoutSecrets(target.query));
    const { headers } = request;
    const signer = this.signerOf(request);
    const postData = await postDataOf(this.bodies.get(request) ?? "", headers["content-type"], clean);
    const text = clean(jsonWithoutSecrets(reply?.body));
    return {
      startedDateTime,
      time,
      request: {
        method: request.method ?? "GET",
        url: `https://${target.product}.twilio.com${clean(target.path)}${query === "" ? "" : `?${query}`}`,
        httpVersion: "HTTP/1.1",
        cookies: [],
        headers: RECORDED.flatMap((name) => {
          const value = name === "content-type" ? (postData?.mimeType ?? headers[name]) : headers[name];
          return value === undefined ? [] : [{ name, value: clean(String(value)) }];
        }),
        queryString: [...new URLSearchParams(query)].map(([name, value]) => ({ name, value })),
        ...(postData && { postData }),
        headersSize: -1,
        bodySize: postData ? Buffer.byteLength(postData.text) : 0,
      },
      response: {
        status: reply?.status ?? 0,
        statusText: "",
        httpVersion: "HTTP/1.1",
        cookies: [],
        headers: [{ name: "content-type", value: "application/json; charset=utf-8" }],
        content: { size: Buffer.byteLength(text), mimeType: "application/json", text },
        redirectURL: "",
        headersSize: -1,
        bodySize: Buffer.byteLength(text),
      },
      cache: {},
      timings: { send: 0, wait: time, receive: 0 },
      _signedInBy: signer,
    };
  }

  private signerOf(request: IncomingMessage): string | null {
    try {
      identify({ domain: this.domain }, request);
      return userOf(request);
    } catch {
      return null;
    }
  }
}

/** The form. Another body was refused, and could have secrets under any name: its content is not recorded. */
async function postDataOf(body: string, type: string | undefined, clean: (text: string) => string) {
  if (body === "") return undefined;
  try {
    return { mimeType: FORM, text: clean(withoutSecrets(await formOf(body, type))) };
  } catch {
    return { mimeType: type ?? FORM, text: "(not recorded)" };
  }
}
