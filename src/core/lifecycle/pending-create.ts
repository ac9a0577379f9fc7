import type { Body } from "../twilio/twilio";
import type { Evidence } from "./creation-table";
import type { Context, Definition, Listing } from "./definition";
import { type Note, noteDigest } from "./note";
import { parentProperty } from "./parents";
import { get, type Props } from "./props";

/** How long after its request Twilio may still create an object. A younger object belongs to somebody else. */
const lateCreateWindowMs = 90_000;
/**
 * By how much an object may seem to be older than the request that created it. `date_created` is cut to whole seconds, which takes up to one
 * second. The clock's difference comes from `Date` headers, which are cut as well and arrive late: both make it smaller, and the object
 * younger. What is left is for Twilio's own hosts, whose clocks may differ by seconds.
 */
export const clockToleranceMs = 5_000;
// After a lost connection, Twilio rarely still processes the request, but its lists may lag behind by 20 s.
const connectionLostWindowMs = 30_000;

type Clock = Pick<Context["twilio"], "skewMs">;

/** The note of a create that begins now. */
export function beginNote(key: string | undefined, { skewMs }: Clock): Note {
  const skew = skewMs();
  return { at: new Date().toISOString(), ...(skew === undefined ? {} : { skewMs: skew }), ...(key === undefined ? {} : { key }) };
}

/** When the create began, by Twilio's clock. */
const begunAt = (note: Note, { skewMs }: Clock): number => Date.parse(note.at) + (note.skewMs ?? skewMs() ?? 0);

/** When its last request was sent, by Twilio's clock. */
const sentAt = (note: Note, clock: Clock): number => (note.sentAt === undefined ? begunAt(note, clock) : Date.parse(note.sentAt));

/** Records that a create's request is sent now, unless what is recorded is near enough. */
export function recordSent(create: { begun: Note }, { notes, twilio }: Pick<Context, "notes" | "twilio">): void {
  const { begun } = create;
  const now = Date.now() + (twilio.skewMs() ?? 0);
  if (Math.abs(now - sentAt(begun, twilio)) < clockToleranceMs) return;
  create.begun = { ...begun, sentAt: new Date(now).toISOString() };
  if (begun.key !== undefined) notes.write(begun.key, create.begun);
}

const sinceBegunMs = (note: Note, body: Body, clock: Clock): number => Date.parse(body.date_created as string) - begunAt(note, clock);

/** Whether an object was there before the create that a note is about began. */
export const isOlder = (note: Note, body: Body, clock: Clock): boolean => sinceBegunMs(note, body, clock) < -clockToleranceMs;

/** Whether an object is the one that a note is about: it has the note's SID, or was created within the window of that create. */
export function matchesNote(note: Note, body: Body, clock: Clock): boolean {
  if (note.sid !== undefined) return body.sid === note.sid;
  const sinceSentMs = Date.parse(body.date_created as string) - sentAt(note, clock);
  return !isOlder(note, body, clock) && sinceSentMs <= lateCreateWindowMs + clockToleranceMs;
}

/** For how much longer Twilio may carry out the create that a note is about, in milliseconds; 0 or less when the window is closed. */
export function windowLeftMs(note: Note | undefined, clock: Clock): number {
  if (note === undefined || note.sid !== undefined || note.searched) return 0;
  const now = Date.now() + (clock.skewMs() ?? 0);
  const windowMs = note.connectionLost ? connectionLostWindowMs : lateCreateWindowMs;
  // A clock that was set back cannot make the window longer.
  return Math.min(windowMs, sentAt(note, clock) + windowMs - now);
}

/** What a create is called in its note: kind, parent and identifying values, then whose create it is. */
export function noteKeyOf(definition: Definition, inputs: Props, urn: string | undefined): string | undefined {
  const prefix = noteKeyPrefix(definition, inputs);
  return urn === undefined || prefix === undefined ? undefined : prefix + urn;
}

/** The properties that distinguish an object from others under its parent. */
export const identifying = ({ by, fetchBy }: Listing): string[] => [...new Set([...by, ...(fetchBy === undefined ? [] : [fetchBy])])];

/** The beginning of the keys of all creates with the same values, whichever resource they are for. */
export function noteKeyPrefix(definition: Definition, inputs: Props): string | undefined {
  const { type, list } = definition;
  // The same purchase may choose another number each time.
  if (definition.purchase) return `${type} `;
  const parent = parentProperty(definition);
  const values = list && identifying(list).map((property) => get(inputs, property));
  if (values === undefined || values.every((value) => value === undefined)) return undefined;
  return `${type} ${noteDigest(JSON.stringify([parent && inputs[parent], values]))} `;
}

/** What is known of a create that failed. */
interface FailedCreate {
  readonly begun: Note;
  readonly earlier: Note | undefined;
  /** A request of this run had no clear response. */
  readonly isUnresolved: boolean;
  /** Only where Twilio allows duplicates, so that the next run has to wait. */
  readonly evidence: Evidence | undefined;
}

/** Leaves the note for the next run: it waits only as long as this run did not. What this run cannot have created leaves no note of it. */
export function recordFailure(notes: Context["notes"], key: string, { begun, earlier, isUnresolved, evidence }: FailedCreate): void {
  if (!isUnresolved) earlier ? notes.write(key, earlier) : notes.remove(key);
  else if (evidence === "late response") notes.write(key, { ...begun, searched: true } satisfies Note);
  else if (evidence === "lost response") notes.write(key, { ...begun, connectionLost: true } satisfies Note);
}
