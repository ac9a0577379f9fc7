import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Row } from "./table.mts";

const start = fileURLToPath(new URL("../tools/start/main.mts", import.meta.url));

/** Measures `npm start -- --once`: the first deployment, and a second one without a change. */
export function measureQuickstart(): Row[] {
  const state = mkdtempSync(join(tmpdir(), "twilio-start-"));
  try {
    return ["first", "again"].map((step) => {
      const startedAt = performance.now();
      execFileSync(process.execPath, [start, "--once", "--json", "--state", state], { stdio: ["ignore", "ignore", "inherit"] });
      const seconds = (performance.now() - startedAt) / 1000;
      return {
        case: "npm start -- --once",
        resources: 6,
        latencyMs: 0,
        step,
        seconds,
      };
    });
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}
