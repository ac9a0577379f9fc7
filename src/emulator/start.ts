/** Starting an emulator in this process, and joining one that already serves a folder. */
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { Background } from "./background";
import { type Clock, systemClock } from "./clock";
import { CallCounter } from "./control/calls";
import { resetAll } from "./control/control-plane";
import type { Controls } from "./control/controls";
import { Faults } from "./control/faults";
import { History } from "./control/history";
import { type Credentials, credentialsOf, DEFAULT_SEED } from "./credentials";
import { Domain } from "./domain";
import { createEdge } from "./http/server";
import { acquireLock, FolderInUse, type HeldLock } from "./lock";
import { ContentsInFolder, ContentsInMemory } from "./media-contents";
import { FolderPersistence, folderCredentials } from "./persistence";
import { Gateway } from "./sdk/gateway";
import { Webhooks } from "./webhooks/webhooks";

/** How to start an emulator; everything has a default. */
export interface EmulatorOptions {
  /** Port to listen on. Default 0: any free one. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1: this machine only. */
  host?: string;
  /** Folder that keeps the state; without one it is gone when the emulator ends. */
  stateDir?: string;
  /** Makes credentials, SIDs and the stock of numbers what they are. A folder keeps the seed it was made with. */
  seed?: string;
  /** Time added to every answer of the API. Default 0. */
  latencyMs?: number;
  /** Where the time comes from. Default: the machine's clock. */
  clock?: Clock;
}

/** A running emulator and the credentials of its main account. */
export interface Emulator {
  url: string;
  accountSid: string;
  authToken: string;
  apiKey: string;
  apiSecret: string;
  /** Forgets everything but the credentials. */
  reset(): Promise<void>;
  /** Ends it; the state stays in its folder. */
  close(): Promise<void>;
}

/**
 * Starts an emulator. A folder is served by one emulator at a time: a second start fails and names the first.
 *
 * @example
 * const twilio = await startEmulator({ stateDir: ".twilio" });
 * // … requests to `${twilio.url}/conversations.twilio.com/v1/Services`, signed with its accountSid and authToken
 * await twilio.close();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  if (options.stateDir === undefined) return serve(options, credentialsOf(options.seed ?? DEFAULT_SEED));
  const folder = resolve(options.stateDir);
  return serveFolder(options, folder, await acquireLock(folder));
}

/**
 * Uses the emulator that serves the folder, or starts one in this process if there is none. Safe to call
 * from several processes at once. What it starts does not keep the process alive; closing a handle to
 * somebody else's emulator does nothing.
 */
export async function attachEmulator(stateDir: string, options: Omit<EmulatorOptions, "stateDir"> = {}): Promise<Emulator> {
  const folder = resolve(stateDir);
  try {
    return await serveFolder(options, folder, await acquireLock(folder), { keepAlive: false });
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    return handleTo(error.info.url, folderCredentials(folder, options.seed));
  }
}

async function serveFolder(options: EmulatorOptions, folder: string, lock: HeldLock, { keepAlive = true } = {}): Promise<Emulator> {
  try {
    return await serve(options, folderCredentials(folder, options.seed), { folder, lock, keepAlive });
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Serving {
  folder?: string;
  lock?: HeldLock;
  keepAlive?: boolean;
}

async function serve(
  options: EmulatorOptions,
  credentials: Credentials,
  { folder, lock, keepAlive = true }: Serving = {},
): Promise<Emulator> {
  const { port = 0, host = "127.0.0.1", latencyMs = 0, clock = systemClock } = options;
  const domain = new Domain({ credentials, clock });
  const persistence = folder === undefined ? undefined : new FolderPersistence(folder, domain.store);
  persistence?.open();
  domain.store.journal = persistence;
  domain.begin();

  let url = "";
  const instance = lock?.instance ?? randomUUID();
  const about = () => ({
    accountSid: credentials.accountSid,
    url,
    pid: process.pid,
    instance,
    stateDir: folder ?? null,
    now: new Date(domain.now()).toISOString(),
  });
  const contents = folder === undefined ? new ContentsInMemory() : new ContentsInFolder(folder);
  contents.sweep((sid) => domain.media.get(sid) !== undefined);
  domain.events.subscribe((event) => {
    if (event.name === "mediaRemoved") contents.delete(event.data.sid);
    if (event.name === "reset") contents.sweep(() => false);
  });
  // First, so that what happened is noted before what it leads to.
  const history = new History(domain.events);
  const controls: Controls = {
    domain,
    background: new Background(domain),
    webhooks: new Webhooks(domain),
    calls: new CallCounter(),
    faults: new Faults(),
    history,
    contents,
    about,
  };
  const server = createEdge(controls, { latencyMs });
  const gateway = new Gateway(controls);
  gateway.attach(server);
  if (!keepAlive) server.on("connection", (socket) => socket.unref());
  const end = async () => {
    controls.background.stop();
    gateway.close();
    if (server.listening) await closeServer(server);
    await controls.webhooks.close();
    persistence?.close();
    lock?.release();
  };
  try {
    url = await listen(server, port, host);
    lock?.publish(url);
  } catch (error) {
    await end();
    throw error;
  }
  if (!keepAlive) server.unref();

  let ended: Promise<void> | undefined;
  return {
    url,
    ...publicCredentials(credentials),
    reset: async () => void resetAll(controls),
    close: () => {
      ended ??= end();
      return ended;
    },
  };
}

function publicCredentials({ accountSid, authToken, apiKey, apiSecret }: Credentials) {
  return { accountSid, authToken, apiKey, apiSecret };
}

/** A handle to an emulator in another process, or elsewhere in this one. */
function handleTo(url: string, credentials: Credentials): Emulator {
  return {
    url,
    ...publicCredentials(credentials),
    reset: async () => {
      const response = await fetch(`${url}/_emulator/reset`, { method: "POST" });
      if (!response.ok) throw new Error(`The emulator at ${url} could not be reset: ${await response.text()}`);
    },
    close: async () => {},
  };
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      const { address, port: actual, family } = server.address() as AddressInfo;
      done(`http://${family === "IPv6" ? `[${address}]` : address}:${actual}`);
    });
  });
}

/** Lets the requests under way finish, but not for long. */
function closeServer(server: Server): Promise<void> {
  const GRACE_MS = 500;
  return new Promise((done) => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      done();
    });
    server.closeIdleConnections();
  });
}
