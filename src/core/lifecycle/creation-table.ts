import type { Ownership } from "./ownership";

/** Why a create has to be decided on. */
export type Evidence =
  /** A note says that an earlier run began this create and did not finish it. */
  | "note"
  /** The request may have been carried out: there was no response in time, or a gateway gave up. */
  | "late response"
  /** The request may have been carried out: the connection was lost, or Twilio answered with an error of its own. */
  | "lost response"
  /** Twilio refused because such an object exists. */
  | "conflict"
  /** Twilio refused for another reason. */
  | "refusal";

/** What was found when the object was looked up: whose object it is, or that there is none. */
export type Found = Ownership | "none";

/** What happens next. */
export type Action =
  /** Take the object over and bring it to what the program declares. */
  | "adopt"
  /** Look again until the window is closed, then decide once more. */
  | "wait"
  /** Send the request (again). */
  | "send"
  /** Send a request for another offer, where the resource chooses among offers; otherwise fail. */
  | "choose another"
  /** Report the error. The note stays: the next run looks before it sends. */
  | "fail, keep note"
  /** Report the error. Nothing of this run can exist, so the note is removed. */
  | "fail";

/** One case. Every condition that is given must hold. */
export interface Row {
  readonly evidence?: Evidence;
  readonly found?: Found;
  /** Whether Twilio creates a second object with the same values. */
  readonly allowsDuplicates?: boolean;
  /** Whether Twilio may still carry out an earlier request. */
  readonly isWindowOpen?: boolean;
  /** Whether this run has already sent the request as often as it may. */
  readonly isLastTry?: boolean;
  readonly action: Action;
}

export type Situation = Required<Omit<Row, "action">>;

/** The first row that applies decides. `docs/reliability.md` has the same rows. */
export const creationTable: readonly Row[] = [
  { found: "ours", action: "adopt" },
  { found: "adopted", action: "adopt" },
  { evidence: "note", allowsDuplicates: true, isWindowOpen: true, action: "wait" },
  { evidence: "note", action: "send" },
  { evidence: "late response", allowsDuplicates: true, isWindowOpen: true, action: "wait" },
  { evidence: "late response", allowsDuplicates: true, action: "fail, keep note" },
  { evidence: "late response", isLastTry: true, action: "fail, keep note" },
  { evidence: "late response", action: "send" },
  { evidence: "lost response", allowsDuplicates: true, action: "fail, keep note" },
  { evidence: "lost response", isLastTry: true, action: "fail, keep note" },
  { evidence: "lost response", action: "send" },
  { evidence: "conflict", found: "none", isWindowOpen: true, action: "wait" },
  { evidence: "conflict", action: "choose another" },
  { evidence: "refusal", action: "fail" },
];

/** What to do in a situation. */
export function decide(situation: Situation, table = creationTable): Action {
  const row = table.find(
    ({ evidence, found, allowsDuplicates, isWindowOpen, isLastTry }) =>
      (evidence ?? situation.evidence) === situation.evidence &&
      (found ?? situation.found) === situation.found &&
      (allowsDuplicates ?? situation.allowsDuplicates) === situation.allowsDuplicates &&
      (isWindowOpen ?? situation.isWindowOpen) === situation.isWindowOpen &&
      (isLastTry ?? situation.isLastTry) === situation.isLastTry,
  );
  if (!row) throw new Error(`No row of the creation table covers ${JSON.stringify(situation)}.`);
  return row.action;
}
