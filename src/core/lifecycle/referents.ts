import type { Product } from "../twilio/twilio";
import type { Referent } from "./definition";

/** Objects of one kind that a property names by their SID; `path` is the path of one. */
export const objectBySid = (
  kind: string,
  product: Product,
  path: (sid: string, account: string) => string,
  more: Pick<Referent, "resource" | "output"> = {},
): Referent => ({
  ...more,
  async refusal(sid, { context, ask }) {
    const { accountSid } = context.twilio;
    const found = await ask({ product, path: path(sid, accountSid) });
    return found ? undefined : `must be the SID of a ${kind} of account ${accountSid}, which has none with this SID`;
  },
});
