/** One SDK connection: its user, its subscriptions, and the replies to its messages. */
import type { WebSocket } from "ws";
import { runDue } from "../background";
import type { EmulatorContext } from "../context";
import { fail, NotFound } from "../errors";
import { type Reply, Router } from "../http/router";
import { serviceTable } from "../resources/service";
import { ensureUser, type UserRecord, userTable } from "../resources/user";
import { newRequestSid } from "../sid";
import { perform } from "../webhooks/perform";
import { paramsOf, type SdkCall, type SdkConnection } from "./call";
import { sdkConversationRoutes } from "./conversation-routes";
import { type ErrorReply, errorOf, reasonOf, socketReasonOf } from "./error-reply";
import { addToHistory, HOST, withFaults } from "./faulty";
import {
  asObjects,
  asText,
  decodeFrame,
  encodeFrame,
  encodeNotification,
  type Frame,
  type Header,
  MAX_UNREAD_BYTES,
  newMessageId,
  type SocketReply,
} from "./frame";
import { initReply } from "./init-reply";
import type { Actor } from "./permissions";
import { sdkPushRoutes } from "./push-routes";
import { requestOf, type TunneledRequest } from "./request";
import { changeBody, subscriptionBody } from "./sync/bodies";
import { changesSince, openSyncObject, type SyncChange } from "./sync/log";
import { openObject, syncRoutes } from "./sync/routes";
import { type Access, isRevoked, sdkScope, verifyToken } from "./token";
import { sdkUserRoutes, typingBody } from "./user-routes";

const router = new Router<SdkCall>([...sdkUserRoutes, ...sdkConversationRoutes, ...sdkPushRoutes, ...syncRoutes]);

/** How long before a token's expiry the client is asked to renew it. */
const EXPIRY_NOTICE_MS = 3 * 60 * 1000;
const TOKEN_EXPIRED = 20104;

/** Registers sessions and their subscriptions, and sends messages between them. */
export interface SessionRegistry {
  opened(session: Session): void;
  closed(session: Session): void;
  /** Records why a client could not sign in. */
  refused(refusal: { code: number | null; message: string }): void;
  /** Records that a client was sent a change that it had missed. */
  replayed(change: SyncChange, session: Session): void;
  addSubscriber(objectSid: string, session: Session): void;
  removeSubscriber(objectSid: string, session: Session): void;
  /** Sends a frame to all other sessions whose user is a member of the conversation. */
  sendToMembers(conversationSid: string, from: Session, frame: Buffer): void;
}

/** The state of one SDK connection. */
export class Session implements SdkConnection {
  private readonly context: EmulatorContext;
  private readonly registry: SessionRegistry;
  private readonly socket: WebSocket;
  private readonly base: string;
  private access: Access | undefined;
  private isRenewalRequested = false;
  /** Why the emulator ended the connection. Undefined if the client did. */
  endReason: string | undefined;
  /** The token's user. Undefined before `init`. */
  user: UserRecord | undefined;

  constructor(context: EmulatorContext, registry: SessionRegistry, socket: WebSocket, base: string) {
    this.context = context;
    this.registry = registry;
    this.socket = socket;
    this.base = base;
  }

  /** Handles one message from the client. */
  async receive(bytes: Buffer): Promise<void> {
    // A client may take 30 s to close the connection. Its messages have no effect during that time.
    if (this.endReason) return;
    const frame = decodeFrame(bytes);
    if (!frame) return this.end({ code: 400, status: "BAD_REQUEST" });
    const { method, id } = frame.header;
    if (method === "reply") return;
    if (method === "close") return this.socket.close();
    try {
      const { header, payload, afterReply = [] } = await this.handle(frame);
      this.send({ method: "reply", id, status: { code: 200, status: "OK" }, ...header }, payload);
      for (const action of afterReply) action();
    } catch (error) {
      const reply = errorOf(error);
      if (method === "init") this.registry.refused(reply.body);
      this.sendError(id, reply);
    }
  }

