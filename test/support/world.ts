/** A local Twilio, a provider process in front of it, and a second road to see what is really there. */
import { expect } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Props } from "../../src/core/lifecycle/props";
import type { NoteStore } from "../../src/core/process/notes";
import { type DynamicProvider, type ProviderHost, providers } from "../../src/core/provider/dynamic-provider";
import type { Body, Product } from "../../src/core/twilio/twilio";
import { type Emulator, startEmulator } from "../../src/emulator";
import { phoneNumber } from "../../src/numbers/phone-number";
import { MiniEngine, unknown } from "./mini-engine";
import { operation } from "./openapi";
import { type Recorded, recorder } from "./recorder";

const definitions = [phoneNumber, conversationService, conversation, participant];

/** A memory that lives as long as the test. */
export function memoryOf(notes = new Map<string, string>()): NoteStore {
  return {
    read: (key) => (notes.has(key) ? JSON.parse(notes.get(key) as string) : undefined),
    write: (key, value) => Boolean(notes.set(key, JSON.stringify(value))),
    remove: (key) => void notes.delete(key),
    all: () => [...notes.values()].map((note) => JSON.parse(note)),
  };
}

/** What is there before a program begins. */
export interface Fixture {
  readonly service: string;
  readonly otherService: string;
  readonly room: string;
  readonly otherRoom: string;
  readonly role: string;
  readonly otherRole: string;
  readonly messagingService: string;
  readonly otherMessagingService: string;
  /** Two numbers of the account that can text. */
  readonly numbers: readonly [string, string];
}

export class World {
  readonly log: string[] = [];
  readonly notes = new Map<string, string>();

  private constructor(
    readonly emulator: Emulator,
    private readonly recording: Awaited<ReturnType<typeof recorder>>,
    /** Numbers that can be bought and can text, in the order in which they are offered. */
    readonly forSale: string[] = [],
  ) {}

  static async open(): Promise<World> {
    const emulator = await startEmulator();
    const world = new World(emulator, await recorder(emulator.url));
    const path = `${world.account()}/AvailablePhoneNumbers/US/Local.json?SmsEnabled=true&AreaCode=415`;
    const found = await world.rest("GET", "api", path);
    world.forSale.push(...(found.available_phone_numbers as Body[]).map((number) => String(number.phone_number)));
    return world;
  }

  async close(): Promise<void> {
    await this.recording.close();
    await this.emulator.close();
  }

  /** Everything as at first. */
  async reset(): Promise<void> {
    await this.emulator.reset();
    this.notes.clear();
    this.log.length = 0;
    this.recording.taken();
  }

  /** An engine whose every operation starts a process of its own; only the notes outlive it. `settings` are the stack's own. */
  engine(settings: Record<string, string> = {}, notes = this.notes): MiniEngine {
    const { accountSid, authToken } = this.emulator;
    const config: Record<string, string> = {
      "twilio:baseUrl": this.recording.url,
      "twilio:accountSid": accountSid,
      "twilio:authToken": authToken,
      ...settings,
    };
    const host: ProviderHost = {
      environment: { env: {}, cwd: "/nowhere", openEmbedded: () => Promise.reject(new Error("the embedded Twilio was opened")) },
      log: (_severity, message) => void this.log.push(message),
      openNotes: () => memoryOf(notes),
    };
    return new MiniEngine(() => {
      const providerOf = providers(host);
      return (definition): DynamicProvider => {
        const provider = providerOf(definition);
        provider.configure({ config: { get: (key) => config[key] } });
        return provider;
      };
    }, definitions);
  }

  /** The requests since the last look. Each is one that Twilio publishes, and none carries what is not known yet. */
  requests(): Recorded[] {
    const taken = this.recording.taken();
    for (const { product, method, path, query, form } of taken) {
      const found = operation(product, method, path);
      if (!found) expect.unreachable(`${method} ${path} is not published`);
      expect([...query.keys()].filter((name) => !found.query.includes(name) && !(name in { Page: 1, PageToken: 1 }))).toEqual([]);
      expect([...form.keys()].filter((name) => !(name in found.form))).toEqual([]);
      expect(`${path} ${query} ${decodeURIComponent(form.toString())}`).not.toContain(unknown);
    }
    return taken;
  }

