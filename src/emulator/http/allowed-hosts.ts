/** The host names, besides those of this machine, under which clients may reach an emulator that other machines or containers use. */
import { isIP } from "node:net";

/** Host names in lower case, without ports. Undefined: the emulator is for this machine only. */
export type AllowedHosts = ReadonlySet<string> | undefined;

const NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;
/** Browsers let any page use these to reach the machine that they run on. */
const UNSPECIFIED = new Set(["0.0.0.0", "::"]);

/** Checks names that a user gave. */
export function allowedHostsOf(names: readonly string[] | undefined): AllowedHosts {
  const wrong = names?.find((name) => UNSPECIFIED.has(name) || (isIP(name) === 0 && !NAME.test(name)));
  if (wrong === undefined) return names && new Set(names.map((name) => name.toLowerCase()));
  const example = "such as twilio or host.docker.internal";
  throw new Error(
    `An allowed host must be a host name or an address, without scheme and port, ${example}; received ${JSON.stringify(wrong)}.`,
  );
}

/** Whether a `Host` header names one of them, with any port: the port that a container publishes is not the one that it listens on. */
export function isAllowedHost(allowed: AllowedHosts, host: string): boolean {
  return (
    allowed?.has(
      host
        .replace(/:\d+$/, "")
        .replace(/^\[|\]$/g, "")
        .toLowerCase(),
    ) ?? false
  );
}

/** Whether an `Origin` header names one of them. */
export function isAllowedOrigin(allowed: AllowedHosts, origin: string): boolean {
  const [, host] = /^https?:\/\/([^/?#@]+)$/i.exec(origin) ?? [];
  return host !== undefined && isAllowedHost(allowed, host);
}
