import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../../../core/twilio/errors";
import { pages } from "../../../core/twilio/transport";
import type { Body, Twilio } from "../../../core/twilio/twilio";
import { writeAtomically } from "../../../process/atomic-write";
import { makeFolders } from "../../../process/make-folders";
import { inParallel } from "../../shared/in-parallel";
import type { Progress } from "../../shared/progress";
import { sidIn } from "../../shared/sid";
import { type ArchivedConversation, archiveConversation } from "./conversation";

/** What to archive: one service, or some conversations, in whichever service they are. */
export interface Wanted {
  readonly service?: string;
  readonly conversations: readonly string[];
}

/** The result of a run. */
export interface Archived {
  readonly conversations: number;
  /** How many of them were already archived, with every message. */
  readonly unchanged: number;
  /** Messages and attachments in the folder now. */
  readonly messages: number;
  readonly media: number;
  /** Attachments that Twilio no longer has. */
  readonly missing: number;
  /** Conversations that were deleted during the run. */
  readonly gone: number;
}

/** Writes conversations to a folder. Fetches nothing again that an earlier run completed. */
export async function archive(twilio: Twilio, place: string, wanted: Wanted, out: string, progress: Progress): Promise<Archived> {
  progress.stage("conversations");
  const found = wanted.conversations.length > 0 ? await named(twilio, wanted) : await allOf(twilio, String(wanted.service));
  for (const { sid, chat_service_sid } of found) {
    sidIn(sid, "CH", "Cannot read a conversation");
    sidIn(chat_service_sid, "IS", `Cannot read ${sid}`);
  }
  const folder = openFolder(out, { accountSid: twilio.accountSid, place });
  progress.total(found.length);
  const kept = await inParallel(found, async (conversation) => {
    const one = await archiveConversation(twilio, conversation, join(folder, String(conversation.sid)));
    progress.step();
    return one;
  });
  const sum = (count: (one: ArchivedConversation) => number) => kept.reduce((all, one) => all + count(one), 0);
  return {
    conversations: kept.length,
    unchanged: sum(({ outcome }) => (outcome === "unchanged" ? 1 : 0)),
    messages: sum(({ messages }) => messages),
    media: sum(({ media }) => media),
    missing: sum(({ missing }) => missing),
    gone: sum(({ outcome }) => (outcome === "gone" ? 1 : 0)),
  };
}

/** Opens the folder, which belongs to one account. */
function openFolder(out: string, owner: { accountSid: string; place: string }): string {
  const folder = resolve(out);
  const file = join(folder, "archive.json");
  makeFolders(folder, 0o700);
  const text = `${JSON.stringify(owner)}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") !== text) {
    throw new UsageError(`${out} contains an archive of another account, or of another Twilio server; choose another folder.`);
  }
  writeAtomically(file, text);
  return folder;
}

async function allOf(twilio: Twilio, service: string): Promise<Body[]> {
  const found: Body[] = [];
  let isThere = false;
  const request = {
    attempt: "Cannot list the conversations",
    product: "conversations",
    path: `/v1/Services/${service}/Conversations`,
  } as const;
  for await (const { items } of pages(twilio.send, request, "conversations")) {
    isThere = true;
    found.push(...items);
  }
  if (!isThere) throw new UsageError(`account ${twilio.accountSid} has no conversation service ${service}.`);
  return found;
}

/** Finds conversations in the given service, or in whichever service has them: a conversation's SID does not name its service. */
async function named(twilio: Twilio, { service, conversations }: Wanted): Promise<Body[]> {
  const services = service === undefined ? await servicesOf(twilio) : [service];
  return inParallel(conversations, async (sid) => {
    for (const at of services) {
      const path = `/v1/Services/${at}/Conversations/${sid}`;
      const body = await twilio.send({ attempt: `Cannot read ${sid}`, product: "conversations", method: "get", path });
      if (body) return body;
    }
    throw new UsageError(`there is no ${sid} in ${service ?? `account ${twilio.accountSid}`}.`);
  });
}

async function servicesOf(twilio: Twilio): Promise<string[]> {
  const found: string[] = [];
  const request = { attempt: "Cannot list the services", product: "conversations", path: "/v1/Services" } as const;
  for await (const { sid } of twilio.list(request, "services")) found.push(String(sid));
  return found;
}
