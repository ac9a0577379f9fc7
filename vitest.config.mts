import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// `.ci/run` counts the tests from a report.
const report = process.env.TEST_REPORT;

const filesOf = (...folders: string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);
// On two cores vitest would take one worker. With three, tests of time limits fail.
const maxWorkers = Math.max(2, availableParallelism() - 1);

// Random order, by `TEST_SHUFFLE=1 npm test`; the seed is printed. On the engine, the tests of a file are steps of one story.
const shuffle = (tests: boolean) => (process.env.TEST_SHUFFLE ? { files: true, tests } : false);
// Their tests wait for the processes that they start, so that more workers have something to do.
const engine = filesOf("ci", "cli", "conformance", "engine", "examples", "package", "policy", "tools");
// They test in their own process, and start nothing.
const inProcess = filesOf("catalog", "core", "docs", "process", "spec");

// These take a third of the time. They repeat on the real engine, fault by fault and moment by moment, what shorter tests check. They run where
// TEST_ALL is set, as in CI, and where a command names a file.
const long = [
  "test/ci/{engine-and-release,scripts}.test.ts",
  "test/cli/{conformance-command,drift-program,sets}.test.ts",
  "test/core/{false-responses,laws}.test.ts",
  "test/emulator/killed.test.ts",
  "test/engine/{accounts,error-messages,faults,killed,killed-destroy,masked-conversation,ownership,ownership-elsewhere,postgres,renamed}.test.ts",
  "test/engine/{secret-values,set-handover,set-killed,set-options,set-secrets,smoke-test-triggers,upgrade}.test.ts",
  "test/examples/{fleet,support-line}.test.ts",
  "test/package/{command-plugin,provider-copy,testcontainers}.test.ts",
  "test/tools/torture.test.ts",
];
const leftOut = process.env.TEST_ALL || process.argv.some((argument) => argument.includes(".test.ts")) ? [] : long;

// A replaced module reaches only what is loaded after it: such a file needs a worker where nothing is loaded yet.
const replacing = globSync("test/**/*.test.ts").filter((file) => /\bvi\.(doMock|mock|resetModules)\(/.test(readFileSync(file, "utf8")));
// So does a test of what this package changes in Pulumi's SDK once and for all.
replacing.push("test/core/promise-stacks.test.ts");

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "engine",
          include: engine,
          exclude: [...replacing, ...leftOut],
          maxWorkers: maxWorkers + 1,
          sequence: { groupOrder: 0, shuffle: shuffle(false) },
        },
      },
      {
        extends: true,
        test: {
          name: "others",
          include: ["test/**/*.test.ts"],
          exclude: [...engine, ...inProcess, ...replacing, ...leftOut],
          sequence: { groupOrder: 1, shuffle: shuffle(true) },
        },
      },
      {
        extends: true,
        test: {
          name: "in-process",
          include: inProcess,
          exclude: [...replacing, ...leftOut],
          sequence: { groupOrder: 1, shuffle: shuffle(true) },
        },
      },
      {
        extends: true,
        test: { name: "replacing", include: replacing, isolate: true, sequence: { groupOrder: 1, shuffle: shuffle(true) } },
      },
    ],
    execArgv: ["--require", fileURLToPath(new URL("tools/harness/preload.cjs", import.meta.url))],
    globalSetup: ["test/support/global-setup.ts"],
    // A file leaves nothing behind, so that files can share a worker: to load the engine's SDK for each one would take two minutes of CPU time.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers,
    // Twilio's chat SDK leaves promises alone that it rejects when it is shut down, when its token is refused, half a minute after its server is
    // gone, or when an object that it opens is deleted meanwhile.
    onUnhandledError: ({ message, stack }) =>
      !(/^(Unable to connect|Twilsock: request timeout|Sync object not found): /.test(message) && /twilsock|twilio-sync/.test(stack ?? "")),
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
