import type { Body } from "../twilio/twilio";
import type { Context, Definition } from "./definition";
import type { Objects } from "./objects";

/** Deletes the object of an interrupted create where it is of no use; returns whether it did. */
export async function discarded(
  { isUseless }: Definition,
  { label, send }: Objects,
  body: Body,
  id: string,
  context: Context,
): Promise<boolean> {
  const why = isUseless?.(body);
  if (why === undefined) return false;
  await send(context, "delete", id);
  context.log("info", `Deleted ${label} ${id}, which an interrupted create left: ${why}. Another one is created.`);
  return true;
}
