import * as pulumi from "@pulumi/pulumi";

type Debug = typeof pulumi.log.debug;

/** Debug messages that wait for a request to the engine to end. */
interface Queue {
  readonly messages: string[];
  /** Resolves when all have been sent. */
  readonly sent: Promise<void>;
}

/** As many messages as one request holds. */
const atOnce = 100;

const { debug } = pulumi.log;
// A process of the Automation API runs several programs, each with an engine of its own.
const queues = new WeakMap<object, Queue>();

/**
 * Sends a debug message to the engine; together with others, if they come while a request is under way. The SDK writes five for each resource,
 * each in a request of its own: as long as most of the registration.
 */
export const sendDebug: Debug = (message, resource, streamId, isEphemeral) => {
  const engine = pulumi.runtime.getEngine();
  if (engine === undefined || resource || streamId !== undefined || isEphemeral) return debug(message, resource, streamId, isEphemeral);
  const queue = queues.get(engine);
  if (queue) {
    queue.messages.push(message);
    return queue.sent;
  }
  const messages = [message];
  const sent = send(engine, messages);
  queues.set(engine, { messages, sent });
  return sent;
};

async function send(engine: object, messages: string[]): Promise<void> {
  // Between two requests, the program must not disconnect.
  const done = pulumi.runtime.rpcKeepAlive();
  while (messages.length > 0) await debug(messages.splice(0, atOnce).join("\n"));
  queues.delete(engine);
  done();
}

/** Groups the SDK's debug messages. */
export function groupDebugMessages(): void {
  if (pulumi.log.debug === debug) Object.assign(pulumi.log, { debug: sendDebug });
}
