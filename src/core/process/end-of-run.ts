/**
 * Aborted when the engine ends this process. By then, it has saved what every call returned, unless it saves nothing before the end of a run: then
 * never. A run that is killed ends no process in this way.
 */
export function endOfRun(env: Readonly<Record<string, string | undefined>>): AbortSignal {
  const controller = new AbortController();
  // Without checkpoints, the engine writes its state only after it has ended this process, and may be killed between the two.
  if (/^(1|true)$/i.test(env.PULUMI_SKIP_CHECKPOINTS ?? "")) return controller.signal;
  for (const signal of ["SIGINT", "SIGTERM", "SIGBREAK"] as const) {
    process.once(signal, () => {
      controller.abort();
      // Without a listener, the signal ends the process as if nobody had listened.
      process.kill(process.pid, signal);
    });
  }
  return controller.signal;
}
