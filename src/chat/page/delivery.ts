import type { Message, Participant } from "@twilio/conversations";
import { element } from "./dom";
import { nameOfParticipant } from "./participants";

/** Codes that people meet, in words. */
const REASONS: Readonly<Record<string, string>> = {
  21610: "they have opted out by STOP",
  21617: "the text is longer than 1600 characters",
  21660: "the number it is sent from is not of this account",
  30003: "the handset is switched off or out of reach",
  30005: "there is no such handset",
  30006: "a landline cannot be texted",
  30007: "the carrier took it for spam",
  30008: "the carrier gave no reason",
  63016: "WhatsApp takes free text for 24 hours after their last message only",
};

/** What became of a message of one's own, beside it. Kept up to date by calling it again. */
export async function showDelivery(place: HTMLElement, message: Message, participants: readonly Participant[]): Promise<void> {
  const receipt = message.aggregatedDeliveryReceipt;
  if (receipt && (receipt.failed !== "none" || receipt.undelivered !== "none")) {
    place.classList.add("failed");
    place.replaceChildren("Failed");
    place.replaceChildren(...(await reasons(message, participants)));
    return;
  }
  place.classList.remove("failed");
  place.replaceChildren(stateOf(message, participants));
}

function stateOf(message: Message, participants: readonly Participant[]): string {
  const receipt = message.aggregatedDeliveryReceipt;
  const others = participants.filter(({ identity }) => identity !== message.author);
  const readers = others.filter(({ identity, lastReadMessageIndex }) => identity && (lastReadMessageIndex ?? -1) >= message.index);
  if (receipt?.read === "all" || (others.length > 0 && readers.length === others.length)) return "Read";
  const reached = receipt?.delivered === "all" ? "Delivered" : receipt?.delivered === "some" ? "Delivered to some" : "Sent";
  return readers.length > 0 ? `${reached}, read by ${readers.map(nameOfParticipant).join(", ")}` : reached;
}

/** To whom it could not be delivered, and why. */
async function reasons(message: Message, participants: readonly Participant[]): Promise<(Node | string)[]> {
  const receipts = await message.getDetailedDeliveryReceipts().catch(() => []);
  const lines = receipts
    .filter(({ status }) => status === "failed" || status === "undelivered")
    .map(({ participantSid, errorCode }) => {
      const participant = participants.find(({ sid }) => sid === participantSid);
      const to = participant ? ` to ${nameOfParticipant(participant)}` : "";
      const reason = REASONS[errorCode] ? `: ${REASONS[errorCode]}` : "";
      const link = element(
        "a",
        { href: `https://www.twilio.com/docs/api/errors/${errorCode}`, target: "_blank", rel: "noreferrer" },
        `error ${errorCode}`,
      );
      return element("span", {}, `Failed${to}${reason} `, ...(errorCode ? ["(", link, ")"] : []));
    });
  return lines.length > 0 ? lines : ["Failed"];
}
