import { isQuiet } from "./output";

/** How far work has come, told on stderr. */
export interface Progress {
  /** Begins a stage, ending the one before. `total` is how many steps it has, where that is known. */
  stage(label: string, total?: number): void;
  /** So many steps more are done. */
  step(count?: number): void;
  /** How many steps the stage has, where it turns out later. */
  total(count: number): void;
  /** A line of its own. */
  say(text: string): void;
  /** Ends the last stage. Must be called, or nothing lets the process end. */
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

/** Where progress is told: `process.stderr`, or a test's. */
export type Screen = Pick<NodeJS.WriteStream, "write"> & Partial<Pick<NodeJS.WriteStream, "isTTY" | "columns">>;

/**
 * On a terminal a bar that moves; elsewhere a line when a stage begins, one every 15 seconds and one when it ends; with `quiet`, as under --json
 * and --quiet, nothing at all.
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

  const line = (text: string) => void screen.write(`${clear}${text}\n`);

  function show(): void {
    if (!stage) return;
    if (isLive) screen.write(`${clear}${[...`${bar(stage)} ${describe(stage)}`].slice(0, (screen.columns ?? 80) - 1).join("")}`);
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

/** Empty where nobody knows how much there is to do. */
function bar({ done, total }: Stage): string {
  const filled = total ? Math.round((Math.min(done, total) / total) * BAR_WIDTH) : 0;
  return `[${"#".repeat(filled)}${"-".repeat(BAR_WIDTH - filled)}]`;
}

function describe(stage: Stage): string {
  const { label, done, total } = stage;
  return `${label}: ${total === undefined ? done : `${done} of ${total}`}, ${seconds(stage)}`;
}

const seconds = ({ since }: Stage): string => `${Math.round((Date.now() - since) / 1000)} s`;
