/** One connection of an SDK: who it is, what it follows, and the answers to what it sends. */
import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import type { Controls } from "../control/controls";
import type { Scope } from "../domain";
import { envelope, fail, NotFound, StateNotWritten, TwilioError } from "../errors";
import { type Reply, Router } from "../http/router";
import { fireTimers } from "../resources/conversation-state";
import { ensureUser, type UserRecord } from "../resources/user";
import { newRequestSid } from "../sid";
import { perform } from "../webhooks/perform";
import { type Listener, paramsOf, type SdkCall } from "./call";
import { sdkConversationRoutes } from "./conversation-routes";
import { decodeFrame, encodeFrame, type Frame, type Header } from "./frame";
import { requestOf, type TunnelledRequest } from "./request";
import { changeBody, subscriptionBody } from "./sync/bodies";
import { openObject, syncRoutes } from "./sync/routes";
import { type Access, verifyToken } from "./token";
import { sdkUserRoutes, typingBody } from "./user-routes";

const router = new Router<SdkCall>([...sdkUserRoutes, ...sdkConversationRoutes, ...syncRoutes]);

/** How long before its end a client is told to renew its token. */
const NOTICE_MS = 3 * 60 * 1000;
const EXPIRED = 20104;
/** Where the SDK's requests would be answered. */
const HOST = "aim.us1.twilio.com";

/** Where sessions register, and reach each other. */
export interface Hub {
  opened(session: Session): void;
  follow(objectSid: string, session: Session): void;
  unfollow(objectSid: string, session: Session): void;
  /** Sends to every other session whose user is a member. */
  tellMembers(conversationSid: string, from: Session, frame: Buffer): void;
}

/** What a reply says beside that it is one. */
interface Answer {
  header?: object;
  payload?: object;
  /** Done once the reply is on its way. */
  later?: (() => void)[];
}

export class Session implements Listener {
  private readonly controls: Controls;
  private readonly hub: Hub;
  private readonly socket: WebSocket;
  private readonly base: string;
  private access: Access | undefined;
  private isNoticeGiven = false;
  private isEnded = false;
  /** The user that the token named; undefined before `init`. */
  user: UserRecord | undefined;

  constructor(controls: Controls, hub: Hub, socket: WebSocket, base: string) {
    this.controls = controls;
    this.hub = hub;
    this.socket = socket;
    this.base = base;
  }

  /** Handles one message of the client. */
  async receive(bytes: Buffer): Promise<void> {
    // A client has half a minute to hang up as well, in which it has no right to anything any more.
    if (this.isEnded) return;
    const frame = decodeFrame(bytes);
    if (!frame) return this.end({ code: 400, status: "BAD_REQUEST" });
    const { method, id } = frame.header;
    if (method === "reply") return;
    if (method === "close") return this.socket.close();
    try {
      const { header, payload, later = [] } = await this.answer(frame);
      this.send({ method: "reply", id, status: { code: 200, status: "OK" }, ...header }, payload);
      for (const act of later) act();
    } catch (error) {
      this.refuse(id, errorOf(error));
    }
  }

  private async answer(frame: Frame): Promise<Answer> {
    const { method, token } = frame.header;
    if (method === "init") return { header: this.init(frame.header), later: [() => this.checkToken()] };
    if (!this.access) throw fail(20101);
    if (method === "update") {
      this.renew(String(token ?? ""));
      return { later: [() => this.checkToken()] };
    }
    if (method === "message") {
      // Whoever looks at the clocks of all may come a moment later.
      this.checkToken();
      if (this.isEnded) throw fail(20104);
      return this.execute(requestOf(frame));
    }
    // Push registrations and the like: taken, with nothing behind them.
    return {};
  }

