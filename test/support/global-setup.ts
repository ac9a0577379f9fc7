import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { completeBuild } from "../../tools/build/main.mts";
import { ensureEngine } from "../../tools/engine/engine.mts";
import { startKeyService } from "../../tools/harness/key-service.mts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the real engine's executables. */
    engine: string;
  }
}

/** Builds the package, which the engine's plugin loads, and provides the engine. */
export default async function setup({ provide }: TestProject): Promise<void> {
  const root = join(import.meta.dirname, "..", "..");
  execFileSync(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  await completeBuild(root);
  await startKeyService();
  provide("engine", await ensureEngine());
}
