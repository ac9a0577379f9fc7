/** Starts an emulator in this process, or attaches to the one that serves a folder. */
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { Background } from "./background";
import { type Clock, systemClock } from "./clock";
import type { EmulatorContext } from "./context";
import { CallCounter } from "./control/calls";
import { Faults } from "./control/faults";
import { History } from "./control/history";
import { resetAll } from "./control/reset";
import { createDomain } from "./create-domain";
import { type Credentials, credentialsOf, DEFAULT_SEED } from "./credentials";
import type { DataChange, DataSids } from "./data/change";
import { Data } from "./data/data";
import { sidsOf } from "./data/row";
import type { Domain } from "./domain";
import { control, localSnapshots, namespaceAt, remoteSnapshots } from "./handle";
import { type AllowedHosts, allowedHostsOf } from "./http/allowed-hosts";
import { closeServer, listen } from "./http/listening";
import { createEdge } from "./http/server";
import { acquireLock, FolderInUse, type HeldLock } from "./lock";
import { ContentsInFolder, ContentsInMemory, type MediaContents } from "./media-contents";
import { type Core, Namespaces } from "./namespaces/namespaces";
import { FolderPersistence, folderCredentials } from "./persistence";
import type { EmulatorProxy, ProxySettings } from "./proxy/proxy";
import type { EmulatorSnapshots, Namespace } from "./public-types";
import { Recorder } from "./record/recorder";
import { mediaTable } from "./resources/media";
import { Gateway } from "./sdk/gateway";
import { SocketEndpoint } from "./sdk/socket-endpoint";
import { Snapshots } from "./snapshots/snapshots";
import { type SnapshotStorage, SnapshotsInFolder, SnapshotsInMemory } from "./snapshots/storage";
import { Webhooks } from "./webhooks/webhooks";

/** The options of an emulator. All of them are optional. */
export interface EmulatorOptions {
  /** Port to listen on. Default: 0, any free port. */
  port?: number | undefined;
  /** Address to listen on. Default: 127.0.0.1, this machine only. */
  host?: string | undefined;
  /**
   * Other host names under which clients may reach the emulator, without ports, such as the name of its container. With a list, also an empty one, the
   * control plane and the proxy accept requests from other machines, and the requests of all machines must name an allowed host, `localhost`, the
   * emulator's own address or `*.twilio.com`. Default: none, the control plane and the proxy are for this machine only.
   */
  allowedHosts?: readonly string[] | undefined;
  /** Folder for the state. Without it, the state is lost when the emulator stops. */
  stateDir?: string | undefined;
  /** Determines credentials, SIDs and the phone numbers that can be bought. A folder keeps its first seed. */
  seed?: string | undefined;
  /** Delay of every API response. Default: 0. */
  latencyMs?: number | undefined;
  /**
   * How many writes per second a service of Conversations accepts: a whole number, at least 1. Twilio's limit is 30. Further writes get error 20429
   * (HTTP 429) with `Retry-After: 1`. The account's default service has its own count. Default: any number.
   */
  writeLimit?: number | undefined;
  /** The source of the time. Default: the machine's clock. */
  clock?: Clock | undefined;
  /**
   * Whether clients can use the emulator as their proxy, and so reach it under Twilio's own host names, with a certificate that this emulator issues.
   * Default: false.
   */
  proxy?: boolean | undefined;
  /** What to create at the start: the path of a YAML or JSON file, or its content as an object. What exists already is changed only where it differs. */
  data?: string | object | undefined;
  /** File for the requests of this run and their responses, HAR 1.2, without secrets. Replaces what is there. */
  record?: string | undefined;
  /** Watches the file of `data`, applies each change of it, and calls this with the result. */
  onDataChange?: ((change: DataChange) => void) | undefined;
}

