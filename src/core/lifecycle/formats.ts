/** Says what is wrong with a value, or `undefined` when nothing is. */
export type Format = (value: unknown) => string | undefined;

const quote = (value: unknown) => JSON.stringify(value) ?? String(value);

/** A SID of one kind: the two letters and 32 hex digits. */
export const sid =
  (prefix: string): Format =>
  (value) =>
    new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(String(value))
      ? undefined
      : `${quote(value)} is not a SID of this kind: ${prefix} and 32 hex digits`;

/** A resource's id: SIDs of these kinds from the outermost parent, joined by slashes. */
export const path =
  (noun: string, ...prefixes: string[]): Format =>
  (value) =>
    new RegExp(`^${prefixes.map((prefix) => `${prefix}[0-9a-fA-F]{32}`).join("/")}$`).test(String(value))
      ? undefined
      : `${quote(value)} is no ${noun}: pass the resource itself or its id, ${prefixes.map((prefix) => `${prefix}…`).join("/")}`;

/** A phone number as Twilio wants it: `+`, country code and number, digits only. */
export const e164: Format = (value) =>
  typeof value === "string" && /^\+[1-9]\d{6,14}$/.test(value)
    ? undefined
    : `${quote(value)} is not in E.164 form: write + and country code, digits only, like +15558675310`;

/** A WhatsApp address: `whatsapp:` and a phone number. */
export const whatsapp: Format = (value) =>
  typeof value === "string" && value.startsWith("whatsapp:") && e164(value.slice("whatsapp:".length)) === undefined
    ? undefined
    : `${quote(value)} is not a WhatsApp address: write whatsapp: and the number in E.164 form, like whatsapp:+15558675310`;

/** An absolute http or https URL. */
export const url: Format = (value) =>
  typeof value === "string" && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? undefined
    : `${quote(value)} is not a URL: write it whole, like https://example.com/twilio`;

/** One of a few words. */
export const oneOf =
  (...words: string[]): Format =>
  (value) =>
    words.includes(value as string) ? undefined : `${quote(value)} is not one of ${words.map((word) => quote(word)).join(", ")}`;

/** Text of a length that Twilio counts in characters. */
export const text =
  ({ min = 0, max }: { min?: number; max: number }): Format =>
  (value) => {
    if (typeof value !== "string") return `${quote(value)} is not a text`;
    const length = [...value].length;
    if (length < min) return min === 1 ? "is empty" : `has ${length} characters, Twilio takes at least ${min}`;
    return length > max ? `has ${length} characters, Twilio takes at most ${max}` : undefined;
  };

/** A JSON object whose text Twilio limits in bytes. */
export const json =
  ({ maxBytes }: { maxBytes: number }): Format =>
  (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return `${quote(value)} is not an object: write the attributes as an object, not as JSON text`;
    }
    const bytes = Buffer.byteLength(JSON.stringify(value));
    return bytes > maxBytes ? `has ${bytes} bytes as JSON, Twilio takes at most ${maxBytes}` : undefined;
  };

/** An ISO 8601 duration such as `PT1M` or `P1D`, of at least so many seconds. */
export const duration =
  ({ minSeconds }: { minSeconds: number }): Format =>
  (value) => {
    const seconds = parseDuration(value);
    if (seconds === undefined) return `${quote(value)} is not an ISO 8601 duration: write PT10M for ten minutes, PT24H or P1D for a day`;
    return seconds < minSeconds ? `${quote(value)} is shorter than Twilio's minimum of PT${minSeconds / 60}M` : undefined;
  };

/** A duration's length in seconds, so that `PT60M` and `PT1H` are the same; `undefined` when it is none. */
export function parseDuration(value: unknown): number | undefined {
  const match = /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(String(value));
  if (!match) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** A whole number within bounds. */
export const integer =
  ({ min, max }: { min: number; max: number }): Format =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `${quote(value)} is not a whole number from ${min} to ${max}`;

/** True or false. */
export const boolean: Format = (value) => (typeof value === "boolean" ? undefined : `${quote(value)} is not true or false`);

/** Text of a fixed shape, with an example to follow. */
export const matching =
  (pattern: RegExp, example: string): Format =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? undefined : `${quote(value)} has not the form of ${example}`;

/** Accepts what any of the formats accepts; else says what the last one says. */
export const either =
  (...formats: Format[]): Format =>
  (value) => {
    const reasons = formats.map((format) => format(value));
    return reasons.includes(undefined) ? undefined : reasons.at(-1);
  };
