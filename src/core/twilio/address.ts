import { isLoopbackUrl } from "../../process/loopback-url";
import { UsageError } from "./errors";

/** One part of a host name. */
const LABEL = /^[a-z0-9-]+$/;

/** What decides where credentials are sent. */
interface Address {
  /** The source of the credentials, as error messages name it. */
  readonly source: string;
  readonly baseUrl?: string;
  readonly region?: string;
  readonly edge?: string;
}

/** Where base URLs are looked for. */
interface Sources {
  readonly config: (key: string) => string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A base URL as requests use it. */
export const withoutSlash = (url: string): string => url.trim().replace(/\/+$/, "");

/**
 * Refuses a base URL of another source than the credentials. Otherwise, a variable that is left over from the emulator, or a file of somebody
 * else, would decide who gets the secret. A source that comes later is ignored, as its credentials are.
 */
export function checkBaseUrls({ config, env }: Sources, { source, baseUrl }: Address): void {
  const given = [
    ["twilio:baseUrl", config("twilio:baseUrl"), "pulumi config rm twilio:baseUrl"],
    ...(baseUrl === undefined ? [["TWILIO_BASE_URL", env.TWILIO_BASE_URL, "unset TWILIO_BASE_URL"]] : []),
  ] as const;
  for (const [name, url, remove] of given) {
    if (!url || withoutSlash(url) === baseUrl) continue;
    throw new UsageError(
      `${name} must come from the same source as the credentials, which would be sent there; they come from ${source}. ` +
        `Set the credentials of that address next to ${name}, or remove it: ${remove}`,
      "baseUrl",
    );
  }
}

/** Refuses an address that could send the credentials to somebody else. */
export function checkAddress({ source, baseUrl, region, edge }: Address): void {
  for (const [name, value] of Object.entries({ region, edge })) {
    if (value === undefined || LABEL.test(value)) continue;
    const received = JSON.stringify(value);
    throw new UsageError(
      `the ${name} must consist of lowercase letters, digits and hyphens, because it is a part of the host name; received ${received}.`,
      name,
    );
  }
  if (baseUrl === undefined) return;
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === "https:" || isLoopbackUrl(baseUrl)) return;
  const received = url ? `${url.protocol}//${url.host}` : "something else";
  throw new UsageError(
    `the base URL next to ${source} must be an https:// URL, or an http:// URL of this machine (localhost, 127.0.0.1), because requests contain the credentials; received ${received}.`,
    "baseUrl",
  );
}