/** A running emulator and the credentials of its main account. */
export interface Emulator {
  url: string;
  accountSid: string;
  authToken: string;
  apiKey: string;
  apiSecret: string;
  /** How clients use the proxy, if there is one. */
  proxy?: ProxySettings;
  /** The SIDs of the objects of `data`, by section and name. Empty for an emulator of another process, whose `GET /_emulator/data` has them. */
  readonly sids: DataSids;
  /** Saves and restores the whole state by name. */
  snapshots: EmulatorSnapshots;
  /**
   * Creates an emulator beside this one, on the same port, for one of several tests that run at once: with an account, a clock, faults, logs and
   * snapshots of its own. It is in memory, until it is closed.
   */
  createNamespace(name?: string): Promise<Namespace>;
  /** Deletes all state except the credentials, then creates the objects of `data` again. */
  reset(): Promise<void>;
  /** Stops the emulator. The state stays in its folder. */
  close(): Promise<void>;
}

/**
 * Starts an emulator. Only one emulator at a time can serve a folder. A second start fails and names the first.
 *
 * @example
 * const twilio = await startEmulator({ stateDir: ".twilio" });
 * // … send requests to `${twilio.url}/conversations.twilio.com/v1/Services` with its accountSid and authToken
 * await twilio.close();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  if (options.stateDir === undefined) return serve(options, credentialsOf(options.seed ?? DEFAULT_SEED));
  const folder = resolve(options.stateDir);
  return serveFolder(options, folder, await acquireLock(folder));
}

/** The options of an emulator that may be another process's. Nobody would know of its proxy. */
type AttachOptions = Omit<EmulatorOptions, "stateDir" | "proxy">;

/**
 * Returns the emulator that serves the folder, or starts one in this process if there is none. Several processes may
 * call this at once. The emulator does not keep the process alive. Closing the emulator of another process does nothing.
 */
export const attachEmulator = (stateDir: string, options: AttachOptions = {}): Promise<Emulator> =>
  attach(stateDir, options, { keepAlive: false });

/**
 * Returns the emulator that serves the folder, or starts one in this process that no other process finds: who wants the folder waits until it is
 * closed. It is for a few requests of a process that may end before the others do.
 */
export const borrowEmulator = (stateDir: string): Promise<Emulator> => attach(stateDir, {}, { keepAlive: false, isPublished: false });

async function attach(stateDir: string, options: AttachOptions, serving: Serving): Promise<Emulator> {
  const folder = resolve(stateDir);
  try {
    return await serveFolder(options, folder, await acquireLock(folder), serving);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    return handleTo(error.info.url, folderCredentials(folder, options.seed));
  }
}

