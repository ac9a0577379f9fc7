import { isQuiet, shown } from "./output";

/** Progress of a command, shown on stderr. */
export interface Progress {
  /** Starts a stage and ends the one before. `total` is its number of steps, where that is known. */
  stage(label: string, total?: number): void;
  /** Adds completed steps. */
  step(count?: number): void;
  /** Sets the number of steps, where it becomes known later. */
  total(count: number): void;
  /** Prints a line. */
  say(text: string): void;
  /** Ends the last stage. Must be called, since an open stage keeps the process alive. */
  end(): void;
}

const PLAIN_EVERY_MS = 15_000;
const LIVE_EVERY_MS = 100;
const BAR_WIDTH = 24;

interface Stage {
  readonly label: string;
  readonly since: number;
  readonly timer: NodeJS.Timeout;
  done: number;
  total: number | undefined;
}

/** Where progress is shown: `process.stderr`, or a fake one in tests. */
export type Screen = Pick<NodeJS.WriteStream, "write"> & Partial<Pick<NodeJS.WriteStream, "isTTY" | "columns">>;

/**
 * Shows a moving bar on a terminal; elsewhere, a line when a stage starts, every 15 seconds, and when it ends; with `quiet`, as for --json and
 * --quiet, nothing.
 *
 * @example
 * const progress = openProgress({ quiet: json });
 * progress.stage("participants", conversations.length);
 * for (const conversation of conversations) {
 *   await scan(conversation);
 *   progress.step();
 * }
 * progress.end();
 */
export function openProgress({ quiet = false, screen = process.stderr as Screen } = {}): Progress {
  if (quiet || isQuiet()) return { stage() {}, step() {}, total() {}, say() {}, end() {} };
  const isLive = screen.isTTY === true;
  const clear = isLive ? "\r\x1b[2K" : "";
  let stage: Stage | undefined;

  const line = (text: string) => void screen.write(`${clear}${shown(text)}\n`);

  function show(): void {
    if (!stage) return;
    if (isLive) screen.write(`${clear}${[...`${bar(stage)} ${shown(describe(stage))}`].slice(0, (screen.columns ?? 80) - 1).join("")}`);
    else line(describe(stage));
  }

  function end(): void {
    if (!stage) return;
    clearInterval(stage.timer);
    line(`${stage.label}: ${stage.done} (${seconds(stage)})`);
    stage = undefined;
  }

  return {
    stage(label, total) {
      end();
      stage = { label, total, done: 0, since: Date.now(), timer: setInterval(show, isLive ? LIVE_EVERY_MS : PLAIN_EVERY_MS) };
      if (isLive) show();
      else line(total === undefined ? `${label} …` : `${label}: ${total} to do`);
    },
    step(count = 1) {
      if (stage) stage.done += count;
    },
    total(count) {
      if (stage) stage.total = count;
    },
    say(text) {
      line(text);
      if (isLive) show();
    },
    end,
  };
}

/** Empty where the number of steps is not known. */
function bar({ done, total }: Stage): string {
  const filled = total ? Math.round((Math.min(done, total) / total) * BAR_WIDTH) : 0;
  return `[${"#".repeat(filled)}${"-".repeat(BAR_WIDTH - filled)}]`;
}

function describe(stage: Stage): string {
  const { label, done, total } = stage;
  return `${label}: ${total === undefined ? done : `${done} of ${total}`}, ${seconds(stage)}`;
}

const seconds = ({ since }: Stage): string => `${Math.round((Date.now() - since) / 1000)} s`;
