/**
 * Namespaces: emulators beside the main one in the same process, each with an account, a clock, faults, logs and snapshots of its own. A request belongs
 * to the namespace whose credentials it has, so that clients need nothing else.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { EmulatorContext } from "../context";
import { type Credentials, credentialsOf } from "../credentials";
import { userOf } from "../http/authentication";
import { checkName, RefusedName, UnknownName } from "../names";
import { accountTable } from "../resources/account";
import { keyTable } from "../resources/key";
import { mediaTable } from "../resources/media";
import type { Gateway } from "../sdk/gateway";
import { issuerOf } from "../sdk/token";

/** One emulator: its state, and the connections of its SDK clients. */
export interface Core {
  context: EmulatorContext;
  gateway: Gateway;
}

/** A namespace without its secrets. */
export interface NamespaceInfo {
  name: string;
  accountSid: string;
  /** The URL for clients, which all namespaces share. */
  baseUrl: string;
  /** Its control plane: `${controlUrl}/clock`. */
  controlUrl: string;
}

/** A new namespace. */
export interface CreatedNamespace extends NamespaceInfo, Pick<Credentials, "authToken" | "apiKey" | "apiSecret"> {}

const MEDIA_PATH = /\/Media\/(ME[0-9a-f]{32})\b/i;

/** All emulators of the process. They are in memory, except for the main one. */
export class Namespaces {
  private readonly main: Core;
  private readonly open: (credentials: Credentials, name: string) => Core;
  private readonly cores = new Map<string, Core>();

  constructor(main: Core, open: (credentials: Credentials, name: string) => Core) {
    this.main = main;
    this.open = open;
  }

  /** Creates a namespace. The same name always gets the same credentials and SIDs; without a name, they are new. */
  create(name: unknown = `ns-${randomUUID()}`): CreatedNamespace {
    checkName("a namespace", name);
    if (this.cores.has(name)) throw new RefusedName(409, `there is a namespace ${name} already; delete it, or choose another name`);
    const credentials = credentialsOf(`${this.main.context.domain.credentials.seed}/namespaces/${name}`);
    this.cores.set(name, this.open(credentials, name));
    const { authToken, apiKey, apiSecret } = credentials;
    return { ...this.info(name, credentials.accountSid), authToken, apiKey, apiSecret };
  }

  list(): NamespaceInfo[] {
    return [...this.cores].map(([name, { context }]) => this.info(name, context.domain.credentials.accountSid));
  }

  /** Ends a namespace: its clients are disconnected, its streams of events end, and its webhooks are aborted. */
  delete(name: string): void {
    const core = this.find(name);
    this.cores.delete(name);
    end(core);
  }

  /** Ends all namespaces. */
  close(): void {
    for (const name of this.cores.keys()) this.delete(name);
  }

  /** The namespace with this name. */
  named(name: string): EmulatorContext {
    return this.find(name).context;
  }

  /** Whether every request belongs to the main emulator. */
  get isEmpty(): boolean {
    return this.cores.size === 0;
  }

  /** The emulator that a request belongs to: by its credentials, or by the file that it asks for with a temporary URL; otherwise the main one. */
  of(request: IncomingMessage): EmulatorContext {
    if (this.isEmpty) return this.main.context;
    const { "x-twilio-token": token } = request.headers;
    const signer = typeof token === "string" ? issuerOf(token) : userOf(request);
    const [, media] = MEDIA_PATH.exec(request.url ?? "") ?? [];
    return ((signer === "" ? this.withMedia(media) : this.signedInBy(signer)) ?? this.main).context;
  }

  /** The gateway for a client of the SDK with this access token. */
  gatewayOf(token: string): Gateway {
    return (this.signedInBy(issuerOf(token)) ?? this.main).gateway;
  }

  private signedInBy(sid: string): Core | undefined {
    return [...this.cores.values()].find(({ context: { domain } }) => accountTable.in(domain).get(sid) ?? keyTable.in(domain).get(sid));
  }

  private withMedia(sid: string | undefined): Core | undefined {
    return sid === undefined ? undefined : [...this.cores.values()].find(({ context }) => mediaTable.in(context.domain).get(sid));
  }

  private find(name: string): Core {
    const core = this.cores.get(name);
    if (!core) throw new UnknownName("namespace", name, [...this.cores.keys()]);
    return core;
  }

  private info(name: string, accountSid: string): NamespaceInfo {
    const { url } = this.main.context.about();
    return { name, accountSid, baseUrl: url, controlUrl: `${url}/_emulator/namespaces/${name}` };
  }
}

function end({ context, gateway }: Core): void {
  context.background.stop();
  context.history.close();
  gateway.close();
  context.webhooks.deliveries.clear();
  void context.webhooks.close();
}
