import * as pulumi from "@pulumi/pulumi";
import { redactor } from "../process/redact";

const { debug } = pulumi.log;
const redactors = new Set<(text: string) => string>();

/**
 * Redacts the SDK's debug messages. They contain the engine's response to each registration with secrets in plain text, and the engine publishes
 * them in its events even without --debug. The engine itself redacts only secrets of the stack's configuration.
 */
export function redactLog(redact: (text: string) => string): void {
  redactors.add(redact);
  Object.assign(pulumi.log, {
    debug: (message: string, ...rest: [pulumi.Resource?, number?, boolean?]) =>
      debug(
        [...redactors].reduce((text, one) => one(text), message),
        ...rest,
      ),
  });
}

// A process may run many programs that sign in with the same credential.
const credentials = new Set<string>();

/** Redacts a credential in the same messages as soon as it is known. */
export function redactCredential(secret: pulumi.Input<string | undefined>, username: pulumi.Input<string>): void {
  pulumi.all([secret, username]).apply(([known, user]) => {
    const credential = JSON.stringify([user, known]);
    if (known === undefined || credentials.has(credential)) return;
    credentials.add(credential);
    redactLog(redactor([known], user));
  });
}
