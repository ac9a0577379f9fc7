/** The routes of the Sync API that the Conversations SDK uses: objects, items and subscriptions. */
import { fail } from "../../errors";
import { ok, type Route, route } from "../../http/router";
import { findParticipant } from "../../resources/participant-table";
import type { SdkCall } from "../call";
import { type Actor, hasPermission } from "../permissions";
import { objectBody, pageBody } from "./bodies";
import { syncObjectName } from "./log";
import { type SyncObject, syncObject } from "./objects";
import { pageOf } from "./pages";

/** Returns the object with this name or SID. Throws if the user may not see it. */
export function openObject(actor: Actor, nameOrSid: string): SyncObject {
  const { domain } = actor.scope;
  const object = syncObject(domain, syncObjectName(domain, nameOrSid) ?? nameOrSid);
  if (object?.owner.serviceSid !== actor.user.serviceSid) throw fail(54100, { name: nameOrSid });
  if (!maySee(actor, object)) throw fail(54007);
  return object;
}

/** Whether a subscription may continue. What does not exist has no content to hide, and its subscribers must learn that it was removed. */
export function mayKeep(actor: Actor, objectSid: string): boolean {
  const { domain } = actor.scope;
  const object = syncObject(domain, syncObjectName(domain, objectSid) ?? "");
  return object === undefined || (object.owner.serviceSid === actor.user.serviceSid && maySee(actor, object));
}

/** Users see the names of other users, their own conversations, and the messages of conversations they participate in. */
function maySee(actor: Actor, { name, owner }: SyncObject): boolean {
  if ("identity" in owner) return owner.sid === actor.user.sid || name.endsWith(".user_info");
  if (findParticipant(actor.scope, owner, actor.user.identity)) return true;
  if (owner.createdBy === actor.user.identity && name.endsWith(".channel")) return true;
  // Conversations are private, but the SDK may still be reading one that its user has just left, and it does not handle a refusal.
  return !name.endsWith(".messages") && hasPermission(actor, "joinConversation");
}

function itemsOf(call: SdkCall) {
  const object = openObject(call, call.part("Object"));
  const { domain } = call.scope;
  const isList = object.type === "list";
  const single = call.query.get(isList ? "Index" : "Key");
  if (single === null) return ok(pageBody(domain, object, pageOf(object.items(), call.query, isList)));
  const item = object.item(isList ? Number(single) : single);
  return ok(pageBody(domain, object, { items: item ? [item] : [], previous: null, next: null }));
}

const objects = (["Documents", "Lists", "Maps"] as const).map((kind) =>
  route<SdkCall>("GET", `/v3/${kind}/{Object}`, (call) => {
    const object = openObject(call, call.part("Object"));
    return ok(objectBody(call.scope.domain, object, { withItems: call.query.get("Include") === "items" }));
  }),
);

/** How long a client waits for a subscription before it sends the request again. */
const ESTIMATED_DELIVERY_MS = 10_000;

/** All routes of the Sync API. */
export const syncRoutes: Route<SdkCall>[] = [
  ...objects,
  route("GET", "/v3/Lists/{Object}/Items", itemsOf),
  route("GET", "/v3/Maps/{Object}/Items", itemsOf),
  route("POST", "/v4/Subscriptions", ({ body, connection, afterReply }) => {
    afterReply(() => connection.subscribe(body));
    return { status: 202, body: { max_batch_size: 1000, estimated_delivery_in_ms: ESTIMATED_DELIVERY_MS, ttl_in_s: 86_400 } };
  }),
];
