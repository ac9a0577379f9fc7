/** Sends a message of a conversation to phones: one text message and one receipt for each non-chat participant except the author. */
import type { Scope } from "../domain";
import { numberTable } from "./incoming-number";
import type { Media } from "./media";
import { type ParticipantRecord, participantTable } from "./participant-table";
import { addReceipt } from "./receipt";
import { addSms } from "./sms";

const MAX_TEXT_LENGTH = 1600;
/** Error codes of receipts for text messages that could not be sent. */
const TOO_LONG = 21617;
const NOT_OWNED = 21660;

interface OutgoingMessage {
  sid: string;
  serviceSid: string;
  conversationSid: string;
  participantSid: string | null;
  body: string | null;
  media: Media[];
}

export function sendToPhones(
  scope: Scope,
  conversation: { sid: string; messagingServiceSid: string | null },
  message: OutgoingMessage,
): void {
  const members = participantTable.in(scope.domain).by.conversation(conversation.sid);
  const author = members.find((member) => member.sid === message.participantSid);
  for (const member of members) {
    if (member.address === null || member.sid === message.participantSid) continue;
    const from = member.proxyAddress ?? groupSender(members, author);
    // A group without a projected address has no number to send from.
    if (from === undefined) continue;
    const errorCode = sendingError(scope, from, message.body ?? "");
    const sms = addSms(scope, {
      from,
      to: member.address,
      body: message.body ?? "",
      mediaUrls: message.media.map(mediaUrl),
      status: errorCode === 0 ? "queued" : "failed",
      errorCode: errorCode === 0 ? null : errorCode,
      dateSent: errorCode === 0 ? scope.domain.now() : null,
      messagingServiceSid: conversation.messagingServiceSid,
      conversationSid: conversation.sid,
      conversationMessageSid: message.sid,
    });
    const status = errorCode === 0 ? "sent" : "failed";
    addReceipt(scope, message, { channelMessageSid: sms.sid, participantSid: member.sid, status, errorCode });
  }
}

/** The sender of a group text: the author's projected address, else the first one of the group. */
function groupSender(members: readonly ParticipantRecord[], author: ParticipantRecord | undefined): string | undefined {
  return author?.projectedAddress ?? members.find((member) => member.projectedAddress !== null)?.projectedAddress ?? undefined;
}

function sendingError(scope: Scope, from: string, body: string): number {
  if ([...body].length > MAX_TEXT_LENGTH) return TOO_LONG;
  // The number may have been released since the participant was added. Senders of other channels are not owned numbers.
  return from.startsWith("+") && numberTable.in(scope.domain).by.phoneNumber(from)[0]?.accountSid !== scope.accountSid ? NOT_OWNED : 0;
}

function mediaUrl(media: Media): string {
  return `https://mcs.us1.twilio.com/v1/Media/${media.sid}`;
}