async function serveFolder(options: EmulatorOptions, folder: string, lock: HeldLock, serving: Serving = {}): Promise<Emulator> {
  try {
    return await serve(options, folderCredentials(folder, options.seed), { ...serving, folder, lock });
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Serving {
  folder?: string;
  lock?: HeldLock;
  keepAlive?: boolean;
  /** Whether other processes find it. */
  isPublished?: boolean;
}

async function serve(
  options: EmulatorOptions,
  credentials: Credentials,
  { folder, lock, keepAlive = true, isPublished = true }: Serving = {},
): Promise<Emulator> {
  const { port = 0, host = "127.0.0.1", latencyMs = 0, writeLimit, clock = systemClock } = options;
  const allowedHosts = allowedHostsOf(options.allowedHosts);
  const domain = createDomain({ credentials, clock });
  const persistence = folder === undefined ? undefined : new FolderPersistence(folder, domain.store);
  persistence?.open();
  domain.store.journal = persistence;
  domain.initialize();

  let url = "";
  const instance = lock?.instance ?? randomUUID();
  const now = () => new Date(domain.now()).toISOString();
  const about = () => ({ accountSid: credentials.accountSid, url, pid: process.pid, instance, stateDir: folder ?? null, now: now() });
  const context = createContext(domain, { folder, allowedHosts, about });
  const main: Core = { context, gateway: new Gateway(context) };
  const namespaces = new Namespaces(main, (own, namespace) =>
    openCore(own, { clock, allowedHosts, about: () => ({ ...about(), stateDir: null, namespace }) }),
  );
  const server = createEdge(context, { latencyMs, writeLimit, namespaces });
  const sockets = new SocketEndpoint(namespaces, allowedHosts);
  sockets.attach(server);
  if (!keepAlive) server.on("connection", (socket) => socket.unref());
  let proxy: EmulatorProxy | undefined;
  const stop = async () => {
    context.background.stop();
    main.gateway.close();
    namespaces.close();
    sockets.close();
    proxy?.close();
    await context.data?.close();
    if (server.listening) await closeServer(server);
    await context.webhooks.close();
    await context.recorder?.close();
    persistence?.close();
    lock?.release();
  };
  try {
    if (options.record !== undefined) context.recorder = new Recorder(domain, options.record);
    if (options.data !== undefined) await openData(context, options);
    // Loaded here, because few emulators have one.
    if (options.proxy) proxy = (await import("./proxy/proxy")).openProxy(server, folder, allowedHosts);
    url = await listen(server, port, host);
    if (isPublished) lock?.publish(url);
  } catch (error) {
    await stop();
    throw error;
  }
  if (!keepAlive) server.unref();

  let stopped: Promise<void> | undefined;
  return {
    url,
    ...publicCredentials(credentials),
    ...(proxy && { proxy: proxy.settings(url) }),
    get sids() {
      return sidsOf(domain);
    },
    snapshots: localSnapshots(context.snapshots),
    createNamespace: async (name) => namespaceAt(url, namespaces.create(name)),
    reset: async () => void resetAll(context),
    close: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Opens the emulator of a namespace. */
function openCore(
  credentials: Credentials,
  { clock, allowedHosts, about }: { clock: Clock } & Pick<EmulatorContext, "allowedHosts" | "about">,
): Core {
  const domain = createDomain({ credentials, clock });
  domain.initialize();
  const now = () => new Date(domain.now()).toISOString();
  const context = createContext(domain, { allowedHosts, about: () => ({ ...about(), accountSid: credentials.accountSid, now: now() }) });
  return { context, gateway: new Gateway(context) };
}

interface Surroundings extends Pick<EmulatorContext, "about"> {
  folder?: string | undefined;
  allowedHosts?: AllowedHosts;
}

function createContext(domain: Domain, { folder, allowedHosts, about }: Surroundings): EmulatorContext {
  const [contents, storage] = openStorage(domain, folder);
  contents.sweep((sid) => mediaTable.in(domain).get(sid) !== undefined);
  domain.events.subscribe((event) => {
    if (event.name === "mediaRemoved") contents.delete(event.data.sid);
    if (event.name === "reset") contents.sweep(() => false);
  });
  // Subscribes first, so that an event is logged before the events it causes.
  const history = new History(domain.events);
  const parts = {
    domain,
    background: new Background(domain),
    webhooks: new Webhooks(domain),
    calls: new CallCounter(),
    faults: new Faults(),
    history,
    contents,
    allowedHosts,
    about,
  };
  return { ...parts, snapshots: new Snapshots(parts, storage) };
}

/** Where media and snapshots are stored. */
function openStorage(domain: Domain, folder: string | undefined): [MediaContents, SnapshotStorage] {
  if (folder === undefined) {
    const contents = new ContentsInMemory();
    return [contents, new SnapshotsInMemory(contents)];
  }
  const contents = new ContentsInFolder(folder, domain);
  const storage = new SnapshotsInFolder(folder, contents);
  storage.sweep();
  return [contents, storage];
}

/** Creates the objects of the data, and watches its file if somebody wants to know of changes. */
async function openData(context: EmulatorContext, { data = {}, onDataChange }: EmulatorOptions): Promise<void> {
  context.data = new Data(context, data);
  await context.data.load();
  if (onDataChange) context.data.watch(onDataChange);
}

function publicCredentials({ accountSid, authToken, apiKey, apiSecret }: Credentials) {
  return { accountSid, authToken, apiKey, apiSecret };
}

/** A handle to an emulator that was not started by this call. */
function handleTo(url: string, credentials: Credentials): Emulator {
  return {
    url,
    ...publicCredentials(credentials),
    sids: {},
    snapshots: remoteSnapshots(`${url}/_emulator`),
    createNamespace: async (name) => namespaceAt(url, await control(`${url}/_emulator`, "POST", "namespaces", { name })),
    reset: async () => void (await control(`${url}/_emulator`, "POST", "reset")),
    close: async () => {},
  };
}
