/** The SDK's websocket endpoint, `/v3/wsconnect`: accepts connections and sends them the domain's changes. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { EmulatorContext } from "../context";
import type { DomainEvent } from "../events";
import { refusalOf } from "../http/browser-origin";
import { originOf } from "../http/tunnel";
import { conversationTable } from "../resources/conversation-table";
import { findParticipant, type ParticipantRecord } from "../resources/participant-table";
import { serviceTable } from "../resources/service";
import { findUser, userTable } from "../resources/user";
import { everySecond } from "../ticker";
import { admission } from "./faulty";
import { encodeNotification } from "./frame";
import { Session, type SessionRegistry } from "./session";
import { changeBody } from "./sync/bodies";
import { changesOf, type SyncChange } from "./sync/log";
import { nameOf, sidOf, typeOf } from "./sync/objects";
import { mayKeep } from "./sync/routes";

const MAX_FRAME_BYTES = 1024 * 1024;
/** How long changes of a document are collected before they are sent. */
const DOCUMENT_DELAY_MS = 50;
/** A client that does not answer a ping before the next one is disconnected. */
const PING_MS = 30_000;
/** How long a client may take to sign in. */
const SIGN_IN_MS = 10_000;

/** Whether an upgrade request is for the SDK. As for every product, the host may be the first path segment. */
export function isSdkPath(url: string | undefined): boolean {
  return /^(\/tsock[^/]*\.twilio\.com)?\/v3\/wsconnect\/?(\?|$)/.test(url ?? "");
}

/** Manages the connections of all SDK users. */
export class Gateway implements SessionRegistry {
  private readonly context: EmulatorContext;
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  private readonly sessions = new Set<Session>();
  private readonly subscribers = new Map<string, Set<Session>>();
  /** The latest unsent change of each document. */
  private readonly documents = new Map<string, SyncChange>();
  private readonly liveness = new WeakMap<WebSocket, () => boolean>();
  private readonly pings: NodeJS.Timeout;
  private readonly stopTokenChecks: () => void;
  private readonly unsubscribe: () => void;

  constructor(context: EmulatorContext) {
    this.context = context;
    this.unsubscribe = context.domain.events.subscribe((event) => this.publish(event));
    this.stopTokenChecks = everySecond(context.domain, () => this.checkTokens());
    this.pings = setInterval(() => this.dropDeadClients(), PING_MS).unref();
  }

