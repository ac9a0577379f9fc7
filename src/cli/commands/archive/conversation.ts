import { existsSync } from "node:fs";
import { itemsOf } from "../../../core/twilio/response";
import { pages } from "../../../core/twilio/transport";
import type { Body, Twilio } from "../../../core/twilio/twilio";
import { sidIn } from "../../shared/sid";
import { openConversationFolder } from "./conversation-folder";
import { fetchMedia } from "./media";
import { attachmentsOf, fileOf, transcript } from "./transcript";

/** The archived part of a conversation. */
export interface ArchivedConversation {
  readonly outcome: "written" | "unchanged" | "gone";
  readonly messages: number;
  readonly media: number;
  readonly missing: number;
}

/** Archives one conversation in its folder. */
export async function archiveConversation(twilio: Twilio, conversation: Body, folder: string): Promise<ArchivedConversation> {
  const service = String(conversation.chat_service_sid);
  const path = `/v1/Services/${service}/Conversations/${conversation.sid}`;
  const request = { attempt: `Cannot read ${conversation.sid}`, product: "conversations" } as const;
  const saved = openConversationFolder(folder);
  const outcome = await update();
  const messages = saved.messages();
  const media = messages.flatMap(attachmentsOf).filter((one) => existsSync(saved.at("media", fileOf(one))));
  return { outcome, messages: messages.length, media: media.length, missing: saved.progress.missing.length };

  async function update(): Promise<ArchivedConversation["outcome"]> {
    if (saved.progress.isComplete) {
      const latest = await twilio.send({ ...request, method: "get", path: `${path}/Messages`, query: { Order: "desc", PageSize: "1" } });
      if (latest === undefined) return "gone";
      const [last] = itemsOf(latest, "messages", request.attempt);
      if (Number(last?.index ?? -1) <= saved.progress.lastIndex) return "unchanged";
    }
    const participants: Body[] = [];
    for await (const { items } of pages(twilio.send, { ...request, path: `${path}/Participants` }, "participants"))
      participants.push(...items);

    let isThere = false;
    let page = saved.progress.page ?? `${path}/Messages?Order=asc&PageSize=100`;
    for await (const { items, next } of pages(twilio.send, { ...request, path: page }, "messages")) {
      isThere = true;
      page = next ?? page;
      for (const { sid } of items.flatMap(attachmentsOf)) sidIn(sid, "ME", request.attempt);
      saved.add(items, page);
    }
    if (!isThere) return "gone";
    saved.write("conversation.json", `${JSON.stringify(conversation, undefined, 2)}\n`);
    saved.write("participants.json", `${JSON.stringify(participants, undefined, 2)}\n`);

    const messages = saved.messages();
    const missing: string[] = [];
    for (const attachment of messages.flatMap(attachmentsOf)) {
      if (!(await fetchMedia(twilio, service, attachment, (file) => saved.at("media", file)))) missing.push(attachment.sid);
    }
    saved.write("transcript.txt", transcript(conversation, participants, messages, missing));
    saved.complete(missing);
    return "written";
  }
}
