/** Parses the HTTP request that a socket message carries. */
import { Params } from "../http/params";
import { type Frame, parseObject } from "./frame";

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
  const { method, path, params, headers } = (header.http_request ?? {}) as Record<string, unknown>;
  const [pathname = "", search = ""] = String(path ?? "").split("?");
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries((params ?? {}) as Record<string, unknown>)) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(decode(name), decode(String(one)));
  }
  const isForm = Object.entries((headers ?? {}) as Record<string, unknown>).some(
    ([name, value]) => name.toLowerCase() === "content-type" && /x-www-form-urlencoded/i.test(String(value)),
  );
  return {
    method: String(method ?? "GET").toUpperCase(),
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
