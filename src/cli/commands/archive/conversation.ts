import { existsSync } from "node:fs";
import type { Body } from "../../../core/lifecycle/definition";
import { pages, type Twilio } from "../../../core/twilio/transport";
import { openKeep } from "./keep";
import { fetchMedia } from "./media";
import { attachmentsOf, fileOf, transcript } from "./transcript";

/** What is here of a conversation. */
export interface Kept {
  readonly outcome: "written" | "unchanged" | "gone";
  readonly messages: number;
  readonly media: number;
  readonly missing: number;
}

/** Brings one conversation to its folder. */
export async function archiveConversation(twilio: Twilio, conversation: Body, folder: string): Promise<Kept> {
  const service = String(conversation.chat_service_sid);
  const path = `/v1/Services/${service}/Conversations/${conversation.sid}`;
  const request = { attempt: `Cannot read ${conversation.sid}`, product: "conversations" } as const;
  const keep = openKeep(folder);
  const outcome = await bring();
  const messages = keep.messages();
  const media = messages.flatMap(attachmentsOf).filter((one) => existsSync(keep.at("media", fileOf(one))));
  return { outcome, messages: messages.length, media: media.length, missing: keep.mark.missing.length };

  async function bring(): Promise<Kept["outcome"]> {
    if (keep.mark.isComplete) {
      const latest = await twilio.send({ ...request, method: "get", path: `${path}/Messages`, query: { Order: "desc", PageSize: "1" } });
      const [last] = (latest?.messages ?? []) as Body[];
      if (latest === undefined) return "gone";
      if (Number(last?.index ?? -1) <= keep.mark.lastIndex) return "unchanged";
    }
    const participants: Body[] = [];
    for await (const { items } of pages(twilio.send, { ...request, path: `${path}/Participants` }, "participants"))
      participants.push(...items);

    let isThere = false;
    let page = keep.mark.page ?? `${path}/Messages?Order=asc&PageSize=100`;
    for await (const { items, next } of pages(twilio.send, { ...request, path: page }, "messages")) {
      isThere = true;
      page = next ?? page;
      keep.add(items, page);
    }
    if (!isThere) return "gone";
    keep.write("conversation.json", `${JSON.stringify(conversation, undefined, 2)}\n`);
    keep.write("participants.json", `${JSON.stringify(participants, undefined, 2)}\n`);

    const messages = keep.messages();
    const missing: string[] = [];
    for (const attachment of messages.flatMap(attachmentsOf)) {
      if (!(await fetchMedia(twilio, service, attachment, (file) => keep.at("media", file)))) missing.push(attachment.sid);
    }
    keep.write("transcript.txt", transcript(conversation, participants, messages, missing));
    keep.complete(missing);
    return "written";
  }
}
