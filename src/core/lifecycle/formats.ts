/** Says what a value must be, as `must …; received …`; `undefined` when the value is right. */
export type Format = (value: unknown) => string | undefined;

const quote = (value: unknown) => JSON.stringify(value) ?? String(value);
const must = (rule: string, value: unknown) => `must ${rule}; received ${quote(value)}${hintOf(value)}`;

/** White space around a value comes from a file or a command, and is easily overlooked. */
const hintOf = (value: unknown) =>
  typeof value === "string" && value !== value.trim() ? ", which begins or ends with white space: remove it" : "";

/** Any string. */
export const string: Format = (value) => (typeof value === "string" ? undefined : must("be a string", value));

/** A SID of one kind: two letters and 32 hex digits. */
export const sid =
  (prefix: string): Format =>
  (value) =>
    typeof value === "string" && new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(value)
      ? undefined
      : must(`be a SID that begins with ${prefix}, followed by 32 hex digits`, value);

/** A resource's id: SIDs of these kinds from the outermost parent, joined by slashes. */
export const path =
  (resource: string, ...prefixes: string[]): Format =>
  (value) =>
    typeof value === "string" && new RegExp(`^${prefixes.map((prefix) => `${prefix}[0-9a-fA-F]{32}`).join("/")}$`).test(value)
      ? undefined
      : must(`be a ${resource}: pass the resource or its id, ${prefixes.map((prefix) => `${prefix}…`).join("/")}`, value);

/** A phone number as Twilio takes it: `+`, country code and number, digits only. */
export const e164: Format = (value) =>
  typeof value === "string" && /^\+[1-9]\d{6,14}$/.test(value)
    ? undefined
    : must("be a phone number in E.164 format: + and country code, digits only, like +15558675310", value);

/** A WhatsApp address: `whatsapp:` and a number. */
export const whatsapp: Format = (value) => {
  if (typeof value === "string" && value.startsWith("whatsapp:") && e164(value.slice("whatsapp:".length)) === undefined) return undefined;
  const fix = e164(value) === undefined ? `; write ${quote(`whatsapp:${value}`)}` : "";
  return `${must("be a WhatsApp address: whatsapp: and the number in E.164 format, like whatsapp:+15558675310", value)}${fix}`;
};

/** An absolute http or https URL. */
export const url: Format = (value) =>
  typeof value === "string" && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? undefined
    : must("be an absolute http or https URL, like https://example.com/twilio", value);

/** One of a few words. */
export const oneOf =
  (...words: string[]): Format =>
  (value) =>
    words.includes(value as string) ? undefined : must(`be one of ${words.map((word) => quote(word)).join(", ")}`, value);

/** A string whose length Twilio limits in characters. */
export const text =
  ({ min = 0, max }: { min?: number; max: number }): Format =>
  (value) => {
    if (typeof value !== "string") return must("be a string", value);
    const length = [...value].length;
    if (length < min) return min === 1 ? "must not be empty" : `must have at least ${min} characters; received ${length}`;
    return length > max ? `must have at most ${max} characters; received ${length}` : undefined;
  };

/** A list whose length and items have rules. */
export const items =
  (item: Format, { min = 0, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number } = {}): Format =>
  (value) => {
    if (!Array.isArray(value)) return must("be a list", value);
    if (value.length < min) return min === 1 ? "must not be empty" : `must have at least ${min} items; received ${value.length}`;
    if (value.length > max) return `must have at most ${max} items; received ${value.length}`;
    const repeated = value.find((entry, index) => value.indexOf(entry) !== index);
    if (repeated !== undefined) return `must not repeat an item; received ${quote(repeated)} twice`;
    return value.map(item).find((reason) => reason !== undefined);
  };

/** A JSON object whose text Twilio limits in bytes. */
export const json =
  ({ maxBytes }: { maxBytes: number }): Format =>
  (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return must("be an object, not its JSON text", value);
    const bytes = Buffer.byteLength(JSON.stringify(value));
    return bytes > maxBytes ? `must have at most ${maxBytes} bytes as JSON; received ${bytes}` : undefined;
  };

/** An ISO 8601 duration such as `PT1M` or `P1D`, of at least some seconds. */
export const duration =
  ({ minSeconds }: { minSeconds: number }): Format =>
  (value) => {
    const seconds = parseDuration(value);
    if (seconds === undefined) return must("be an ISO 8601 duration, like PT10M for ten minutes or P1D for a day", value);
    return seconds < minSeconds ? must(`be at least PT${minSeconds / 60}M, Twilio's minimum`, value) : undefined;
  };

/** A duration's length in seconds, so that `PT60M` equals `PT1H`; `undefined` for anything else. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  const match = /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(value);
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
  ({ min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }): Format =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : must(max === Number.MAX_SAFE_INTEGER ? `be a whole number of at least ${min}` : `be a whole number from ${min} to ${max}`, value);

/** True or false. */
export const boolean: Format = (value) => (typeof value === "boolean" ? undefined : must("be true or false", value));

/** A string of a fixed form, with an example. */
export const matching =
  (pattern: RegExp, example: string): Format =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? undefined : must(`look like ${example}`, value);

/** Accepts what any of the formats accepts; otherwise reports the last one's reason. */
export const either =
  (...formats: Format[]): Format =>
  (value) => {
    const reasons = formats.map((format) => format(value));
    return reasons.includes(undefined) ? undefined : reasons.at(-1);
  };
