/** `/v3/wsconnect`: where the SDK's sockets arrive, and from where the domain's changes reach them. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Controls } from "../control/controls";
import type { DomainEvent } from "../events";
import { isForeignOrigin } from "../http/browser-origin";
import { type ParticipantRecord, participantCalled } from "../resources/participant";
import { userCalled } from "../resources/user";
import { type Hub, notification, Session } from "./session";
import { changeBody } from "./sync/bodies";
import type { SyncChange } from "./sync/log";
import { nameOf, sidOf, typeOf } from "./sync/objects";

const LARGEST_FRAME = 1024 * 1024;
const CHECK_MS = 1000;
/** How long a document's changes are collected. */
const DOCUMENT_MS = 50;
/** A socket that does not answer a ping until the next one is dead. */
const PING_MS = 30_000;

/** Whether an upgrade is the SDK's; the host may stand first in the path, as for every product. */
export function isSdkPath(url: string | undefined): boolean {
  return /^(\/tsock[^/]*\.twilio\.com)?\/v3\/wsconnect\/?(\?|$)/.test(url ?? "");
}

export class Gateway implements Hub {
  private readonly controls: Controls;
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME });
  private readonly sessions = new Set<Session>();
  private readonly followers = new Map<string, Set<Session>>();
  /** The latest change of each document that is not sent yet. */
  private readonly documents = new Map<string, SyncChange>();
  private readonly liveness = new WeakMap<WebSocket, () => boolean>();
  private readonly timers: NodeJS.Timeout[];
  private readonly unsubscribe: () => void;

  constructor(controls: Controls) {
    this.controls = controls;
    this.unsubscribe = controls.domain.events.subscribe((event) => this.publish(event));
    this.timers = [setInterval(() => this.checkTokens(), CHECK_MS), setInterval(() => this.dropDead(), PING_MS)];
    for (const timer of this.timers) timer.unref();
  }

  /** Takes over the upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const refusal = !isSdkPath(request.url) ? "404 Not Found" : isForeignOrigin(request) ? "403 Forbidden" : undefined;
      if (refusal) {
        // Node has let go of the socket: nobody else hears that the client has gone.
        socket.on("error", () => socket.destroy());
        socket.end(`HTTP/1.1 ${refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
        return;
      }
      this.server.handleUpgrade(request, socket, head, (client) => this.welcome(client, request.headers.host ?? ""));
    });
  }

  private welcome(client: WebSocket, host: string): void {
    const session = new Session(this.controls, this, client, `http://${host}`);
    // Ended by `terminate` in dropDead, and by the client: both close it.
    client.on("close", () => this.closed(session));
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

  private dropDead(): void {
    for (const client of this.server.clients) if (!this.liveness.get(client)?.()) client.terminate();
  }

  opened(session: Session): void {
    this.sessions.add(session);
    if (session.user && this.controls.domain.presence.connect(session.user)) this.announcePresence(session);
  }

  private closed(session: Session): void {
    for (const [objectSid, sessions] of this.followers) if (sessions.has(session)) this.unfollow(objectSid, session);
    if (!this.sessions.delete(session) || !session.user) return;
    if (this.controls.domain.presence.disconnect(session.user)) this.announcePresence(session);
  }

  /** Only where the service has reachability on does anybody hear of it. */
  private announcePresence({ user }: Session): void {
    const { domain } = this.controls;
    const current = user && domain.users.get(user.sid);
    if (!current || !domain.services.get(current.serviceSid)?.reachabilityEnabled) return;
    try {
      domain.transact(() => domain.announce(domain.scope(current.accountSid), "presenceUpdated", { user: current }));
    } catch (error) {
      console.error("emulator: who is online could not be kept:", error);
    }
  }

  follow(objectSid: string, session: Session): void {
    const sessions = this.followers.get(objectSid);
    if (sessions) sessions.add(session);
    else this.followers.set(objectSid, new Set([session]));
  }

  unfollow(objectSid: string, session: Session): void {
    const sessions = this.followers.get(objectSid);
    sessions?.delete(session);
    if (sessions?.size === 0) this.followers.delete(objectSid);
  }

  tellMembers(conversationSid: string, from: Session, frame: Buffer): void {
    const { domain } = this.controls;
    const conversation = domain.conversations.get(conversationSid);
    if (!conversation) return;
    const at = domain.scope(conversation.accountSid);
    for (const session of this.sessions) {
      const { user } = session;
      const isOther = user !== undefined && user.sid !== from.user?.sid && user.serviceSid === conversation.serviceSid;
      if (isOther && participantCalled(at, conversation, user.identity)) session.push(frame);
    }
  }

  private publish(event: DomainEvent): void {
    for (const change of event.changes ?? []) {
      if (change.action === "updated" && typeOf(change.object) === "document") this.sendSoon(change);
      else this.send(change);
    }
    if (event.name === "participantRemoved") this.forget(event.data.participant);
    if (event.name === "userRemoved" || event.name === "serviceRemoved" || event.name === "reset") this.checkTokens();
  }

  /** Sends a change to those who follow the object. */
  private send(change: SyncChange): void {
    const sessions = this.followers.get(change.objectSid);
    const body = sessions && changeBody(this.controls.domain, change);
    if (!body) return;
    const frame = notification(`com.twilio.rtd.cds.${typeOf(change.object)}`, body);
    for (const session of sessions) session.push(frame);
    if (change.action === "removedObject") this.followers.delete(change.objectSid);
  }

  /** A document changes with every message of its conversation, but only what it is now matters: one update tells of many changes. */
  private sendSoon(change: SyncChange): void {
    const isFirst = this.documents.size === 0;
    this.documents.set(change.objectSid, change);
    if (!isFirst) return;
    setTimeout(() => {
      const changes = [...this.documents.values()];
      this.documents.clear();
      for (const latest of changes) this.send(latest);
    }, DOCUMENT_MS).unref();
  }

  /** Who has left a conversation hears nothing more of it. */
  private forget({ accountSid, serviceSid, conversationSid, identity }: ParticipantRecord): void {
    const { domain } = this.controls;
    const user = identity === null ? undefined : userCalled(domain.scope(accountSid), serviceSid, identity);
    if (!user) return;
    for (const view of ["channel", "messages", "roster"] as const) {
      const objectSid = sidOf(domain, nameOf({ sid: conversationSid }, view));
      for (const session of this.followers.get(objectSid) ?? []) if (session.user?.sid === user.sid) this.unfollow(objectSid, session);
    }
  }

  /** To be called when the time may have moved. */
  checkTokens(): void {
    for (const session of this.sessions) session.checkToken();
  }

  /** Ends every connection. */
  close(): void {
    this.unsubscribe();
    for (const timer of this.timers) clearInterval(timer);
    for (const client of this.server.clients) client.terminate();
  }
}
