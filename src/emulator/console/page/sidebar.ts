import { byId, element } from "../../../chat/page/dom.ts";
import type { Conversation, State } from "./api.ts";
import { nameOfParticipant } from "./descriptions.ts";
import { replaceRows } from "./rows.ts";
import { phoneHash, type Selection } from "./selection.ts";

/** Shows the numbers and conversations that contain all of the filter's words. */
export function showSidebar(
  { numbers, services, conversations, omitted, phones }: State,
  filterWords: readonly string[],
  { conversationSid: selected, phone: selectedPhone }: Selection,
): void {
  const matches = (...texts: readonly (string | null)[]) => {
    const text = texts.join(" ").toLowerCase();
    return filterWords.every((word) => text.includes(word));
  };
  const shownNumbers = numbers.filter(({ sid, phoneNumber, friendlyName, smsUrl }) => matches(sid, phoneNumber, friendlyName, smsUrl));
  replaceRows(
    byId("numbers"),
    shownNumbers.map(({ sid, phoneNumber, friendlyName, smsUrl }) =>
      element(
        "li",
        { title: sid },
        element("strong", {}, phoneNumber),
        element("span", { class: "hint" }, ` ${friendlyName}`),
        ...(smsUrl ? [element("span", { class: "hint url" }, `SMS webhook: ${smsUrl}`)] : []),
      ),
    ),
  );
  byId("no-numbers").hidden = numbers.length > 0;

  const shownPhones = phones.filter((phone) => matches(phone));
  replaceRows(
    byId("phones"),
    shownPhones.map((phone) => {
      const current: Record<string, string> = phone === selectedPhone ? { "aria-current": "true" } : {};
      return element("li", {}, element("a", { href: phoneHash(phone), ...current }, element("strong", {}, phone)));
    }),
  );
  byId("no-phones").hidden = phones.length > 0;

  const serviceNames = new Map(services.map(({ sid, friendlyName }) => [sid, friendlyName]));
  const shownConversations = conversations.filter(({ sid, friendlyName, uniqueName, participants, serviceSid }) =>
    matches(
      sid,
      friendlyName,
      uniqueName,
      serviceNames.get(serviceSid) ?? "",
      ...participants.flatMap((one) => [nameOfParticipant(one), one.proxyAddress]),
    ),
  );
  const older = omitted > 0 ? [element("li", { class: "hint" }, `and ${count(omitted, "older conversation")}`)] : [];
  replaceRows(byId("conversations"), [...shownConversations.map((conversation) => row(conversation, serviceNames, selected)), ...older]);
  byId("no-conversations").hidden = conversations.length > 0;
}

function row(conversation: Conversation, services: ReadonlyMap<string, string>, selected: string | undefined): HTMLLIElement {
  const { sid, state, messages, participants, serviceSid } = conversation;
  const current: Record<string, string> = sid === selected ? { "aria-current": "true" } : {};
  return element(
    "li",
    {},
    element(
      "a",
      { href: `#${sid}`, title: sid, ...current },
      element("strong", { dir: "auto" }, nameOf(conversation)),
      element("span", { class: `state ${state}` }, state),
      element(
        "span",
        { class: "hint" },
        [
          services.get(serviceSid) ?? serviceSid,
          participants.map(nameOfParticipant).join(", ") || "no participants",
          count(messages, "message"),
        ].join(" · "),
      ),
    ),
  );
}

/** The name of a conversation. */
export const nameOf = ({ sid, friendlyName, uniqueName }: Conversation): string => friendlyName || uniqueName || sid;

/** A number with its noun, in the plural if necessary. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
