import { styleText } from "node:util";

const PLAIN_EVERY_MS = 15_000;
const LIVE_EVERY_MS = 200;

/**
 * Reports the progress of long work on stderr, with the duration of each step. On a terminal, it updates one line; elsewhere, it prints a
 * line when a step begins and every 15 seconds.
 */
export class Progress {
  #step: { text: string; detail: string; since: number; timer: NodeJS.Timeout } | undefined;
  readonly #live = process.stderr.isTTY === true;

  /** Ends the current step and begins the next one. */
  begin(text: string): void {
    this.end();
    const timer = setInterval(() => this.#show(), this.#live ? LIVE_EVERY_MS : PLAIN_EVERY_MS);
    this.#step = { text, detail: "", since: Date.now(), timer };
    if (this.#live) this.#show();
    else this.say(text);
  }

  /** Sets the detail of the step, which is shown at the next tick. */
  detail(text: string): void {
    if (this.#step) this.#step.detail = text;
  }

  /** Ends the current step, if any, with its outcome. */
  end(outcome = "done"): void {
    const step = this.#step;
    if (!step) return;
    clearInterval(step.timer);
    this.#step = undefined;
    if (this.#live) process.stderr.write("\r\x1b[2K");
    this.say(`${step.text}: ${outcome} (${seconds(step.since)})`);
  }

  /** Prints a separate line. */
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
