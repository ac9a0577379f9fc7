/** Which of Twilio's products a request is for. */
import type { IncomingHttpHeaders } from "node:http";

export interface Target {
  /** `api`, `conversations`, `messaging`, …: the first label of the host name. */
  product: string;
  /** The path without a leading host segment and without the query. */
  path: string;
  query: string;
}

/** `conversations.dublin.ie1.twilio.com` is `conversations` too: edge and region do not change the product. */
function productOf(host: string): string | undefined {
  return /^([a-z0-9-]+)(?:\.[a-z0-9-]+)*\.twilio\.com(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase();
}

/**
 * The product is named by the first path segment if that is a Twilio host, else by the `X-Twilio-Host`
 * header, else by the host of an absolute request target (proxies are sent those), else by `Host`. Undefined
 * when none of them names one.
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
