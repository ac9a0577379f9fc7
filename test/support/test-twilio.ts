/** An emulator, providers that use it, and access to its objects that is independent of the providers. */
import { expect } from "vitest";
import { catalog, sets } from "../../src/catalog";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { type DynamicProvider, type ProviderHost, providers } from "../../src/core/provider/dynamic-provider";
import type { SetDefinition } from "../../src/core/sets/set-definition";
import type { Body, Product } from "../../src/core/twilio/twilio";
import { type Emulator, startEmulator } from "../../src/emulator";
import { MiniEngine, unknown } from "./mini-engine";
import { noteStoreOf } from "./note-store";
import { operation } from "./openapi";
import { type Recorded, recorder } from "./recorder";

/** Objects that exist at Twilio before a program runs. */
export interface Fixture {
  readonly service: string;
  readonly otherService: string;
  readonly conversation: string;
  readonly otherConversation: string;
  readonly role: string;
  readonly otherRole: string;
  readonly messagingService: string;
  readonly otherMessagingService: string;
  readonly address: string;
  readonly otherAddress: string;
  readonly application: string;
  readonly otherApplication: string;
  /** Two numbers of the account that can send SMS. */
  readonly numbers: readonly [string, string];
}

/** A Twilio account on an emulator. A recorder sees each request of a provider. */
export class TestTwilio {
  /** The messages of all providers. */
  readonly log: string[] = [];
  readonly notes = new Map<string, string>();

  private constructor(
    readonly emulator: Emulator,
    private readonly recording: Awaited<ReturnType<typeof recorder>>,
    /** Numbers that can be bought and can send SMS, in the order of Twilio's response. */
    readonly forSale: string[] = [],
  ) {}

  static async open(): Promise<TestTwilio> {
    const emulator = await startEmulator();
    const twilio = new TestTwilio(emulator, await recorder(emulator.url));
    const path = `${twilio.accountPath()}/AvailablePhoneNumbers/US/Local.json?SmsEnabled=true&AreaCode=415`;
    const found = await twilio.rest("GET", "api", path);
    twilio.forSale.push(...(found.available_phone_numbers as Body[]).map((number) => String(number.phone_number)));
    return twilio;
  }

  async close(): Promise<void> {
    await this.recording.close();
    await this.emulator.close();
  }

  /** Restores the initial state of the account, and forgets notes, messages and requests. */
  async reset(): Promise<void> {
    await this.emulator.reset();
    this.notes.clear();
    this.log.length = 0;
    this.recording.taken();
  }

  /** The configuration of a stack that uses the account through the recorder. */
  settings(more: Record<string, string> = {}): Record<string, string> {
    const { accountSid, authToken } = this.emulator;
    return { "twilio:baseUrl": this.recording.url, "twilio:accountSid": accountSid, "twilio:authToken": authToken, ...more };
  }

  /**
   * An engine that starts new providers for each operation; only the notes persist. `settings` is configuration of the stack; `isReadable`: the
   * providers can read its state, as with a backend on this machine.
   */
  engine(settings: Record<string, string> = {}, notes = this.notes, { isReadable = false } = {}): MiniEngine {
    const config = this.settings(settings);
    const host: ProviderHost = {
      environment: { env: {}, cwd: "/nowhere", openEmbedded: () => Promise.reject(new Error("the embedded emulator was opened")) },
      log: (_severity, message) => void this.log.push(message),
      openNotes: () => noteStoreOf(notes),
      ...(isReadable ? { resourcesOfStack: () => engine.resources } : {}),
    };
    const engine = new MiniEngine(() => {
      const ended = new AbortController();
      const providerOf = providers({ ...host, ended: ended.signal });
      const configured = (definition: Definition | SetDefinition): DynamicProvider => {
        const provider = providerOf(definition);
        provider.configure({ config: { get: (key) => config[key] } });
        return provider;
      };
      return Object.assign(configured, { end: () => ended.abort() });
    }, [...catalog, ...sets]);
    return engine;
  }