  private init({ token, registrations }: Header): object {
    const { domain } = this.controls;
    if (this.access) this.renew(String(token ?? ""));
    else this.signIn(verifyToken(domain, String(token ?? "")));
    const list = Array.isArray(registrations) ? (registrations as Record<string, unknown>[]) : [];
    return {
      // No offline_storage: with it, a browser would keep Sync objects that a reset has taken away.
      capabilities: ["client_update"],
      continuation_token: randomUUID(),
      continuation_token_status: { reissued: true, reissue_reason: "MISSING", reissue_message: "" },
      init_registrations: list.map(({ product, type, message_types }) => ({
        notification_ctx_id: randomUUID(),
        product,
        type,
        message_types,
      })),
    };
  }

  /** Whoever comes for the first time becomes a user of the service. */
  private signIn(access: Access): void {
    this.user = this.controls.domain.transact(() => ensureUser(sdkScope(access), access.service.sid, access.identity));
    this.access = access;
    this.hub.opened(this);
  }

  private renew(token: string): void {
    const access = verifyToken(this.controls.domain, token);
    const { service, identity } = this.access as Access;
    if (access.identity !== identity || access.service.sid !== service.sid) throw fail(20106);
    this.access = access;
    this.isNoticeGiven = false;
  }

  /** Carries out a request that came through the tunnel. */
  private async execute(request: TunnelledRequest): Promise<Answer> {
    const later: (() => void)[] = [];
    const started = performance.now();
    const sid = newRequestSid();
    const reply = await this.route(request, { later, sid }).catch((error: unknown): Reply => {
      const { status, body } = errorOf(error, request.path);
      return { status, body };
    });
    const { status, body } = reply;
    this.keep(request, { sid, status, body, started });
    const header = {
      http_status: { code: status, status: status < 300 ? "OK" : "ERROR" },
      http_headers: { "content-type": "application/json" },
    };
    return { header, payload: (body ?? {}) as object, later: status < 300 ? later : [] };
  }

  /** Keeps for people to look at what became of a request; what is only read, and can be, is too much to look at. */
  private keep({ method, path }: TunnelledRequest, { sid, status, body, started }: Reply & { sid: string; started: number }): void {
    const { domain, history } = this.controls;
    if (method === "GET" && status < 400) return;
    const answered = { sid, method, host: HOST, path, status, body, started, isFault: false };
    history.addRequest(answered, (this.access as Access).at.accountSid, () => domain.now());
  }

  private async route(request: TunnelledRequest, { later, sid }: { later: (() => void)[]; sid: string }): Promise<Reply> {
    const { domain, background, calls } = this.controls;
    const { service } = this.access as Access;
    const { found, template } = router.match(request.method, request.path);
    calls.add(HOST, request.method, template ?? "{unknown}");
    if (!found) throw template === undefined ? new NotFound() : fail(20004);
    fireTimers(domain);
    try {
      return await perform(this.controls, sdkScope(this.access as Access, sid), (at) => {
        // Where a webhook was asked, this is the second time.
        later.length = 0;
        // The rest may have changed while a webhook was asked.
        const user = domain.users.get(this.user?.sid ?? "");
        if (!user) throw new NotFound();
        return found.route.handle({
          at,
          user,
          service,
          params: request.form ?? paramsOf(request.body),
          query: request.query,
          body: request.body,
          base: this.base,
          part: (name) => found.parts[name] ?? "",
          later: (act) => later.push(act),
          session: this,
        });
      });
    } finally {
      background.soon();
    }
  }

  subscribe({ action, correlation_id, requests }: Record<string, unknown>): void {
    const correlation = Number(correlation_id ?? 0);
    const wanted = Array.isArray(requests) ? (requests as Record<string, unknown>[]) : [];
    for (const { object_sid, object_type, last_event_id } of wanted) {
      const object = { object_sid: String(object_sid), object_type };
      if (action === "cancel") {
        this.hub.unfollow(object.object_sid, this);
        this.notify("twilio.sync.event", subscriptionBody("subscription_canceled", correlation, object));
      } else {
        this.establish(object, Number(last_event_id ?? 0), correlation);
      }
    }
  }

