/** The wire format of Sync objects, items and changes. */
import type { Domain } from "../../domain";
import { openSyncObject, type SyncChange, syncItemRow } from "./log";
import { type SyncItem, type SyncObject, syncObject, typeOf } from "./objects";
import type { Page } from "./pages";

const HOST = "https://cds.us1.twilio.com";
const PATHS = { document: "Documents", list: "Lists", map: "Maps" } as const;
const PROTOCOL_VERSION = 4;

function urlOf({ type, sid }: Pick<SyncObject, "type" | "sid">): string {
  return `${HOST}/v3/${PATHS[type]}/${sid}`;
}

/** Sync's date format, with milliseconds. */
function syncDate(ms: number): string {
  return new Date(ms).toISOString();
}

/** The body of an object. */
export function objectBody(domain: Domain, object: SyncObject, { withItems }: { withItems: boolean }) {
  const url = urlOf(object);
  const { event } = openSyncObject(domain, object.name);
  const isDocument = object.type === "document";
  return {
    sid: object.sid,
    unique_name: object.name,
    url,
    links: { items: `${url}/Items` },
    revision: String(event),
    last_event_id: event,
    date_created: syncDate(object.owner.dateCreated),
    date_updated: syncDate(object.owner.dateUpdated),
    date_expires: null,
    created_by: "system",
    ...(isDocument ? { data: object.item("")?.data } : {}),
    ...(withItems && !isDocument ? { items: object.items().map((item) => itemBody(domain, object, item)) } : {}),
  };
}

/** The body of a page of items. */
export function pageBody(domain: Domain, object: SyncObject, { items, previous, next }: Page) {
  return {
    items: items.map((item) => itemBody(domain, object, item)),
    meta: { previous_token: previous, next_token: next },
  };
}

function itemBody(domain: Domain, object: SyncObject, { key, data, dateCreated, dateUpdated }: SyncItem) {
  const changed = syncItemRow(domain, object.name, key)?.changed ?? 0;
  return {
    ...(object.type === "list" ? { index: key } : { key }),
    url: `${urlOf(object)}/Items/${key}`,
    revision: String(changed),
    last_event_id: changed,
    data,
    date_created: syncDate(dateCreated),
    date_updated: syncDate(dateUpdated),
    date_expires: null,
  };
}

/** The notification of a change. Undefined if the changed item no longer exists. */
export function changeBody(domain: Domain, change: SyncChange, correlationId?: number) {
  const type = typeOf(change.object);
  if (!type) return undefined;
  const event = eventOf(domain, change, type);
  if (!event) return undefined;
  const suffix = change.action === "removedObject" ? "removed" : type === "document" ? "updated" : `item_${change.action}`;
  return {
    event_type: `${type}_${suffix}`,
    event_protocol_version: PROTOCOL_VERSION,
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
    events: [{ id: change.event, [`${type}_sid`]: change.objectSid, ...event }],
  };
}

function eventOf(domain: Domain, { object: name, objectSid: sid, event, action, key }: SyncChange, type: SyncObject["type"]) {
  const revision = String(event);
  const now = syncDate(domain.now());
  if (action === "removedObject") return { date_created: now };
  const place = { [`${type}_revision`]: revision, [type === "list" ? "item_index" : "item_key"]: key };
  const item = { item_url: `${urlOf({ type, sid })}/Items/${key}`, item_revision: revision };
  if (action === "removed") return { ...place, ...item, item_data: {}, date_created: now };
  const current = syncObject(domain, name)?.item(key);
  if (!current) return undefined;
  const date_created = syncDate(current.dateUpdated);
  if (type === "document") return { document_revision: revision, document_data: current.data, date_created };
  return { ...place, ...item, item_data: current.data, date_created };
}

/** The notification of a subscription's new state. */
export function subscriptionBody(
  event_type: "subscription_established" | "subscription_canceled" | "subscription_failed",
  correlationId: number,
  event: Record<string, unknown>,
) {
  return { event_type, correlation_id: correlationId, event_protocol_version: PROTOCOL_VERSION, events: [event] };
}
