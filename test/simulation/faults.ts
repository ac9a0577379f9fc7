/** The network between the providers and Twilio: how long requests take, what goes wrong, and who sent what. */
import type { SendRequest } from "../../src/core/twilio/client";
import type { HttpResponse } from "../../src/core/twilio/response";
import type { Body } from "../../src/core/twilio/twilio";
import type { Random } from "../../tools/harness/random.mts";
import type { VirtualClock } from "./clock";
import type { EmulatedTwilio, Row, Wire } from "./emulated-twilio";
import { type Actor, actors, never, type SimulatedProcess } from "./process";

/** What goes wrong with a request. */
export const faultKinds = [
  "unreached",
  "lost before",
  "lost after",
  "late",
  "doubled, first response",
  "doubled, second response",
  "false response",
  "false response, not carried out",
  "refused",
  "throttled",
  "failed before",
  "failed after",
  "gateway timeout",
] as const;

/** A fault of one request of an operation. */
export interface Fault {
  readonly kind: (typeof faultKinds)[number];
  /** Which request of the operation, counted from 0 among all or among the writes. */
  readonly nth: number;
  readonly ofWrites: boolean;
  /** For how many seconds the requests after it meet the same fault. */
  readonly lasts?: number | undefined;
}

/** A write that Twilio carried out. */
export interface Write {
  readonly actor: Actor | undefined;
  /** What went wrong with its request. */
  readonly fault: Fault["kind"] | undefined;
  readonly method: string;
  readonly path: string;
  readonly form: Readonly<Record<string, unknown>>;
  /** The object before and after it. */
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  readonly table: string;
  /** Rows that it deleted beyond its own. */
  readonly cascade: readonly Row[];
}

const lostAfterMs = 40_000;

export class Network {
  /** Every write that Twilio has carried out, oldest first. */
  readonly writes: Write[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly twilio: EmulatedTwilio,
    private readonly random: Random,
  ) {}

  /** How a process sends its requests. */
  sendFor(process: SimulatedProcess, faults: readonly Fault[], pace: readonly number[]): SendRequest {
    let requests = 0;
    let writes = 0;
    const until = new Map<Fault, number>();
    return async (request) => {
      const isWrite = request.method !== "get";
      const [count, writeCount] = [requests++, isWrite ? writes++ : -1];
      const heldBackMs = pace[count] ?? 0;
      if (heldBackMs > 0) await this.clock.sleep(heldBackMs);
      if (!process.proceeds()) return never();
      const isMet = (one: Fault) =>
        one.nth === (one.ofWrites ? writeCount : count) || ((isWrite || !one.ofWrites) && this.clock.now < (until.get(one) ?? 0));
      const fault = faults.find(isMet);
      if (fault?.lasts !== undefined && !until.has(fault)) until.set(fault, this.clock.now + fault.lasts * 1000);
      const wire = request as Wire;
      return process.receive(this.deliver(wire, fault?.kind, request.timeoutMs, actors.getStore()));
    };
  }

  private async deliver(wire: Wire, fault: Fault["kind"] | undefined, timeoutMs: number, actor: Actor | undefined): Promise<HttpResponse> {
    const carryOut = () => this.carryOut(wire, actor, fault);
    await this.clock.sleep(5 + this.random.below(200));
    if (fault === "unreached") throw failure("ECONNREFUSED", "connect ECONNREFUSED");
    if (fault === "lost before") throw failure("ECONNRESET", "socket hang up");
    if (fault === "refused") return error(400, 20001, "Bad Request");
    if (fault === "throttled") return error(429, 20429, "Too Many Requests", { "retry-after": "1" });
    if (fault === "failed before") return error(503, 20503, "Service Unavailable");
    if (fault === "late") {
      this.clock.after(lostAfterMs + this.random.below(40_000), () => void carryOut());
      await this.clock.sleep(timeoutMs);
      throw failure("ECONNABORTED", "timeout exceeded");
    }
    const response = fault === "false response, not carried out" ? undefined : await carryOut();
    await this.clock.sleep(5 + this.random.below(200));
    if (response === undefined || fault === "false response") return this.another(wire) ?? response ?? (await carryOut());
    if (fault === "lost after") throw failure("ECONNRESET", "socket hang up");
    if (fault === "failed after") return error(500, 20500, "Internal Server Error");
    if (fault === "gateway timeout") return { statusCode: 504, body: "<html>Gateway Timeout</html>", headers: {} };
    if (fault?.startsWith("doubled")) {
      const second = wire.method === "post" ? await carryOut() : response;
      return fault === "doubled, second response" ? second : response;
    }
    return response;
  }

