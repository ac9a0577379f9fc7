/** An HTTP request inside a message of the socket. */
import { Params } from "../http/params";
import { type Frame, parseObject } from "./frame";

export interface TunnelledRequest {
  method: string;
  /** Still percent-encoded, as the router takes it. Hosts are labels: the path alone decides. */
  path: string;
  query: URLSearchParams;
  /** The body, when it is a JSON object; else an empty one. */
  body: Record<string, unknown>;
  /** The body, when it is a form. */
  form?: Params;
}

export function requestOf({ header, payload }: Frame): TunnelledRequest {
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

/** What has a broken escape stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
