/** Determines which Twilio product a request addresses. */
import type { IncomingHttpHeaders } from "node:http";

/** The product and path that a request addresses. */
export interface Target {
  /** The first label of the host name: `api`, `conversations`, `messaging`, and so on. */
  product: string;
  /** The path, without the leading host segment and the query. */
  path: string;
  query: string;
}

/** Ignores edge and region: `conversations.dublin.ie1.twilio.com` is the product `conversations` too. */
function productOf(host: string): string | undefined {
  return /^([a-z0-9-]+)(?:\.[a-z0-9-]+)*\.twilio\.com(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase();
}

/**
 * Takes the product from the first of these that names a Twilio host: the first path segment, the `X-Twilio-Host`
 * header, the host of an absolute request target (which proxies receive), the `Host` header. Returns undefined if
 * none does.
 */
export function targetOf(url: string, headers: IncomingHttpHeaders): Target | undefined {
  const [, authority, relative = url] = /^https?:\/\/([^/?]*)(.*)$/is.exec(url) ?? [];
  const [path = "/", ...rest] = relative.split("?");
  const query = rest.join("?");
  const [, first = "", ...segments] = path.split("/");
  const fromPath = productOf(first);
  if (fromPath) return { product: fromPath, path: `/${segments.join("/")}`, query };
  const header = headers["x-twilio-host"];
  const product = productOf(String(header ?? "")) ?? productOf(authority ?? headers.host ?? "");
  return product === undefined ? undefined : { product, path, query };
}
