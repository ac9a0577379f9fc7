import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// `.ci/run` counts the tests from a report.
const report = process.env.TEST_REPORT;

// These folders test in this process alone, and leave nothing behind in it, so their files may share a worker.
const inProcess = ["catalog", "core", "docs", "process", "spec"].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "isolated", include: ["test/**/*.test.ts"], exclude: inProcess } },
      { extends: true, test: { name: "in-process", include: inProcess, isolate: false } },
    ],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // On two cores vitest would take one; the engine waits more than it works. With three, tests of time limits fail.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Twilio's chat SDK leaves promises alone that it rejects when it is shut down, or when its token is refused.
    onUnhandledError: ({ message, stack }) => !(/^Unable to connect: /.test(message) && /twilsock/.test(stack ?? "")),
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
