/** Named states of an emulator. */
import type { Background } from "../background";
import { endPresent, type Present } from "../control/reset";
import type { Domain } from "../domain";
import { StateNotWritten } from "../errors";
import { checkName, RefusedName, UnknownName } from "../names";
import type { SnapshotInfo } from "../public-types";
import { shiftTimers } from "../resources/conversation-state";
import { shiftSchedule } from "../resources/sms-schedule";
import { keepUsers, signedInUsers } from "../sdk/kept-users";
import { resync, seenState } from "../sdk/sync/resync";
import type { SavedState, SnapshotStorage, Stored } from "./storage";

/** The parts of an emulator that a restored snapshot changes. */
interface Parts extends Present {
  background: Background;
}

/** Saves and restores the whole state: records, clock, credentials, content of media, counters and timers. */
export class Snapshots {
  private readonly parts: Parts;
  private readonly storage: SnapshotStorage;

  constructor(parts: Parts, storage: SnapshotStorage) {
    this.parts = parts;
    this.storage = storage;
  }

  list(): SnapshotInfo[] {
    return this.storage.list();
  }

  /** Saves the state. Replaces a snapshot with this name. */
  save(name: string): SnapshotInfo {
    checkName("a snapshot", name);
    const { domain } = this.parts;
    const { accountSid } = domain.credentials;
    const state: SavedState = { version: 1, accountSid, savedAt: domain.time.machineTime(), now: domain.now(), rows: domain.store.dump() };
    try {
      this.storage.save(name, state);
    } catch (error) {
      throw new StateNotWritten(`cannot save the snapshot ${name}: ${(error as Error).message}`);
    }
    return { name, savedAt: new Date(state.savedAt).toISOString() };
  }

  /** Replaces the state by the one that was saved, as if no time had passed since then. */
  restore(name: string): SnapshotInfo {
    const stored = this.find(name);
    const { domain, background } = this.parts;
    const { state } = stored;
    if (state.accountSid !== domain.credentials.accountSid) {
      const owner = domain.credentials.accountSid;
      throw new RefusedName(409, `the snapshot ${name} is of the account ${state.accountSid}, and this emulator's is ${owner}`);
    }
    restoreState(domain, name, stored);
    stored.finishMedia();
    endPresent(this.parts);
    // What was pending when the state was saved is pending again.
    background.schedule();
    return { name, savedAt: new Date(state.savedAt).toISOString() };
  }

  delete(name: string): void {
    checkName("a snapshot", name);
    if (!this.storage.delete(name)) throw this.unknown(name);
  }

  private find(name: string): Stored {
    checkName("a snapshot", name);
    const stored = this.storage.load(name);
    if (!stored) throw this.unknown(name);
    return stored;
  }

  private unknown(name: string): UnknownName {
    return new UnknownName(
      "snapshot",
      name,
      this.list().map((info) => info.name),
    );
  }
}

function restoreState(domain: Domain, snapshot: string, { state, stageMedia }: Stored): void {
  const before = domain.now();
  const users = signedInUsers(domain);
  const seen = seenState(domain, state.rows);
  domain.restore(state.rows, () => {
    domain.time.continueFrom(state.savedAt);
    const passed = domain.now() - state.now;
    shiftTimers(domain, passed);
    shiftSchedule(domain, passed);
    keepUsers(domain, users);
    stageMedia();
    const changes = resync(domain, seen);
    return { snapshot, clockShift: domain.now() - before, changes: () => changes };
  });
}
