import { setTimeout as wait } from "node:timers/promises";
import { inspect, isDeepStrictEqual } from "node:util";
import type { Fixtures } from "./fixtures";
import { type Answer, type Ask, type Created, describe } from "./rest";
import { type Form, NotRun, Refuted } from "./terms";
import type { Traffic } from "./traffic";

/** What a request must be refused with. */
interface Refusing {
  readonly code: number;
  readonly status?: number;
  readonly method?: Ask["method"];
  readonly path: string;
  readonly form?: Form;
  readonly json?: object;
  readonly password?: string;
}

const EVENTUALLY = { tries: 20, everyMs: 500 };

/** What checks use: requests, comparisons, and objects of the run. In a path, `{service}`, `{conversation}` and `{user}` are such objects. */
export class Lab {
  constructor(
    private readonly traffic: Traffic,
    private readonly fixtures: Fixtures,
  ) {}

  /** The friendly name for objects; what has it is deleted at the end. */
  get name(): string {
    return this.fixtures.name;
  }

  get = (path: string, query: Form = {}): Promise<Answer> => this.send({ method: "GET", path, form: query });
  post = (path: string, form: Form = {}): Promise<Answer> => this.send({ method: "POST", path, form });
  delete = (path: string): Promise<Answer> => this.send({ method: "DELETE", path });

  /** Creates what a check needs. If that fails, nothing is known about the fact. */
  create = async (path: string, form: Form = {}): Promise<Created> => this.fixtures.create(await this.resolve(path), form);

  /** A new conversation in the run's service. */
  conversation = (form: Form = {}): Promise<Created> => this.create("{service}/Conversations", form);

  /** The number that the run bought. */
  number = (): Promise<{ sid: string; phoneNumber: string }> => this.fixtures.number();

  /** Buys another number. */
  buy = (): Promise<{ sid: string; phoneNumber: string }> => this.fixtures.buy();

  /** The path with the objects that it names. */
  async resolve(path: string): Promise<string> {
    let resolved = path;
    if (resolved.includes("{service}")) resolved = resolved.replace("{service}", await this.fixtures.service());
    if (resolved.includes("{user}")) resolved = resolved.replace("{user}", await this.fixtures.user());
    if (resolved.includes("{conversation}")) resolved = resolved.replace("{conversation}", (await this.conversation()).path);
    return resolved;
  }

  /** Requires that a request is refused with a code. What it creates instead is deleted at once. */
  async refuses({ code, status, method = "POST", ...ask }: Refusing): Promise<void> {
    const path = await this.resolve(ask.path);
    const { answer, created } = await this.traffic.send({ ...ask, method, path }, { isRefusal: true });
    if (created !== undefined) await this.fixtures.discard(created);
    const expected = status === undefined ? `code ${code}` : `${status} with code ${code}`;
    if (answer.body.code === code && answer.status === (status ?? answer.status)) return;
    unlessUnanswered(answer);
    throw new Refuted(expected, describe(answer));
  }

  /** Requires a value, or a text that matches. */
  expect(what: string, received: unknown, expected: unknown): void {
    const fits = expected instanceof RegExp ? expected.test(String(received)) : isDeepStrictEqual(received, expected);
    if (!fits) throw new Refuted(`${what} ${shown(expected)}`, shown(received));
  }

  /** Requires the status of a response. */
  status(answer: Answer, ...expected: readonly number[]): void {
    if (!expected.includes(answer.status)) throw new Refuted(`status ${expected.join(" or ")}`, describe(answer));
  }

  /** Requires these values of properties. */
  has(body: unknown, expected: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(expected)) this.expect(key, (body as Record<string, unknown>)?.[key], value);
  }

  /** Requires that an object has these properties. */
  keys(body: unknown, ...expected: readonly string[]): void {
    const missing = expected.filter((key) => !Object.hasOwn((body ?? {}) as object, key));
    if (missing.length > 0) throw new Refuted(`properties ${expected.join(", ")}`, `none named ${missing.join(", ")}`);
  }

  /** Asks until a response has these values. */
  async becomes(path: string, expected: Readonly<Record<string, unknown>>): Promise<void> {
    for (let tries = EVENTUALLY.tries; tries > 1; tries--) {
      const { body } = await this.get(path);
      if (Object.entries(expected).every(([key, value]) => isDeepStrictEqual(body[key], value))) return;
      await wait(EVENTUALLY.everyMs);
    }
    this.has((await this.get(path)).body, expected);
  }

  private async send(ask: Ask): Promise<Answer> {
    const { answer } = await this.traffic.send({ ...ask, path: await this.resolve(ask.path) });
    unlessUnanswered(answer);
    return answer;
  }
}

/** Nothing is known where the credentials have no permission, or Twilio has a problem. */
function unlessUnanswered(answer: Answer): void {
  const isForbidden = answer.status === 401 || answer.body.code === 70051;
  if (isForbidden) throw new NotRun(`the credentials have no permission: ${describe(answer)}`);
  if (answer.status === 429 || answer.status >= 500) throw new NotRun(`Twilio did not execute the request: ${describe(answer)}`);
}

const shown = (value: unknown): string => (value instanceof RegExp ? String(value) : inspect(value, { breakLength: Infinity, depth: 4 }));
