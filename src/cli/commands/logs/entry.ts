import { publicUrl } from "../../shared/urls";

/** An entry of the emulator's event stream, as far as the log shows it. */
export interface Entry {
  readonly event: string;
  readonly date: string;
  readonly source?: string;
  readonly clientIdentity?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The kinds of entries, as `--include` names them. */
export const kinds = ["requests", "webhooks", "messages", "clients", "changes"] as const;

/** What the log shows of an entry. */
export interface Line {
  readonly kind: (typeof kinds)[number];
  readonly failed: boolean;
  readonly text: string;
}

interface Request {
  readonly method: string;
  readonly host: string | null;
  readonly path: string;
  readonly status: number | null;
  readonly durationMs: number;
  readonly code: number | null;
  readonly message: string | null;
  readonly isFault: boolean;
}

interface Delivery {
  readonly event: string;
  readonly url: string | null;
  readonly target: string;
  readonly outcome: string;
  readonly attempts: readonly { readonly status: number | null; readonly error: string | null }[];
}

interface Skipped {
  readonly event: string;
  readonly webhooks: number;
}

type Row = Readonly<Record<string, unknown>>;

/** The records of an event that are about messages and texts. */
const messageRecords = ["message", "sms", "receipt", "route"];

/** Describes an entry on one line. */
export function lineOf({ event, data, clientIdentity, source }: Entry): Line {
  if (event === "requestAnswered") return requestLine(data.request as Request);
  if (event === "webhookDelivered") return webhookLine(data.delivery as Delivery);
  if (event === "webhookSkipped") return skippedLine(data.skipped as Skipped);
  if (event.startsWith("client")) return clientLine(event, data);
  const record = messageRecords.find((name) => data[name] !== undefined);
  const [row = {}] = Object.values(data) as Row[];
  const cause = clientIdentity ?? source;
  const what = record === undefined ? describeChange(row) : describeMessage(record, row);
  return {
    kind: record === undefined ? "changes" : "messages",
    failed: row.failed === true || (record !== undefined && record !== "message" && /^(failed|undelivered)$/.test(String(row.status))),
    text: [event, what, cause === undefined ? "" : `(${cause})`].filter(Boolean).join(" "),
  };
}

function requestLine({ method, host, path, status, durationMs, code, message, isFault }: Request): Line {
  const failed = status === null || status >= 400;
  const result = status === null ? "no response" : String(status);
  const error = failed && message !== null ? ` ${code === null ? "" : `${code} `}${message}` : "";
  return {
    kind: "requests",
    failed,
    text: `${method} ${host ?? ""}${path} ${result} ${durationMs} ms${error}${isFault ? " (a fault rule)" : ""}`,
  };
}

function webhookLine({ event, url, target, outcome, attempts }: Delivery): Line {
  const last = attempts.at(-1);
  const result = last === undefined ? "" : ` (${last.status === null ? (last.error ?? "no response") : `HTTP ${last.status}`})`;
  return {
    kind: "webhooks",
    failed: ["failed", "rejected", "unanswered"].includes(outcome),
    text: `${event} → ${url === null ? target : publicUrl(url)} ${outcome}${result}`,
  };
}

const skippedLine = ({ event, webhooks }: Skipped): Line => ({
  kind: "webhooks",
  failed: false,
  text: `${event} not sent to ${webhooks} webhook${webhooks === 1 ? "" : "s"}: the REST request has no header X-Twilio-Webhook-Enabled: true`,
});

/** A connection of the chat SDK, or what its client was sent. */
function clientLine(event: string, { client, reason, refusal, notification }: Entry["data"]): Line {
  const { identity } = (client ?? {}) as Row;
  const { code, message } = (refusal ?? {}) as Row;
  const {
    view,
    action,
    key,
    identities = [],
    count,
    absent = [],
  } = (notification ?? {}) as Row & { identities?: string[]; absent?: string[] };
  const missing = absent.length > 0 ? `, no client of ${absent.join(", ")}` : "";
  const sent = notification && `${view} ${key} ${action}: to ${count} users${identities.map((name) => ` ${name}`).join(",")}${missing}`;
  const text = [event, identity, reason, code, message, sent].filter((part) => part !== undefined && part !== null);
  return { kind: "clients", failed: refusal !== undefined, text: text.join(" ") };
}

const MAX_BODY = 80;

function describeMessage(record: string, { sid, author, from, to, body, status, messageSid, sentence, advice, url }: Row): string {
  if (record === "route")
    return [`${from} → ${to}:`, sentence, typeof url === "string" ? publicUrl(url) : "", advice].filter(Boolean).join(" ");
  const text = String(body ?? "");
  const quoted = JSON.stringify(text.length > MAX_BODY ? `${text.slice(0, MAX_BODY)}…` : text);
  if (record === "message") return `${sid} by ${author}: ${quoted}`;
  if (record === "sms") return `${from} → ${to}: ${quoted} (${status})`;
  return `${messageSid} is ${status}`;
}

const describeChange = ({ sid, friendlyName, identity, address }: Row): string =>
  [sid, identity ?? address ?? (typeof friendlyName === "string" ? JSON.stringify(friendlyName) : undefined)].filter(Boolean).join(" ");
