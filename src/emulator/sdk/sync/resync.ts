/**
 * Continues the log of changes after a snapshot was restored, so that connected clients, and those that connect later, receive the difference between
 * what they have seen and the restored state. Numbers never decrease, because a client ignores what is not higher than the last number it has seen.
 */
import type { Domain } from "../../domain";
import type { Row } from "../../store";
import {
  addChange,
  highestEvent,
  type ItemChange,
  openSyncObject,
  raiseEvents,
  type SyncChange,
  type SyncItemRow,
  type SyncObjectRow,
  syncItemTable,
  syncObjectTable,
} from "./log";
import { syncObject } from "./objects";

/** An item that may differ. */
interface Candidate {
  object: string;
  key: string | number;
  /** When it was created in the state that goes away; undefined if it is not there. */
  created: number | undefined;
}

/** An object that a client may have opened, and when its user or conversation was created. */
interface Opened {
  name: string;
  created: number | undefined;
}

/** What clients may have seen of the state that goes away. */
export interface SeenState {
  highest: number;
  objects: Opened[];
  candidates: Candidate[];
}

/** Notes what clients may have seen that differs from the rows of a snapshot. Call it before they replace the state. */
export function seenState(domain: Domain, rows: Readonly<Record<string, readonly Row[]>>): SeenState {
  const restored = itemsOf(rows);
  const current = syncItemTable.in(domain).all();
  const known = new Set(current.map(({ sid }) => sid));
  // A number is used once, also over several restores, so an item with the same number is the same.
  const changed = current.filter(({ sid, changed }) => restored.get(sid)?.changed !== changed);
  const missing = [...restored.values()].filter(({ sid }) => !known.has(sid));
  return {
    highest: highestEvent(domain),
    objects: syncObjectTable
      .in(domain)
      .all()
      .map(({ name }) => ({ name, created: syncObject(domain, name)?.owner.dateCreated })),
    candidates: [...changed, ...missing].map(({ object, key }) => ({ object, key, created: createdAt(domain, object, key) })),
  };
}

/** Logs the differences, and returns them in the order in which clients can follow them. Call it after the rows have replaced the state. */
export function resync(domain: Domain, { highest, objects, candidates }: SeenState): SyncChange[] {
  raiseEvents(domain, Math.max(highest, highestEvent(domain)));
  // Clients address them by SID, also those that nobody had opened when the snapshot was saved.
  for (const { name } of objects) if (syncObject(domain, name)) openSyncObject(domain, name);
  const isOther = ({ name, created }: Opened) => created !== undefined && syncObject(domain, name)?.owner.dateCreated !== created;
  const removals = objects.filter(isOther).map(({ name }): ItemChange => ({ object: name, action: "removedObject", key: "" }));
  const changes = candidates.filter(({ object }) => syncObject(domain, object)).flatMap((candidate) => itemChanges(domain, candidate));
  const removed = changes.filter(({ action }) => action === "removed");
  const others = changes.filter(({ action }) => action !== "removed");
  // Members first, because the SDK reports an error if an object that it uses disappears.
  return [...removed.sort(membershipsFirst), ...removals, ...others.sort(byKey)].map((change) => logged(domain, change));
}

const itemsOf = ({ syncItems = [] }: Readonly<Record<string, readonly Row[]>>) =>
  new Map((syncItems as readonly SyncItemRow[]).map((item) => [item.sid, item]));

const createdAt = (domain: Domain, object: string, key: string | number) => syncObject(domain, object)?.item(key)?.dateCreated;

/** The changes that lead a client from the former item to the restored one. One that was created at another time is another item. */
function itemChanges(domain: Domain, { object, key, created }: Candidate): ItemChange[] {
  const now = createdAt(domain, object, key);
  if (created !== undefined && created === now) return [{ object, key, action: "updated" }];
  const changes: ItemChange[] = [];
  // Also what the former state did not have: a client that was not connected may have seen it earlier.
  if (created !== undefined || now === undefined) changes.push({ object, key, action: "removed" });
  if (now !== undefined) changes.push({ object, key, action: "added" });
  return changes;
}

const isMembership = ({ object }: ItemChange) => object.endsWith(".my_conversations");
const membershipsFirst = (a: ItemChange, b: ItemChange) => Number(isMembership(b)) - Number(isMembership(a));
const byKey = (a: ItemChange, b: ItemChange) => (typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : 0);

/** An object that exists again, with another owner, keeps its log: its SID is the same. */
function logged(domain: Domain, change: ItemChange): SyncChange {
  if (change.action !== "removedObject" || !syncObject(domain, change.object)) return addChange(domain, change);
  const row: SyncObjectRow = openSyncObject(domain, change.object);
  const event = highestEvent(domain) + 1;
  syncObjectTable.in(domain).put({ ...row, event });
  return { ...change, objectSid: row.sid, event };
}
