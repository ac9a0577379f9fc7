/** How a conversations resource was addressed: its URLs repeat that form, and so does its body. */
export interface Place {
  /** `https://conversations.twilio.com/v1`, or the same with `/Services/{sid}`. */
  root: string;
  /** Whether the path named the service: then bodies of participants, messages and receipts name it too. */
  scoped: boolean;
}

/** The part of a body that only the service-scoped form has. */
export function scopedPart(place: Place, serviceSid: string): { chat_service_sid?: string } {
  return place.scoped ? { chat_service_sid: serviceSid } : {};
}
