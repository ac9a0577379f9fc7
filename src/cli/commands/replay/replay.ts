import type { Emulator } from "../../../emulator";
import type { Recorded } from "./archive";
import { type Difference, differencesOf } from "./compare";
import { Names } from "./names";

/** A request whose response differs from the recorded one. */
export interface DifferentRequest {
  /** Its position in the archive, from 1. */
  readonly number: number;
  readonly method: string;
  readonly url: string;
  readonly differences: readonly Difference[];
}

/** Sends recorded requests to an emulator, in order, and returns those that were answered otherwise. */
export async function replay(
  requests: readonly Recorded[],
  emulator: Emulator,
  setTime: (at: number) => void,
): Promise<DifferentRequest[]> {
  const run = new Replay(emulator);
  const different: DifferentRequest[] = [];
  for (const request of requests) {
    if (Number.isFinite(request.at)) setTime(request.at);
    const differences = await run.send(request);
    const { number, method, host, path } = request;
    if (differences.length > 0) different.push({ number, method, url: `https://${host}${path}`, differences });
  }
  return different;
}

class Replay {
  private readonly emulator: Emulator;
  private readonly names: Names;
  /** The secrets of accounts and keys that the replay created. */
  private readonly secrets = new Map<string, string>();

  constructor(emulator: Emulator) {
    this.emulator = emulator;
    this.names = new Names(emulator.accountSid);
  }

  async send(recorded: Recorded): Promise<Difference[]> {
    const { method, host, path, query, headers, body, status } = recorded;
    const { names } = this;
    const search = query === "" ? "" : `?${names.translateForm(query)}`;
    const url = `${this.emulator.url}/${host}${this.pathOf(path)}${search}`;
    const isForm = /^application\/x-www-form-urlencoded/i.test(headers["content-type"] ?? "");
    const login = this.loginOf(recorded);
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(login && { authorization: `Basic ${Buffer.from(login).toString("base64")}` }) },
      ...(body === undefined ? {} : { body: isForm ? names.translateForm(body) : body }),
    });
    const text = await response.text();
    const answer = text === "" ? undefined : (JSON.parse(text) as unknown);
    this.keepSecret(answer);
    if (response.status === status) return recorded.response === undefined ? [] : differencesOf(recorded.response, answer, names);
    const code = (value: unknown) => (value as { code?: unknown } | undefined)?.code ?? null;
    const codes = { path: "code", recorded: code(recorded.response), replayed: code(answer) };
    return [{ path: "status", recorded: status, replayed: response.status }, ...(codes.recorded === codes.replayed ? [] : [codes])];
  }

  /** The path with the replay's names. A segment that is not valid stays: the request may have tested that. */
  private pathOf(path: string): string {
    const segment = (encoded: string): string => {
      try {
        return encodeURIComponent(this.names.translate(decodeURIComponent(encoded)));
      } catch {
        return encoded;
      }
    };
    return path.split("/").map(segment).join("/");
  }

  /** The credentials that correspond to those of the recording. */
  private loginOf({ signedInBy, status }: Recorded): string | undefined {
    if (signedInBy === null || (signedInBy === undefined && status === 401)) return undefined;
    const { accountSid, authToken, apiKey, apiSecret } = this.emulator;
    const user = this.names.translate(signedInBy ?? accountSid);
    const secret = this.secrets.get(user);
    if (secret !== undefined) return `${user}:${secret}`;
    return user.startsWith("SK") ? `${apiKey}:${apiSecret}` : `${accountSid}:${authToken}`;
  }

  private keepSecret(answer: unknown): void {
    const { sid, auth_token: token, secret } = (answer ?? {}) as Record<string, unknown>;
    const value = token ?? secret;
    if (typeof sid === "string" && typeof value === "string") this.secrets.set(sid, value);
  }
}
