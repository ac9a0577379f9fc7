import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openProgress } from "../../src/cli/shared/progress";

describe("progress", () => {
  let written: string;
  const write = (text: string): boolean => {
    written += text;
    return true;
  };
  const screen = (isTTY: boolean) => ({ isTTY, columns: 40, write });

  beforeEach(() => {
    vi.useFakeTimers();
    written = "";
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("is plain lines outside a terminal: at the start, every 15 seconds, and at the end", () => {
    const progress = openProgress({ screen: screen(false) });
    progress.stage("participants", 10);
    progress.step(4);
    vi.advanceTimersByTime(20_000);
    progress.step(6);
    progress.stage("media");
    progress.end();
    expect(written.split("\n")).toEqual([
      "participants: 10 to do",
      "participants: 4 of 10, 15 s",
      "participants: 10 (20 s)",
      "media …",
      "media: 0 (0 s)",
      "",
    ]);
  });

  it("is one line with a bar on a terminal, never wider than the terminal, and leaves the result", () => {
    const progress = openProgress({ screen: screen(true) });
    progress.stage("participants of all conversations", 4);
    progress.step(2);
    vi.advanceTimersByTime(100);
    progress.end();
    const shown = written.split("\r\x1b[2K");
    expect(shown.filter((text) => text.startsWith("[############------------] partic"))).toHaveLength(1);
    for (const text of shown.slice(0, -1)) expect(text.length).toBeLessThan(40);
    expect(shown.at(-1)).toBe("participants of all conversations: 2 (0 s)\n");
  });

  it("is not shown with quiet", () => {
    const progress = openProgress({ quiet: true, screen: screen(true) });
    progress.stage("participants", 4);
    progress.step();
    progress.say("a line");
    progress.end();
    expect(written).toBe("");
  });
});
