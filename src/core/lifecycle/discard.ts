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
  if (!isUseless?.(body)) return false;
  await send(context, "delete", id);
  context.log(
    "info",
    `Deleted ${label} ${id}, which an interrupted create left: only the response that was lost had its secret. Another one is created.`,
  );
  return true;
}
