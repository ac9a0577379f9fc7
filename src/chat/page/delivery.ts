import type { Message, Participant } from "@twilio/conversations";
import { element } from "./dom";
import { externalLink } from "./links";
import { nameOfParticipant } from "./participants";

/** The reasons behind common error codes. */
const REASONS: Readonly<Record<string, string>> = {
  21610: "the recipient opted out with STOP",
  21617: "the text is longer than 1600 characters",
  21660: "the sender's number does not belong to this account",
  30003: "the phone is switched off or out of reach",
  30005: "the number does not exist",
  30006: "the number is a landline",
  30007: "the carrier filtered it as spam",
  30008: "the carrier gave no reason",
  63016: "WhatsApp accepts free-form messages only within 24 hours of the recipient's last message",
};

/** The line below a message that shows its delivery. */
export function deliveryOf(item: HTMLElement): HTMLElement {
  const line = item.querySelector<HTMLElement>(".delivery") ?? element("p", { class: "delivery" });
  item.querySelector(".foot")?.append(line);
  return line;
}

/** Shows the delivery of one of the user's messages. Call it again when the message or the participants change. */
export async function showDelivery(line: HTMLElement, message: Message, participants: readonly Participant[]): Promise<void> {
  const receipt = message.aggregatedDeliveryReceipt;
  if (receipt && (receipt.failed !== "none" || receipt.undelivered !== "none")) {
    line.classList.add("failed");
    line.replaceChildren("Not delivered");
    line.replaceChildren(...(await reasons(message, participants)));
    return;
  }
  line.classList.remove("failed");
  line.replaceChildren(stateOf(message, participants));
}

function stateOf(message: Message, participants: readonly Participant[]): string {
  const receipt = message.aggregatedDeliveryReceipt;
  const others = participants.filter(({ identity }) => identity !== message.author);
  const readers = others.filter(({ identity, lastReadMessageIndex }) => identity && (lastReadMessageIndex ?? -1) >= message.index);
  if (receipt?.read === "all" || (others.length > 0 && readers.length === others.length)) return "Read";
  const reached = receipt?.delivered === "all" ? "Delivered" : receipt?.delivered === "some" ? "Delivered to some" : "Sent";
  return readers.length > 0 ? `${reached}, read by ${readers.map(nameOfParticipant).join(", ")}` : reached;
}

/** The participants who did not get the message, each with the reason. */
async function reasons(message: Message, participants: readonly Participant[]): Promise<(Node | string)[]> {
  const receipts = await message.getDetailedDeliveryReceipts().catch(() => []);
  const lines = receipts
    .filter(({ status }) => status === "failed" || status === "undelivered")
    .map(({ participantSid, errorCode }) => {
      const participant = participants.find(({ sid }) => sid === participantSid);
      const to = participant ? ` to ${nameOfParticipant(participant)}` : "";
      const reason = REASONS[errorCode] ? `: ${REASONS[errorCode]}` : "";
      const link = externalLink(`https://www.twilio.com/docs/api/errors/${errorCode}`, `error ${errorCode}`);
      return element("span", {}, `Not delivered${to}${reason} `, ...(errorCode ? ["(", link, ")"] : []));
    });
  return lines.length > 0 ? lines : ["Not delivered"];
}