  /** A successful response about another object of the same kind. */
  private another({ method, path, product, form }: Wire): HttpResponse | undefined {
    if (method === "delete") return { statusCode: 200, body: {}, headers: {} };
    const table = tableOf(product, path);
    const sid = sidIn(path);
    // Only its age, which is compared with a tolerance of a minute, shows that it is not the conversation without a name that was just created.
    const isNameless = table === "conversations" && method === "post" && sid === undefined && form?.UniqueName === undefined;
    const isYoung = ({ date_created: at }: Body) => this.clock.now - Date.parse(String(at)) < 70_000;
    const others = this.bodies.filter(({ key, body }) => key === table && body.sid !== sid && !(isNameless && isYoung(body)));
    if (others.length === 0) return undefined;
    const { body } = others[this.random.below(others.length)] as { body: Body };
    return { statusCode: method === "post" && sid === undefined ? 201 : 200, body, headers: {} };
  }

  /** Every object that a response has shown. */
  private readonly bodies: { key: string; body: Body }[] = [];

  /** Carries a request out, and records what it has changed. */
  async carryOut(wire: Wire, actor?: Actor, fault?: Fault["kind"]): Promise<HttpResponse> {
    const isWrite = wire.method.toLowerCase() !== "get";
    const table = tableOf(wire.product, wire.path);
    const before = isWrite ? this.twilio.rows() : {};
    const response = await this.twilio.request(wire);
    if (response.statusCode >= 400) return response;
    const body = response.body as Body;
    const sid = sidIn(wire.path) ?? body?.sid;
    if (typeof body?.sid === "string") this.bodies.push({ key: table, body });
    if (!isWrite) return response;
    const after = this.twilio.rows();
    const find = (rows: Record<string, Row[]>) =>
      (rows[table] ?? []).find((row) => row.sid === sid) ?? (table === "configurations" ? rows[table]?.[0] : undefined);
    const gone = Object.entries(before).flatMap(([name, rows]) =>
      rows.filter((row) => row.sid !== sid && !(after[name] ?? []).some((other) => other.sid === row.sid)),
    );
    this.writes.push({
      actor,
      fault,
      method: wire.method,
      path: wire.path,
      form: wire.form ?? {},
      before: find(before),
      after: find(after),
      table,
      cascade: gone,
    });
    return response;
  }
}

/** The emulator's table of the objects at a path. */
function tableOf(product: string, path: string): string {
  if (product === "api") return /IncomingPhoneNumbers/.test(path) ? "numbers" : "offers";
  if (/\/Participants/.test(path)) return "participants";
  if (/\/Webhooks/.test(path)) return "scopedWebhooks";
  if (/\/Messages/.test(path)) return "messages";
  if (/\/Conversations/.test(path)) return "conversations";
  if (/\/Configuration/.test(path)) return /\/Services\//.test(path) ? "serviceConfigurations" : "configurations";
  return "services";
}

/** The SID of the object that a path names; of a collection, none. */
const sidIn = (path: string): string | undefined => /\/([A-Z]{2}[0-9a-f]{32})(?:\.json)?$/.exec(path)?.[1];

const failure = (code: string, message: string) => Object.assign(new Error(message), { code });
const error = (status: number, code: number, message: string, headers: Record<string, unknown> = {}): HttpResponse => ({
  statusCode: status,
  body: { code, message, status, more_info: `https://www.twilio.com/docs/errors/${code}` },
  headers,
});