  /** Handles the upgrade requests of an HTTP server. */
  attach(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const refusal = !isSdkPath(request.url) ? "404 Not Found" : refusalOf(request) !== undefined ? "403 Forbidden" : undefined;
      if (refusal) {
        // Node no longer handles errors of an upgraded socket.
        socket.on("error", () => socket.destroy());
        socket.end(`HTTP/1.1 ${refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
        return;
      }
      void this.admit(request, socket, head);
    });
  }

  /** Completes the upgrade unless a fault rule refuses it. */
  private async admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const giveUp = () => socket.destroy();
    socket.on("error", giveUp);
    const status = await admission(this.context.faults);
    if (status === undefined) socket.destroy();
    else if (status !== 101) socket.end(`HTTP/1.1 ${status} Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    else {
      socket.off("error", giveUp);
      this.server.handleUpgrade(request, socket, head, (client) => this.accept(client, originOf(request)));
    }
  }

  private accept(client: WebSocket, origin: string): void {
    const session = new Session(this.context, this, client, origin);
    const signIn = setTimeout(() => {
      if (!session.user) client.terminate();
    }, SIGN_IN_MS).unref();
    // Fires when the client disconnects and when `dropDeadClients` terminates it.
    client.on("close", () => {
      clearTimeout(signIn);
      this.closed(session);
    });
    client.on("error", () => client.terminate());
    client.on("message", (data) => void session.receive(data as Buffer));
    let isAlive = true;
    client.on("pong", () => {
      isAlive = true;
    });
    this.liveness.set(client, () => {
      if (!isAlive) return false;
      isAlive = false;
      client.ping();
      return true;
    });
  }

  private dropDeadClients(): void {
    for (const client of this.server.clients) if (!this.liveness.get(client)?.()) client.terminate();
  }

  opened(session: Session): void {
    this.sessions.add(session);
    if (session.user && this.context.domain.presence.connect(session.user)) this.announcePresence(session);
  }

  private closed(session: Session): void {
    for (const [objectSid, sessions] of this.subscribers) if (sessions.has(session)) this.removeSubscriber(objectSid, session);
    if (!this.sessions.delete(session) || !session.user) return;
    if (this.context.domain.presence.disconnect(session.user)) this.announcePresence(session);
  }

  /** Announces that a user came online or went offline, if the service has reachability enabled. */
  private announcePresence({ user }: Session): void {
    const { domain } = this.context;
    const current = user && userTable.in(domain).get(user.sid);
    if (!current || !serviceTable.in(domain).get(current.serviceSid)?.reachabilityEnabled) return;
    try {
      domain.transact(() => domain.announce(domain.scope(current.accountSid), "presenceUpdated", { user: current }));
    } catch (error) {
      console.error("emulator: could not save a user's presence:", error);
    }
  }

  addSubscriber(objectSid: string, session: Session): void {
    const sessions = this.subscribers.get(objectSid);
    if (sessions) sessions.add(session);
    else this.subscribers.set(objectSid, new Set([session]));
  }

  removeSubscriber(objectSid: string, session: Session): void {
    const sessions = this.subscribers.get(objectSid);
    sessions?.delete(session);
    if (sessions?.size === 0) this.subscribers.delete(objectSid);
  }

  sendToMembers(conversationSid: string, from: Session, frame: Buffer): void {
    const { domain } = this.context;
    const conversation = conversationTable.in(domain).get(conversationSid);
    if (!conversation) return;
    const scope = domain.scope(conversation.accountSid);
    for (const session of this.sessions) {
      const { user } = session;
      const isOther = user !== undefined && user.sid !== from.user?.sid && user.serviceSid === conversation.serviceSid;
      if (isOther && findParticipant(scope, conversation, user.identity)) session.push(frame);
    }
  }

  private publish(event: DomainEvent): void {
    if (event.name === "restored") this.resume(event.data.clockShift);
    for (const change of changesOf(event)) {
      if (change.action === "updated" && typeOf(change.object) === "document") this.sendSoon(change);
      else this.send(change);
    }
    if (event.name === "participantRemoved") this.unsubscribeParticipant(event.data.participant);
    if (event.name === "userRemoved" || event.name === "serviceRemoved" || event.name === "reset" || event.name === "restored")
      this.checkTokens();
  }

  /** Continues all sessions in the state that a snapshot has restored. */
  private resume(clockShift: number): void {
    this.documents.clear();
    for (const session of this.sessions) session.resume(clockShift);
    for (const [objectSid, sessions] of this.subscribers) {
      for (const session of sessions) if (!session.actor || !mayKeep(session.actor, objectSid)) this.removeSubscriber(objectSid, session);
    }
  }

  /** Sends a change to the object's subscribers. */
  private send(change: SyncChange): void {
    const sessions = this.subscribers.get(change.objectSid);
    const body = sessions && changeBody(this.context.domain, change);
    if (!body) return;
    const frame = encodeNotification(`com.twilio.rtd.cds.${typeOf(change.object)}`, body);
    for (const session of sessions) session.push(frame);
    if (change.action === "removedObject") this.subscribers.delete(change.objectSid);
  }

  /**
   * Sends a document's change after a short delay. A conversation's document changes with every message, but clients
   * need only its latest content, so one notification covers many changes.
   */
  private sendSoon(change: SyncChange): void {
    const isFirst = this.documents.size === 0;
    this.documents.set(change.objectSid, change);
    if (!isFirst) return;
    setTimeout(() => {
      const changes = [...this.documents.values()];
      this.documents.clear();
      for (const latest of changes) this.send(latest);
    }, DOCUMENT_DELAY_MS).unref();
  }

  /** Ends a former participant's subscriptions to the conversation's objects. */
  private unsubscribeParticipant({ accountSid, serviceSid, conversationSid, identity }: ParticipantRecord): void {
    const { domain } = this.context;
    const user = identity === null ? undefined : findUser(domain.scope(accountSid), serviceSid, identity);
    if (!user) return;
    for (const view of ["channel", "messages", "roster"] as const) {
      const objectSid = sidOf(domain, nameOf({ sid: conversationSid }, view));
      for (const session of this.subscribers.get(objectSid) ?? []) {
        if (session.user?.sid === user.sid) this.removeSubscriber(objectSid, session);
      }
    }
  }

  /** Ends sessions whose tokens are no longer valid. Call it when the emulator's clock may have changed. */
  checkTokens(): void {
    for (const session of this.sessions) session.checkToken();
  }

  /** Terminates all connections. */
  close(): void {
    this.unsubscribe();
    this.stopTokenChecks();
    clearInterval(this.pings);
    for (const client of this.server.clients) client.terminate();
  }
}
