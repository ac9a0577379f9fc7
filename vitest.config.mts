import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// `.ci/run` counts the tests from a report.
const report = process.env.TEST_REPORT;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // On two cores vitest would take one. Many tests wait, for the engine or for the end of a window.
    maxWorkers: Math.max(3, availableParallelism()),
    // Twilio's chat SDK leaves promises alone that it rejects when it is shut down, or when its token is refused.
    onUnhandledError: ({ message, stack }) => !(/^Unable to connect: /.test(message) && /twilsock/.test(stack ?? "")),
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
