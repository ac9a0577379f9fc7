/** The objects of the data file, by the names that they have there. */
import { DataRefused } from "../data/problems";
import { sidsOf } from "../data/row";
import { type ControlCall, ControlError } from "./call";

/** `GET /_emulator/data`: the SIDs, and what is wrong with the file if it was changed since. */
export const dataBody = ({ context: { domain, data } }: ControlCall): unknown => ({ sids: sidsOf(domain), problems: data?.problems ?? [] });

/** `POST /_emulator/data`: reads the file again. */
export async function applyAgain(call: ControlCall): Promise<unknown> {
  const { data } = call.context;
  if (!data) throw new ControlError(400, "the emulator must have been started with --data FILE, but has no data");
  try {
    await data.load();
  } catch (error) {
    throw error instanceof DataRefused ? new ControlError(400, error.message) : error;
  }
  return dataBody(call);
}
