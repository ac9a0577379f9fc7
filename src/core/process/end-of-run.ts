/**
 * Aborted when the engine ends this process. By then, it has saved what every call returned. A run that is killed ends no process in this way.
 */
export function endOfRun(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGBREAK"] as const) {
    process.once(signal, () => {
      controller.abort();
      // Without a listener, the signal ends the process as if nobody had listened.
      process.kill(process.pid, signal);
    });
  }
  return controller.signal;
}