  private async handle(frame: Frame): Promise<SocketReply> {
    const { method, token } = frame.header;
    if (method === "init") return { header: this.init(frame.header), afterReply: [() => this.checkToken()] };
    if (!this.access) throw fail(20101);
    if (method === "update") {
      this.renew(asText(token));
      return { afterReply: [() => this.checkToken()] };
    }
    if (method === "message") {
      // The gateway's periodic check may not have run since the token expired.
      this.checkToken();
      if (this.endReason) throw fail(20104);
      return this.execute(requestOf(frame));
    }
    // Accept other messages without effect.
    return {};
  }

  private init({ token, registrations }: Header): object {
    const { domain } = this.context;
    if (this.access) this.renew(asText(token));
    else this.signIn(verifyToken(domain, asText(token)));
    return initReply(registrations);
  }

  /** Signs the user in, and creates the user on the first sign-in. */
  private signIn(access: Access): void {
    this.user = this.context.domain.transact(() => ensureUser(sdkScope(access), access.service.sid, access.identity));
    this.access = access;
    this.registry.opened(this);
  }

  private renew(token: string): void {
    const access = verifyToken(this.context.domain, token);
    const { service, identity } = this.access as Access;
    if (access.identity !== identity || access.service.sid !== service.sid) throw fail(20106);
    this.access = access;
    this.isRenewalRequested = false;
  }

  /** Executes an HTTP request that a message carried. */
  private async execute(request: TunneledRequest): Promise<SocketReply> {
    const afterReply: (() => void)[] = [];
    const started = performance.now();
    const sid = newRequestSid();
    const { template } = router.match(request.method, request.path);
    const outcome = await withFaults(this.context.faults, request, template, () =>
      this.route(request, { afterReply, sid }).catch((error: unknown): Reply => errorOf(error, request.path)),
    );
    addToHistory(this.context, request, { ...outcome, sid, started, accountSid: (this.access as Access).scope.accountSid });
    if (!outcome.reply) this.socket.terminate();
    const { status, body, headers } = outcome.reply ?? { status: 0 };
    const header = {
      http_status: { code: status, status: reasonOf(status) },
      http_headers: { "content-type": "application/json", ...headers },
    };
    return { header, payload: (body ?? {}) as object, afterReply: status < 300 ? afterReply : [] };
  }

  private async route(request: TunneledRequest, { afterReply, sid }: { afterReply: (() => void)[]; sid: string }): Promise<Reply> {
    const { domain, background, calls } = this.context;
    const { service, pushCredentialSid } = this.access as Access;
    const { found, template } = router.match(request.method, request.path);
    calls.add(HOST, request.method, template);
    if (!found) throw template === undefined ? new NotFound() : fail(20004);
    runDue(domain);
    try {
      return await perform(this.context, sdkScope(this.access as Access, sid), (scope) => {
        // After a pre-webhook, `perform` runs this function a second time.
        afterReply.length = 0;
        // The user may have been deleted during the pre-webhook.
        const user = userTable.in(domain).get(this.user?.sid ?? "");
        if (!user) throw new NotFound();
        return found.route.handle({
          scope,
          user,
          service,
          pushCredentialSid,
          params: request.form ?? paramsOf(request.body),
          query: request.query,
          body: request.body,
          base: this.base,
          part: (name) => found.parts[name] ?? "",
          afterReply: (action) => afterReply.push(action),
          connection: this,
        });
      });
    } finally {
      background.schedule();
    }
  }

  subscribe({ action, correlation_id, requests }: Record<string, unknown>): void {
    const correlation = Number(asText(correlation_id));
    for (const { object_sid, object_type, last_event_id } of asObjects(requests)) {
      const object = { object_sid: asText(object_sid), object_type };
      if (action === "cancel") {
        this.registry.removeSubscriber(object.object_sid, this);
        this.notify("twilio.sync.event", subscriptionBody("subscription_canceled", correlation, object));
      } else {
        this.openSubscription(object, Number(asText(last_event_id)), correlation);
      }
    }
  }

