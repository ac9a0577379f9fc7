/** An emulator in this process, called without a socket. */
import { EventEmitter } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { HttpResponse } from "../../src/core/twilio/response";
import type { Body, Form, Product } from "../../src/core/twilio/twilio";
import type { EmulatorContext } from "../../src/emulator/context";
import { CallCounter } from "../../src/emulator/control/calls";
import { Faults } from "../../src/emulator/control/faults";
import { History } from "../../src/emulator/control/history";
import { createDomain } from "../../src/emulator/create-domain";
import { credentialsOf } from "../../src/emulator/credentials";
import { createEdge } from "../../src/emulator/http/server";
import { ContentsInMemory } from "../../src/emulator/media-contents";
import { type AvailableNumber, NumberInventory } from "../../src/emulator/numbers/inventory";
import { Snapshots } from "../../src/emulator/snapshots/snapshots";
import { SnapshotsInMemory } from "../../src/emulator/snapshots/storage";
import { Webhooks } from "../../src/emulator/webhooks/webhooks";
import type { VirtualClock } from "./clock";

/** A request as it reaches Twilio. */
export interface Wire {
  readonly method: string;
  readonly product: Product | "messaging";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly form?: Form | undefined;
}

/** A row of the emulator's store. */
export type Row = Body & { readonly sid: string };

const credentials = credentialsOf("simulation");

/** A small part of the numbers for sale, which all histories share: a search through all of them would take most of the time. */
class SmallInventory extends NumberInventory {
  private few: readonly AvailableNumber[] | undefined;

  override of(...[country, type, areaCode = "415"]: Parameters<NumberInventory["of"]>): readonly AvailableNumber[] {
    if (country.code !== "US" || type !== "local" || areaCode !== "415") return [];
    this.few ??= super
      .of(country, type)
      .filter(({ phoneNumber }) => phoneNumber.startsWith("+1415"))
      .slice(0, 40);
    return this.few;
  }

  override get(phoneNumber: string): AvailableNumber | undefined {
    return this.of(this.country("US") as Parameters<NumberInventory["of"]>[0], "local").find(
      (number) => number.phoneNumber === phoneNumber,
    );
  }
}

const inventory = new SmallInventory(credentials.seed);

export class EmulatedTwilio {
  readonly accountSid = credentials.accountSid;
  readonly authToken = credentials.authToken;
  private readonly context: EmulatorContext;
  private readonly edge: Server;

  constructor(clock: VirtualClock) {
    const domain = createDomain({ credentials, clock: { now: () => clock.now } });
    domain.initialize();
    Object.assign(domain, { inventory });
    const parts = {
      domain,
      // Nothing that it does concerns these histories, and its timers are real ones.
      background: { schedule: () => {}, stop: () => {} } as unknown as EmulatorContext["background"],
      webhooks: new Webhooks(domain),
      calls: new CallCounter(),
      faults: new Faults(),
      history: new History(domain.events),
      contents: new ContentsInMemory(),
      about: () => ({ url: "" }),
    };
    this.context = { ...parts, snapshots: new Snapshots(parts, new SnapshotsInMemory(parts.contents)) };
    this.edge = createEdge(this.context, { latencyMs: 0 });
  }

  /** Carries out a request at this moment. */
  async request({ method, product, path, query, form }: Wire): Promise<HttpResponse> {
    const search = query ? `?${new URLSearchParams(query)}` : "";
    const body = form ? Buffer.from(encode(form).toString()) : undefined;
    const request = {
      method: method.toUpperCase(),
      url: `/${product}.twilio.com${path}${search}`,
      headers: {
        authorization: `Basic ${Buffer.from(`${this.accountSid}:${this.authToken}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      socket: {},
      complete: true,
      destroyed: false,
      async *[Symbol.asyncIterator]() {
        if (body) yield body;
      },
    };
    const response = new Response(request as unknown as IncomingMessage);
    this.edge.emit("request", request, response);
    return response.received;
  }

  /** The same by a person or an application; throws where Twilio refuses. */
  async send(wire: Wire): Promise<Body> {
    const { statusCode, body } = await this.request(wire);
    if (statusCode >= 400) throw new Error(`${wire.method} ${wire.path}: ${statusCode} ${JSON.stringify(body)}`);
    return (body ?? {}) as Body;
  }

  /** All rows that exist now, by table. */
  rows(): Record<string, Row[]> {
    return this.context.domain.store.dump() as unknown as Record<string, Row[]>;
  }
}

/** What the edge writes its reply to. */
class Response extends EventEmitter {
  readonly received: Promise<HttpResponse>;
  readonly destroyed = false;
  readonly socket = null;
  private readonly headers: Record<string, unknown> = {};
  private status = 0;
  private receive: (response: HttpResponse) => void = () => {};

  constructor(readonly req: IncomingMessage) {
    super();
    this.received = new Promise((resolve) => {
      this.receive = resolve;
    });
  }

  setHeader(name: string, value: unknown): void {
    this.headers[name.toLowerCase()] = value;
  }

  writeHead(status: number, headers: Record<string, unknown> = {}): this {
    this.status = status;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    return this;
  }

  end(text = ""): void {
    this.receive({ statusCode: this.status, body: text === "" ? "" : JSON.parse(text), headers: this.headers });
    this.emit("close");
  }
}

function encode(form: Form): URLSearchParams {
  const encoded = new URLSearchParams();
  for (const [key, value] of Object.entries(form)) for (const one of [value].flat()) encoded.append(key, String(one));
  return encoded;
}
