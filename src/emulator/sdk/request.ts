/** Parses the HTTP request that a socket message carries. */
import { Params } from "../http/params";
import { asObject, asText, type Frame, parseObject } from "./frame";

/** An HTTP request inside a socket message. */
export interface TunneledRequest {
  method: string;
  /** Percent-encoded, as the router expects it. The host is ignored because the path alone selects the route. */
  path: string;
  query: URLSearchParams;
  /** The body if it is a JSON object, else an empty object. */
  body: Record<string, unknown>;
  /** The body if it is a form. */
  form?: Params;
}

/** Parses the request in a message. */
export function requestOf({ header, payload }: Frame): TunneledRequest {
  const { method, path, params, headers } = asObject(header.http_request);
  const [pathname = "", search = ""] = asText(path).split("?");
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(asObject(params))) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(decode(name), decode(asText(one)));
  }
  const isForm = Object.entries(asObject(headers)).some(
    ([name, value]) => name.toLowerCase() === "content-type" && /x-www-form-urlencoded/i.test(asText(value)),
  );
  return {
    method: (asText(method) || "GET").toUpperCase(),
    path: pathname.startsWith("/") ? pathname : `/${pathname}`,
    query,
    body: parseObject(payload) ?? {},
    ...(isForm ? { form: new Params(payload) } : {}),
  };
}

/** Returns text with an invalid escape unchanged. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
