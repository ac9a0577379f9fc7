import { styleText } from "node:util";

const PLAIN_EVERY_MS = 15_000;
const LIVE_EVERY_MS = 200;

/**
 * Tells on stderr how far long work has come, with the time that each step took: one live line on a terminal, elsewhere a line when a
 * step begins and one every 15 seconds.
 */
export class Progress {
  #step: { text: string; detail: string; since: number; timer: NodeJS.Timeout } | undefined;
  readonly #live = process.stderr.isTTY === true;

  /** Begins a step, ending the one before. */
  begin(text: string): void {
    this.end();
    const timer = setInterval(() => this.#show(), this.#live ? LIVE_EVERY_MS : PLAIN_EVERY_MS);
    this.#step = { text, detail: "", since: Date.now(), timer };
    if (this.#live) this.#show();
    else this.say(text);
  }

  /** Says what the step is doing now; shown at the next tick. */
  detail(text: string): void {
    if (this.#step) this.#step.detail = text;
  }

  /** Ends the step, if there is one, with its outcome. */
  end(outcome = "done"): void {
    const step = this.#step;
    if (!step) return;
    clearInterval(step.timer);
    this.#step = undefined;
    if (this.#live) process.stderr.write("\r\x1b[2K");
    this.say(`${step.text}: ${outcome} (${seconds(step.since)})`);
  }

  /** A line of its own. */
  say(text: string): void {
    process.stderr.write(`${styleText("dim", "engine", { stream: process.stderr })} ${text}\n`);
  }

  #show(): void {
    if (!this.#step) return;
    const { text, detail, since } = this.#step;
    const line = `${text} ${seconds(since)}${detail && ` · ${detail}`}`;
    if (this.#live) process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    else this.say(line);
  }
}

function seconds(since: number): string {
  const total = Math.round((Date.now() - since) / 1000);
  return total < 60 ? `${total} s` : `${Math.floor(total / 60)} min ${total % 60} s`;
}
