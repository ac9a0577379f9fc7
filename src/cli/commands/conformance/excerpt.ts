import { isSecretName } from "../../shared/secrets";
import type { Exchange } from "./rest";

const MOST_ITEMS = 2;

/** Properties whose texts are Twilio's own words: an enumeration, a format or an error. */
const WORDS =
  /^(message|more_info|code|status|state|type|kind|target|method|.*_method|direction|currency|price_unit|number_type|iso_country|country_code|.*_price|api_version|.*_level|sandbox|permissions|capabilities|address_requirements|key|conversation_state|index|order|usecase|code|num_segments|num_media|date_.*|content_type)$/;

const SID = /\b(AC)([0-9a-f]{28})([0-9a-f]{4})\b/g;

/** The text with accounts masked; the last four digits remain. */
export const maskAccounts = (text: string): string => text.replace(SID, (_all, prefix, _middle, end) => `${prefix}…${end}`);

/** A request and its response, without secrets and without what people wrote. */
export interface Excerpt {
  readonly request: { readonly method: string; readonly path: string; readonly form?: unknown };
  /** `requestId` names the request to Twilio's support. */
  readonly response: { readonly status: number; readonly requestId: string | undefined; readonly body: unknown } | "none";
}

/**
 * What may be kept of a request and its response. Of the response, texts remain only if this request sent them, or if they are Twilio's words, SIDs,
 * dates or Twilio's URLs: an account's own objects have names, numbers and messages of people.
 */
export function excerpt({ ask, answer }: Exchange): Excerpt {
  const sent = new Set(Object.values(ask.form ?? ask.json ?? {}).flat());
  const form = ask.form ?? ask.json;
  return {
    request: {
      method: ask.method,
      path: maskAccounts(ask.path),
      ...(form && Object.keys(form).length > 0 ? { form: shortened(form) } : {}),
    },
    response: answer
      ? { status: answer.status, requestId: answer.headers["twilio-request-id"], body: reduced(answer.body, "", sent) }
      : "none",
  };
}

function reduced(value: unknown, name: string, sent: ReadonlySet<unknown>): unknown {
  if (Array.isArray(value)) {
    const kept = value.slice(0, MOST_ITEMS).map((item) => reduced(item, name, sent));
    return value.length > MOST_ITEMS ? [...kept, `(${value.length - MOST_ITEMS} more)`] : kept;
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reduced(inner, key, sent)]));
  }
  if (isSecretName(name) && value !== null) return "(removed)";
  if (typeof value !== "string") return value;
  return isHarmless(value, name, sent) ? maskAccounts(cut(value)) : "(text)";
}

const isHarmless = (text: string, name: string, sent: ReadonlySet<unknown>): boolean =>
  text === "" || text === "{}" || sent.has(text) || WORDS.test(name) || /^[A-Z]{2}[0-9a-f]{32}$/.test(text) || isTwilioUrl(text, name);

function isTwilioUrl(text: string, name: string): boolean {
  if (!/(^|_)(url|uri)$/.test(name) && !/^https:\/\/\w+\.twilio\.com\//.test(text)) return false;
  const url = URL.parse(text, "https://api.twilio.com");
  // A query may contain a phone number or a name.
  return url !== null && /(^|\.)twilio\.com$/.test(url.hostname) && !/[?&](?!(PageSize|Page|PageToken)=)/.test(url.search);
}

const LONGEST = 200;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text);

/** Facts send texts of kilobytes, which are no evidence. */
const shortened = (form: object): unknown =>
  Object.fromEntries(Object.entries(form).map(([key, value]) => [key, typeof value === "string" ? maskAccounts(cut(value)) : value]));