  /** The writes since the last look, as `post /path`. */
  writes(): string[] {
    return this.requests()
      .filter(({ method }) => method !== "get")
      .map(({ method, path }) => `${method} ${path}`);
  }

  /** A request of somebody else's, past the recorder. */
  async rest(method: string, product: Product | "messaging", path: string, form?: Record<string, string>): Promise<Body> {
    const { url, accountSid, authToken } = this.emulator;
    const answer = await fetch(`${url}/${product}.twilio.com${path}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` },
      ...(form ? { body: new URLSearchParams(form) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Body);
  }

  async control(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await fetch(`${this.emulator.url}/_emulator/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as Body;
  }

  readonly account = (): string => `/2010-04-01/Accounts/${this.emulator.accountSid}`;

  async fixture(): Promise<Fixture> {
    const make = (path: string, form: Record<string, string>) => this.rest("POST", "conversations", path, form);
    const service = await make("/v1/Services", { FriendlyName: "fixture" });
    const otherService = await make("/v1/Services", { FriendlyName: "other fixture" });
    const room = await make(`/v1/Services/${service.sid}/Conversations`, {});
    const otherRoom = await make(`/v1/Services/${service.sid}/Conversations`, {});
    const roleForm = { FriendlyName: "fixture", Type: "conversation", Permission: "sendMessage" };
    const role = await make(`/v1/Services/${service.sid}/Roles`, roleForm);
    const otherRole = await make(`/v1/Services/${service.sid}/Roles`, roleForm);
    const messagingService = await this.rest("POST", "messaging", "/v1/Services", { FriendlyName: "fixture" });
    const otherMessagingService = await this.rest("POST", "messaging", "/v1/Services", { FriendlyName: "other fixture" });
    return {
      service: String(service.sid),
      otherService: String(otherService.sid),
      room: `${service.sid}/${room.sid}`,
      otherRoom: `${service.sid}/${otherRoom.sid}`,
      role: String(role.sid),
      otherRole: String(otherRole.sid),
      messagingService: String(messagingService.sid),
      otherMessagingService: String(otherMessagingService.sid),
      numbers: [await this.buy(0), await this.buy(1)],
    };
  }

  private async buy(index: number): Promise<string> {
    const PhoneNumber = this.forSale[index] as string;
    await this.rest("POST", "api", `${this.account()}/IncomingPhoneNumbers.json`, { PhoneNumber });
    return PhoneNumber;
  }

  /** The path of an object, from the id that a provider gave it. */
  pathOf(type: string, id: string): [Product, string] {
    const sids = id.split("/");
    if (type.endsWith("PhoneNumber")) return ["api", `${this.account()}/IncomingPhoneNumbers/${id}.json`];
    const names = ["Services", "Conversations", "Participants"];
    return ["conversations", `/v1/${sids.map((sid, index) => `${names[index]}/${sid}`).join("/")}`];
  }

  /** The object itself, as Twilio tells it. */
  read(type: string, id: string): Promise<Body> {
    return this.rest("GET", ...this.pathOf(type, id));
  }

  /** All objects of a kind that there are, by SID. */
  async all(type: string, { service, room, otherRoom }: Fixture): Promise<string[]> {
    const list = async (product: Product, path: string, key: string) => {
      const page = await this.rest("GET", product, path);
      return (page[key] as Props[]).map(({ sid }) => String(sid));
    };
    if (type.endsWith("PhoneNumber")) return list("api", `${this.account()}/IncomingPhoneNumbers.json`, "incoming_phone_numbers");
    if (type.endsWith("ConversationService")) return list("conversations", "/v1/Services?PageSize=100", "services");
    if (type.endsWith("Conversation")) {
      const here = await list("conversations", `/v1/Services/${service}/Conversations?PageSize=100`, "conversations");
      return [...here, ...(await list("conversations", "/v1/Conversations?PageSize=100", "conversations"))];
    }
    const of = (id: string) => list("conversations", `${this.pathOf("", id)[1]}/Participants?PageSize=100`, "participants");
    return [...(await of(room)), ...(await of(otherRoom))];
  }
}
