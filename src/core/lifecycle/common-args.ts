import type { Input } from "@pulumi/pulumi";

/** Options of every resource. */
export interface CommonArgs {
  /**
   * Adopts an object that exists at Twilio instead of creating one: its SID, or the name that this resource's comment gives. The object is
   * brought to what the program declares. Matters at creation only; a later change does nothing.
   */
  adopt?: Input<string> | undefined;
  /**
   * What destroying the resource does at Twilio: `"delete"` deletes the object, `"retain"` leaves it there. Default: `"delete"`, but
   * `"retain"` for an adopted object. A change is recorded in place and sends nothing.
   */
  onDelete?: Input<"delete" | "retain"> | undefined;
}
