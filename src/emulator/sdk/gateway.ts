/** The sessions of an emulator's SDK users: sends them the domain's changes. */
import type { WebSocket } from "ws";
import type { EmulatorContext } from "../context";
import type { Faults } from "../control/faults";
import type { ClientEvents } from "../control/history";
import type { DomainEvent } from "../events";
import { conversationTable } from "../resources/conversation-table";
import { findParticipant, type ParticipantRecord } from "../resources/participant-table";
import { serviceTable } from "../resources/service";
import { findUser, userTable } from "../resources/user";
import { everySecond } from "../ticker";
import { encodeNotification } from "./frame";
import { clientOf, notificationOf } from "./notifications";
import { Session, type SessionRegistry } from "./session";
import { changeBody } from "./sync/bodies";
import { changesOf, type SyncChange } from "./sync/log";
import { nameOf, sidOf, typeOf } from "./sync/objects";
import { mayKeep } from "./sync/routes";

/** How long changes of a document are collected before they are sent. */
const DOCUMENT_DELAY_MS = 50;
/** Manages the connections of all SDK users. */
export class Gateway implements SessionRegistry {
  private readonly context: EmulatorContext;
  private readonly sessions = new Set<Session>();
  private readonly subscribers = new Map<string, Set<Session>>();
  /** The latest unsent change of each document. */
  private readonly documents = new Map<string, SyncChange>();
  private readonly stopTokenChecks: () => void;
  private readonly unsubscribe: () => void;

  constructor(context: EmulatorContext) {
    this.context = context;
    this.unsubscribe = context.domain.events.subscribe((event) => this.publish(event));
    this.stopTokenChecks = everySecond(context.domain, () => this.checkTokens());
  }

  /** The fault rules for its connections. */
  get faults(): Faults {
    return this.context.faults;
  }

  /** Opens a session for a client. */
  open(client: WebSocket, origin: string): Session {
    return new Session(this.context, this, client, origin);
  }

  opened(session: Session): void {
    this.sessions.add(session);
    const client = clientOf(session);
    if (client) this.record("clientConnected", { client });
    if (session.user && this.context.domain.presence.connect(session.user)) this.announcePresence(session);
  }

  closed(session: Session): void {
    for (const [objectSid, sessions] of this.subscribers) if (sessions.has(session)) this.removeSubscriber(objectSid, session);
    const client = clientOf(session);
    if (!this.sessions.delete(session) || !session.user || !client) return;
    this.record("clientDisconnected", { client, reason: session.endReason ?? "the connection was closed" });
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

  /** Adds an event to the history that the console shows. */
  private record<Name extends keyof ClientEvents>(name: Name, data: ClientEvents[Name]): void {
    const { domain, history } = this.context;
    history.addClientEvent(name, data, domain.credentials.accountSid, () => domain.now());
  }

  replayed(change: SyncChange, session: Session): void {
    const notification = notificationOf(this.context.domain, change, [session]);
    if (notification) this.record("clientNotified", { notification: { ...notification, absent: [] } });
  }

  /** Records that a client's token was refused. */
  refused({ code, message }: ClientEvents["clientRefused"]["refusal"]): void {
    this.record("clientRefused", { refusal: { code, message } });
  }

  /** Sends a change to the object's subscribers. */
  private send(change: SyncChange): void {
    const sessions = this.subscribers.get(change.objectSid);
    const notification = notificationOf(this.context.domain, change, sessions ?? []);
    if (notification) this.record("clientNotified", { notification });
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
    for (const session of this.sessions) session.terminate();
  }
}