  /** Subscribes to an object and sends the changes since the client's last event. */
  private openSubscription(object: { object_sid: string }, since: number, correlation: number): void {
    const { domain } = this.context;
    try {
      const { actor } = this;
      if (!actor) throw new NotFound();
      const { name, sid } = openObject(actor, object.object_sid);
      // Subscribe first so that no change is missed. The client recognizes duplicates by the event number.
      this.registry.addSubscriber(sid, this);
      for (const change of changesSince(domain, name, since)) {
        const body = changeBody(domain, change, correlation);
        if (body) this.notify("twilio.sync.event", body);
        this.registry.replayed(change, this);
      }
      const { event } = domain.transact(() => openSyncObject(domain, name));
      const established = { ...object, replay_status: "completed", last_event_id: event };
      this.notify("twilio.sync.event", subscriptionBody("subscription_established", correlation, established));
    } catch (error) {
      const { status, body } = errorOf(error);
      this.notify("twilio.sync.event", subscriptionBody("subscription_failed", correlation, { ...object, error: { ...body, status } }));
    }
  }

  /** On whose behalf the connection reads. Fetches the user again, because the role may have changed since the sign-in. */
  get actor(): Actor | undefined {
    const user = userTable.in(this.context.domain).get(this.user?.sid ?? "");
    return this.access && user && { scope: this.access.scope, user };
  }

  /** Call it when the connection is closed. */
  closed(): void {
    this.registry.closed(this);
  }

  /** Closes the connection without a reason. */
  terminate(): void {
    this.socket.terminate();
  }

  /** Continues after a snapshot was restored. What the clock's move adds or takes makes the token neither younger nor older. */
  resume(clockShift: number): void {
    if (!this.access) return;
    const service = serviceTable.in(this.context.domain).get(this.access.service.sid) ?? this.access.service;
    this.access = { ...this.access, service, expiresAt: this.access.expiresAt + clockShift };
  }

  sendTyping(conversationSid: string): void {
    const { identity } = this.access as Access;
    this.registry.sendToMembers(
      conversationSid,
      this,
      encodeNotification("twilio.ipmsg.typing_indicator", typingBody(conversationSid, identity)),
    );
  }

  /** Asks the client to renew its token before the expiry, and closes the connection when the token is no longer valid. */
  checkToken(): void {
    const { domain } = this.context;
    if (!this.access || !this.user || this.endReason) return;
    const left = this.access.expiresAt - domain.now();
    if (isRevoked(this.access, this.user)) {
      this.end({ code: 401, status: "UNAUTHORIZED" });
    } else if (left <= 0) {
      this.end({ code: 410, status: "TOKEN_EXPIRED", errorCode: TOKEN_EXPIRED });
    } else if (left <= EXPIRY_NOTICE_MS && !this.isRenewalRequested) {
      this.isRenewalRequested = true;
      this.send({ method: "client_update", id: newMessageId(), client_update_type: "token_about_to_expire" });
    }
  }

  notify(messageType: string, body: object): void {
    this.push(encodeNotification(messageType, body));
  }

  push(frame: Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    // A client that does not read is disconnected. It can reconnect for the rest.
    if (this.socket.bufferedAmount > MAX_UNREAD_BYTES) this.socket.terminate();
    else this.socket.send(frame);
  }

  private send(header: Header, payload?: object): void {
    this.push(encodeFrame(header, payload));
  }

  private sendError(id: string, { status, body }: ErrorReply): void {
    const { code, message } = body;
    const reason = socketReasonOf(status);
    this.send({ method: "reply", id, status: { code: status, status: reason, description: message, errorCode: code } }, body);
  }

  private end(status: { code: number; status: string; errorCode?: number }): void {
    this.endReason = status.status;
    this.send({ method: "close", id: newMessageId(), status });
    this.socket.close();
  }
}
