import type { SnapshotInfo } from "../public-types";
import type { ControlCall } from "./call";

/** `GET /_emulator/snapshots`. */
export const listSnapshots = ({ context }: ControlCall): { snapshots: SnapshotInfo[] } => ({ snapshots: context.snapshots.list() });

/** `POST /_emulator/snapshots` with `{"name": …}`. */
export const saveSnapshot = ({ context, input }: ControlCall): SnapshotInfo =>
  context.snapshots.save((input as Record<string, unknown>).name as string);

/** `POST /_emulator/snapshots/NAME/restore`. */
export const restoreSnapshot = ({ context, name }: ControlCall): SnapshotInfo => context.snapshots.restore(name);

/** `DELETE /_emulator/snapshots/NAME`. Returns those that are left. */
export function deleteSnapshot(call: ControlCall): { snapshots: SnapshotInfo[] } {
  call.context.snapshots.delete(call.name);
  return listSnapshots(call);
}
