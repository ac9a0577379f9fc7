import { randomUUID } from "node:crypto";
import { asObjects } from "./frame";

/** The header of the reply to `init`, which accepts the client's registrations. */
export function initReply(registrations: unknown): object {
  return {
    // Without offline_storage, because a browser would keep Sync objects that a reset has removed.
    capabilities: ["client_update"],
    continuation_token: randomUUID(),
    continuation_token_status: { reissued: true, reissue_reason: "MISSING", reissue_message: "" },
    init_registrations: asObjects(registrations).map(({ product, type, message_types }) => ({
      notification_ctx_id: randomUUID(),
      product,
      type,
      message_types,
    })),
  };
}
