/** What the SDK rejects with. Only a response from Twilio has a body. */
interface SendError {
  readonly message?: string;
  readonly body?: { readonly message?: string; readonly code?: number };
}

/** Whether Twilio refused a request. Otherwise the response was lost, and Twilio may have done what was requested. */
export const isRefused = (error: unknown): boolean => (error as SendError).body !== undefined;

/** Twilio's message where there is one. The SDK's own message is only the status. */
export function reasonOf(error: unknown): string {
  const { body, message } = error as SendError;
  if (body?.message) return `${body.message}${body.code ? ` (error ${body.code})` : ""}.`;
  return `${message ?? "unknown error"}.`;
}
