import { randomBytes } from "node:crypto";
import type { Connection } from "../../../core/twilio/connection";
import { type Answer, type Ask, everyItem, objectPath, type Send } from "./rest";
import type { NotRun } from "./terms";

/** How the names of all objects of all runs begin. */
const MARK = "twilio-conversations-conformance";

/** Objects of another run that are younger may be in use by it. */
const OTHER_RUN_MS = 15 * 60_000;

/** Lists in which objects of a run can remain, and their keys. What is in a conversation service is deleted with it. */
const LISTS: readonly (readonly [path: string, key: string])[] = [
  ["/v1/Configuration/Addresses", "address_configurations"],
  ["/v1/Services", "services"],
  ["/v1/Credentials", "credentials"],
  ["messaging:/v1/Services", "services"],
  ["api:/Applications.json", "applications"],
  ["api:/IncomingPhoneNumbers.json", "incoming_phone_numbers"],
];

/** An object that a run could not delete, or must not yet. */
export interface Leftover {
  readonly path: string;
  readonly why: string;
}

/** The objects that a run created. It deletes these, and no others. */
export class Belongings {
  /** The friendly name of the run's objects. */
  readonly name = `${MARK} ${randomBytes(4).toString("hex")}`;
  private readonly paths: string[] = [];
  private readonly sids = new Set<string>();
  private readonly phones = new Set<string>();
  private mayHaveLost = false;

  constructor(private readonly send: Send) {}

  /** The SIDs of what the run created. */
  get own(): ReadonlySet<string> {
    return this.sids;
  }

  /** The run's conversations with phones. */
  get withPhones(): ReadonlySet<string> {
    return this.phones;
  }

  /** Takes note of what a request created. Returns the object's path, if it is to be deleted. */
  note({ method, path, form = {} }: Ask, { status, body }: Answer): string | undefined {
    const { sid } = body;
    if (method !== "POST" || status >= 300 || typeof sid !== "string" || path.includes(sid)) return undefined;
    this.sids.add(sid);
    const within = /^(.*\/Conversations\/\w+)\/\w+$/.exec(path)?.[1];
    if (within !== undefined && Object.keys(form).some((key) => key.startsWith("MessagingBinding."))) this.phones.add(within);
    if (within !== undefined) return undefined;
    const object = objectPath(path, sid);
    this.paths.push(object);
    return object;
  }

  /** A request may have created something, because its response was lost. */
  noteLost(): void {
    this.mayHaveLost = true;
  }

  /** Deletes one object now. */
  async delete(path: string): Promise<Leftover | undefined> {
    const index = this.paths.indexOf(path);
    if (index >= 0) this.paths.splice(index, 1);
    return remove(this.send, path);
  }

  /** Deletes all that the run created, the last first, also what it does not know of because a response was lost. */
  async deleteAll(): Promise<Leftover[]> {
    const left: Leftover[] = [];
    for (let path = this.paths.at(-1); path !== undefined; path = this.paths.at(-1)) {
      const remains = await this.delete(path);
      if (remains) left.push(remains);
    }
    if (this.mayHaveLost) left.push(...(await sweep(this.send, (name) => name === this.name)));
    return left;
  }

  /** Deletes what earlier runs could not delete. Returns what may belong to a run in progress, or without `mayDelete`, all. */
  sweepOthers(mayDelete: boolean): Promise<Leftover[]> {
    return sweep(
      this.send,
      (name) => name.startsWith(`${MARK} `) && name !== this.name,
      (created) => {
        if (!mayDelete) return "an earlier run left it; --allow-writes deletes it";
        return Date.now() - created < OTHER_RUN_MS ? "it may belong to a run in progress" : undefined;
      },
    );
  }
}

async function sweep(
  send: Send,
  isMarked: (name: string) => boolean,
  keep: (created: number) => string | undefined = () => undefined,
): Promise<Leftover[]> {
  const left: Leftover[] = [];
  for (const [path, key] of LISTS) {
    // A key without permission for a list cannot have created anything in it.
    const items = await everyItem(send, path, key).catch((error: NotRun) => {
      left.push({ path, why: error.message });
      return [];
    });
    for (const { sid, friendly_name: name, date_created: date } of items) {
      if (!isMarked(String(name))) continue;
      const object = objectPath(path, String(sid));
      const why = keep(Date.parse(String(date)));
      const remains = why === undefined ? await remove(send, object) : { path: object, why };
      if (remains) left.push(remains);
    }
  }
  return left;
}

async function remove(send: Send, path: string): Promise<Leftover | undefined> {
  try {
    const { status, body } = await send({ method: "DELETE", path });
    if (status === 204 || status === 404) return undefined;
    return { path, why: `${status}${body.code === undefined ? "" : ` (${body.code})`} ${body.message ?? ""}`.trim() };
  } catch (error) {
    return { path, why: (error as Error).message };
  }
}

/** The shell command that deletes an object. The account's SID and the secret come from the environment. */
export function deleteCommand({ path }: Leftover, { baseUrl }: Pick<Connection, "baseUrl">): string {
  const [, product = "conversations", rest = path] = /^([a-z]+):(.*)$/.exec(path) ?? [];
  const host = baseUrl === undefined ? `https://${product}.twilio.com` : `${baseUrl}/${product}.twilio.com`;
  const whole = product === "api" ? `/2010-04-01/Accounts/$TWILIO_ACCOUNT_SID${rest}` : rest;
  return `curl -X DELETE -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" "${host}${whole}"`;
}