  /** The requests since the previous call. Each must be in Twilio's specification, and none may carry an unknown value. */
  requests(): Recorded[] {
    const taken = this.recording.taken();
    for (const { product, method, path, query, form } of taken) {
      const found = operation(product, method, path);
      if (!found) expect.unreachable(`${method} ${path} is not in the specification`);
      expect([...query.keys()].filter((name) => !found.query.includes(name) && !(name in { Page: 1, PageToken: 1 }))).toEqual([]);
      expect([...form.keys()].filter((name) => !(name in found.form))).toEqual([]);
      expect(`${path} ${query} ${decodeURIComponent(form.toString())}`).not.toContain(unknown);
    }
    return taken;
  }

  /** The writes since the previous call, as `post /path`. */
  writes(): string[] {
    return this.requests()
      .filter(({ method }) => method !== "get")
      .map(({ method, path }) => `${method} ${path}`);
  }

  /** A request by somebody else, which the recorder does not see. */
  async rest(method: string, product: Product, path: string, form?: Record<string, string>): Promise<Body> {
    const { url, accountSid, authToken } = this.emulator;
    const answer = await fetch(`${url}/${product}.twilio.com${path}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` },
      ...(form ? { body: new URLSearchParams(form) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Body);
  }

  /** A request to the control endpoints of the emulator. */
  async control(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await fetch(`${this.emulator.url}/_emulator/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as Body;
  }

  readonly accountPath = (): string => `/2010-04-01/Accounts/${this.emulator.accountSid}`;

  /** Creates the objects of the fixture. */
  async fixture(): Promise<Fixture> {
    const make = (path: string, form: Record<string, string>) => this.rest("POST", "conversations", path, form);
    const service = await make("/v1/Services", { FriendlyName: "fixture" });
    const otherService = await make("/v1/Services", { FriendlyName: "other fixture" });
    const conversation = await make(`/v1/Services/${service.sid}/Conversations`, {});
    const otherConversation = await make(`/v1/Services/${service.sid}/Conversations`, {});
    const roleForm = { FriendlyName: "fixture", Type: "conversation", Permission: "sendMessage" };
    const role = await make(`/v1/Services/${service.sid}/Roles`, roleForm);
    const otherRole = await make(`/v1/Services/${service.sid}/Roles`, roleForm);
    const messagingService = await this.rest("POST", "messaging", "/v1/Services", { FriendlyName: "fixture" });
    const otherMessagingService = await this.rest("POST", "messaging", "/v1/Services", { FriendlyName: "other fixture" });
    const place = { CustomerName: "fixture", Street: "1 A St", City: "San Francisco", Region: "CA", PostalCode: "94105", IsoCountry: "US" };
    const [address, otherAddress] = [await this.addAddress(place), await this.addAddress(place)];
    const application = (name: string) => this.rest("POST", "api", `${this.accountPath()}/Applications.json`, { FriendlyName: name });
    return {
      address,
      otherAddress,
      service: String(service.sid),
      otherService: String(otherService.sid),
      conversation: `${service.sid}/${conversation.sid}`,
      otherConversation: `${service.sid}/${otherConversation.sid}`,
      role: String(role.sid),
      otherRole: String(otherRole.sid),
      messagingService: String(messagingService.sid),
      otherMessagingService: String(otherMessagingService.sid),
      application: String((await application("fixture")).sid),
      otherApplication: String((await application("other fixture")).sid),
      numbers: [await this.buy(0), await this.buy(1)],
    };
  }

  private async addAddress(form: Record<string, string>): Promise<string> {
    return String((await this.rest("POST", "api", `${this.accountPath()}/Addresses.json`, form)).sid);
  }

  private async buy(index: number): Promise<string> {
    const PhoneNumber = this.forSale[index] as string;
    await this.rest("POST", "api", `${this.accountPath()}/IncomingPhoneNumbers.json`, { PhoneNumber });
    return PhoneNumber;
  }

  /** The path of an object, from its id. */
  pathOf(type: string, id: string): [Product, string] {
    if (type.endsWith("PhoneNumber")) return ["api", `${this.accountPath()}/IncomingPhoneNumbers/${id}.json`];
    if (type.endsWith(":Address")) return ["api", `${this.accountPath()}/Addresses/${id}.json`];
    if (type.endsWith("PushCredential")) return ["conversations", `/v1/Credentials/${id}`];
    if (type.endsWith("MessagingService")) return ["messaging", `/v1/Services/${id}`];
    if (type.endsWith("ConversationConfiguration")) return ["conversations", "/v1/Configuration"];
    const [, setting] = /:Conversation(?:Service)?(Configuration|WebhookConfiguration|Notification)$/.exec(type) ?? [];
    if (setting !== undefined) {
      const owner = id.startsWith("IS") ? `/v1/Services/${id}` : "/v1";
      const place = { Configuration: "", WebhookConfiguration: "/Webhooks", Notification: "/Notifications" }[setting];
      return ["conversations", `${owner}/Configuration${place}`];
    }
    if (type.endsWith("AddressConfiguration")) return ["conversations", `/v1/Configuration/Addresses/${id}`];
    const collections = ["Services", "Conversations", type.endsWith("ConversationWebhook") ? "Webhooks" : "Participants"];
    const parts = id.split("/").map((sid, index) => `${collections[index]}/${sid}`);
    return ["conversations", `/v1/${parts.join("/")}`];
  }

  /** The object as Twilio's API returns it. */
  read(type: string, id: string): Promise<Body> {
    return this.rest("GET", ...this.pathOf(type, id));
  }

  /** The SIDs of all objects of a type; of conversations, those of the fixture's first service and of the default service. */
  async sidsOf(type: string, { service, conversation, otherConversation }: Fixture): Promise<string[]> {
    const list = async (product: Product, path: string, key: string) => {
      const page = await this.rest("GET", product, path);
      return (page[key] as Props[]).map(({ sid }) => String(sid));
    };
    const listBoth = async (first: string, second: string, key: string, pageSize = 100) => [
      ...(await list("conversations", `${first}?PageSize=${pageSize}`, key)),
      ...(await list("conversations", `${second}?PageSize=${pageSize}`, key)),
    ];
    const under = (id: string, collection: string) => `${this.pathOf("Conversation", id)[1]}/${collection}`;
    switch (type.slice(type.lastIndexOf(":") + 1)) {
      case "PhoneNumber":
        return list("api", `${this.accountPath()}/IncomingPhoneNumbers.json`, "incoming_phone_numbers");
      case "Address":
        return list("api", `${this.accountPath()}/Addresses.json`, "addresses");
      case "PushCredential":
        return list("conversations", "/v1/Credentials", "credentials");
      case "ConversationService":
        return list("conversations", "/v1/Services?PageSize=100", "services");
      case "Conversation":
        return listBoth(`/v1/Services/${service}/Conversations`, "/v1/Conversations", "conversations");
      case "Participant":
        return listBoth(under(conversation, "Participants"), under(otherConversation, "Participants"), "participants");
      case "ConversationWebhook":
        return listBoth(under(conversation, "Webhooks"), under(otherConversation, "Webhooks"), "webhooks", 5);
      case "MessagingService":
        return list("messaging", "/v1/Services?PageSize=100", "services");
      case "AddressConfiguration":
        return list("conversations", "/v1/Configuration/Addresses", "address_configurations");
      case "ConversationConfiguration":
      case "ConversationWebhookConfiguration":
      case "ConversationServiceWebhookConfiguration":
      case "ConversationServiceConfiguration":
      case "ConversationServiceNotification":
        return [this.emulator.accountSid];
      default:
        throw new Error(`no list of ${type}`);
    }
  }
}
