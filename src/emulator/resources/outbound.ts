/** From a conversation to the handsets: one text and one receipt for each non-chat participant but the author. */
import type { Scope } from "../domain";
import type { Media } from "./media";
import type { MessageRecord } from "./message";
import type { ParticipantRecord } from "./participant";
import { addReceipt } from "./receipt";
import { addSms } from "./sms";

const LONGEST_TEXT = 1600;
/** Error codes that a receipt carries when nothing could be sent. */
const TOO_LONG = 21617;
const NOT_OWNED = 21660;

export function fanOut(at: Scope, conversation: { sid: string; messagingServiceSid: string | null }, message: MessageRecord): void {
  const members = at.domain.find.participantsIn(conversation.sid);
  const author = members.find((member) => member.sid === message.participantSid);
  for (const member of members) {
    if (member.address === null || member.sid === message.participantSid) continue;
    const from = member.proxyAddress ?? groupSender(members, author);
    // A group without a projected number has nobody to speak for it.
    if (from === undefined) continue;
    const errorCode = sendingError(at, from, message.body ?? "");
    const sms = addSms(at, {
      from,
      to: member.address,
      body: message.body ?? "",
      mediaUrls: message.media.map(mediaUrl),
      status: errorCode === 0 ? "queued" : "failed",
      errorCode: errorCode === 0 ? null : errorCode,
      dateSent: errorCode === 0 ? at.domain.now() : null,
      messagingServiceSid: conversation.messagingServiceSid,
      conversationSid: conversation.sid,
      conversationMessageSid: message.sid,
    });
    const status = errorCode === 0 ? "sent" : "failed";
    addReceipt(at, message, { channelMessageSid: sms.sid, participantSid: member.sid, status, errorCode });
  }
}

/** In a group text a person's own projected number speaks, else the group's first. */
function groupSender(members: readonly ParticipantRecord[], author: ParticipantRecord | undefined): string | undefined {
  return author?.projectedAddress ?? members.find((member) => member.projectedAddress !== null)?.projectedAddress ?? undefined;
}

function sendingError(at: Scope, from: string, body: string): number {
  if ([...body].length > LONGEST_TEXT) return TOO_LONG;
  // The number may have been released since the participant was added; other channels are not owned numbers.
  return from.startsWith("+") && at.domain.find.numberCalled(from)[0]?.accountSid !== at.accountSid ? NOT_OWNED : 0;
}

function mediaUrl(media: Media): string {
  return `https://mcs.us1.twilio.com/v1/Media/${media.sid}`;
}
