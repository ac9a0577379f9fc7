// Loaded into the providers with `node --import`: moves the clock of the process, and the times of files that are written after the step.
import fs from "node:fs";

const stepMs = Number(process.env.CLOCK_STEP_MS);
const since = Number(process.env.CLOCK_STEP_SINCE);
const TrueDate = Date;

globalThis.Date = class extends TrueDate {
  constructor(...args) {
    super(...(args.length === 0 ? [TrueDate.now() + stepMs] : args));
  }

  static now() {
    return TrueDate.now() + stepMs;
  }
};

const { statSync } = fs;
fs.statSync = (...args) => {
  const stats = statSync(...args);
  if (stats && stats.mtimeMs >= since) stats.mtimeMs += stepMs;
  return stats;
};