  /** Follows an object, and catches up with what changed since the client last heard of it. */
  private establish(object: { object_sid: string }, since: number, correlation: number): void {
    const { domain } = this.controls;
    const { at } = this.access as Access;
    try {
      // As the user is now: the role may be another one than at the sign-in.
      const user = domain.users.get(this.user?.sid ?? "");
      if (!user) throw new NotFound();
      const { name, sid } = openObject({ at, user }, object.object_sid);
      // First, so that nothing falls between; what arrives twice is known by its number.
      this.hub.follow(sid, this);
      for (const change of domain.sync.since(name, since)) {
        const body = changeBody(domain, change, correlation);
        if (body) this.notify("twilio.sync.event", body);
      }
      const { event } = domain.transact(() => domain.sync.open(name));
      const established = { ...object, replay_status: "completed", last_event_id: event };
      this.notify("twilio.sync.event", subscriptionBody("subscription_established", correlation, established));
    } catch (error) {
      const { status, body } = errorOf(error);
      this.notify("twilio.sync.event", subscriptionBody("subscription_failed", correlation, { ...object, error: { ...body, status } }));
    }
  }

  type(conversationSid: string): void {
    const { identity } = this.access as Access;
    this.hub.tellMembers(conversationSid, this, notification("twilio.ipmsg.typing_indicator", typingBody(conversationSid, identity)));
  }

  /** Tells the client in time that its token ends, and ends the connection with it. */
  checkToken(): void {
    const { domain } = this.controls;
    if (!this.access || !this.user || this.isEnded) return;
    const { expiresAt, keySid, service, at } = this.access;
    const isGone = !domain.users.get(this.user.sid) || !domain.services.get(service.sid) || !domain.keys.get(keySid);
    const left = expiresAt - domain.now();
    if (isGone || domain.accounts.get(at.accountSid)?.status !== "active") {
      this.end({ code: 401, status: "UNAUTHORIZED" });
    } else if (left <= 0) {
      this.end({ code: 410, status: "TOKEN_EXPIRED", errorCode: EXPIRED });
    } else if (left <= NOTICE_MS && !this.isNoticeGiven) {
      this.isNoticeGiven = true;
      this.send({ method: "client_update", id: newId(), client_update_type: "token_about_to_expire" });
    }
  }

  notify(messageType: string, body: object): void {
    this.push(notification(messageType, body));
  }

  push(frame: Buffer): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(frame);
  }

  private send(header: Header, payload?: object): void {
    this.push(encodeFrame(header, payload));
  }

  private refuse(id: string, { status, body }: Refusal): void {
    const { code, message } = body;
    this.send({ method: "reply", id, status: { code: status, status: "ERROR", description: message, errorCode: code } }, body);
  }

  private end(status: object): void {
    this.isEnded = true;
    this.send({ method: "close", id: newId(), status });
    this.socket.close();
  }
}

/** A notification is the same for everyone who gets it. */
export function notification(messageType: string, body: object): Buffer {
  return encodeFrame({ method: "notification", id: newId(), message_type: messageType, notification_ctx_id: "" }, body);
}

function newId(): string {
  return `TM${randomUUID().replaceAll("-", "")}`;
}

function sdkScope({ at, identity }: Access, requestSid?: string): Scope {
  return { ...at, origin: { source: "SDK", webhooksEnabled: true, clientIdentity: identity, requestSid } };
}

interface Refusal {
  status: number;
  body: ReturnType<typeof envelope>;
}

function errorOf(error: unknown, path = ""): Refusal {
  if (error instanceof NotFound) return errorOf(fail(20404, { path }));
  if (error instanceof StateNotWritten) return errorOf(fail(20503, { reason: error.message }));
  if (error instanceof TwilioError) return { status: error.status, body: envelope(error) };
  console.error("emulator: bug while answering the SDK:", error);
  return errorOf(fail(20500));
}
