import * as pulumi from "@pulumi/pulumi";

/** The part of the engine's client by which a program says that it has declared everything. The engine then deletes what was not declared. */
interface Monitor {
  signalAndWaitForShutdown?(request: unknown, callback: Callback): void;
}

type Callback = (error: { code: number } | null, response?: unknown) => void;

/** gRPC's status by which the SDK takes the signal as not supported. */
const UNIMPLEMENTED = 12;

const guarded = new WeakSet<object>();

/**
 * Lets the engine delete nothing after an error of the program. The Automation API runs an inline program and then signals that everything is
 * declared, before it looks at errors of promises: the engine would delete every resource that failed before it was registered. Without the signal,
 * it waits for the program's result, which is the error.
 */
export function guardDeletions(): void {
  const monitor = pulumi.runtime.getMonitor() as Monitor | undefined;
  const signal = monitor?.signalAndWaitForShutdown;
  if (monitor === undefined || signal === undefined || guarded.has(monitor)) return;
  guarded.add(monitor);
  monitor.signalAndWaitForShutdown = (request, callback) => {
    // Node reports a promise that nobody handles at the end of this turn, and the SDK then logs it.
    setImmediate(() => {
      if (pulumi.log.hasErrors()) callback({ code: UNIMPLEMENTED });
      else signal.call(monitor, request, callback);
    });
  };
}
