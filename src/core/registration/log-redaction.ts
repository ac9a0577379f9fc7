import * as pulumi from "@pulumi/pulumi";
import { byName, secretValues } from "../process/redact";
import { sendDebug } from "./debug-messages";

const hidden = secretValues();
const redactions = new Set<(text: string) => string>();

/**
 * Redacts the SDK's debug messages. They contain the engine's response to each registration with secrets in plain text, and the engine publishes
 * them in its events even without --debug. The engine itself redacts only secrets of the stack's configuration.
 */
function redactMessages(): void {
  const redact = (message: string) => byName(hidden.redact([...redactions].reduce((text, one) => one(text), message)));
  Object.assign(pulumi.log, {
    debug: (message: string, ...rest: [pulumi.Resource?, number?, boolean?]) => sendDebug(redact(message), ...rest),
  });
}

/** Changes these messages before values are removed from them. */
export function redactLog(redact: (text: string) => string): void {
  redactions.add(redact);
  redactMessages();
}

/** Keeps values out of these messages; with a username, its credentials. */
export function hideInLog(values: readonly string[], username?: string): void {
  hidden.add(values, username);
  redactMessages();
}

/** Keeps a credential out of these messages as soon as it is known. */
export function redactCredential(secret: pulumi.Input<string | undefined>, username: pulumi.Input<string>): void {
  pulumi.all([secret, username]).apply(([known, user]) => {
    if (known !== undefined) hideInLog([known], user);
  });
}
