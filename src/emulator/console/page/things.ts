import { byId, element } from "../../../chat/page/dom.ts";
import type { Conversation, State } from "./api.ts";
import { whoIs } from "./words.ts";

/** Shows which numbers and conversations there are, those that the filter lets through. */
export function showThings(
  { numbers, services, conversations, omitted }: State,
  words: readonly string[],
  chosen: string | undefined,
): void {
  const fits = (...texts: readonly (string | null)[]) => {
    const text = texts.join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const shown = numbers.filter(({ sid, phoneNumber, friendlyName, smsUrl }) => fits(sid, phoneNumber, friendlyName, smsUrl));
  byId("numbers").replaceChildren(
    ...shown.map(({ sid, phoneNumber, friendlyName, smsUrl }) =>
      element(
        "li",
        { title: sid },
        element("strong", {}, phoneNumber),
        element("span", { class: "hint" }, ` ${friendlyName}`),
        ...(smsUrl ? [element("span", { class: "hint url" }, `texts go to ${smsUrl}`)] : []),
      ),
    ),
  );
  byId("no-numbers").hidden = numbers.length > 0;

  const serviceNames = new Map(services.map(({ sid, friendlyName }) => [sid, friendlyName]));
  const found = conversations.filter(({ sid, friendlyName, uniqueName, participants, serviceSid }) =>
    fits(
      sid,
      friendlyName,
      uniqueName,
      serviceNames.get(serviceSid) ?? "",
      ...participants.flatMap((one) => [whoIs(one), one.proxyAddress]),
    ),
  );
  byId("conversations").replaceChildren(...found.map((conversation) => row(conversation, serviceNames, chosen)));
  if (omitted > 0) byId("conversations").append(element("li", { class: "hint" }, `and ${omitted} more, longer ago`));
  byId("no-conversations").hidden = conversations.length > 0;
}

function row(conversation: Conversation, services: ReadonlyMap<string, string>, chosen: string | undefined): HTMLLIElement {
  const { sid, state, messages, participants, serviceSid } = conversation;
  const current: Record<string, string> = sid === chosen ? { "aria-current": "true" } : {};
  return element(
    "li",
    {},
    element(
      "a",
      { href: `#${sid}`, title: sid, ...current },
      element("strong", {}, nameOf(conversation)),
      element("span", { class: `state ${state}` }, state),
      element(
        "span",
        { class: "hint" },
        [services.get(serviceSid) ?? serviceSid, participants.map(whoIs).join(", ") || "nobody", count(messages, "message")].join(" · "),
      ),
    ),
  );
}

export const nameOf = ({ sid, friendlyName, uniqueName }: Conversation): string => friendlyName || uniqueName || sid;

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
