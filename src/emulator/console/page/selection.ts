/** What the URL's fragment selects: a conversation or a phone. */
export interface Selection {
  readonly conversationSid?: string;
  readonly phone?: string;
}

let last: Selection = {};

/** The selection in the fragment. If the fragment names something else, such as a request, the selection before. */
export function selection(): Selection {
  const [, conversationSid] = /^#(CH[0-9a-f]{32})$/.exec(location.hash) ?? [];
  const [, encoded] = /^#phone=(.+)$/.exec(location.hash) ?? [];
  const phone = encoded === undefined ? undefined : decoded(encoded);
  if (conversationSid) last = { conversationSid };
  else if (phone) last = { phone };
  return last;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The fragment that selects a phone. */
export const phoneHash = (phone: string): string => `#phone=${encodeURIComponent(phone)}`;

/** The query of the selection's timeline. Undefined if nothing is selected. */
export function timelineQuery({ conversationSid, phone }: Selection): string | undefined {
  if (conversationSid) return `conversationSid=${conversationSid}`;
  return phone === undefined ? undefined : `handset=${encodeURIComponent(phone)}`;
}
