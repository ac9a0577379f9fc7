import { createRequire } from "node:module";
import type { RecordedProgram } from "./recording.mts";

const require = createRequire(import.meta.url);
const program = require.resolve("../../dist/program.js");

/** The program of this repository, `src/program.ts`. */
export const quickstart: RecordedProgram = {
  prepare: async () => ({}),
  program: () => async () => {
    // A program is a module that runs once, but several operations run it in this process.
    delete require.cache[program];
    return require(program);
  },
  updatedConfig: { "proof:smsUrl": "https://example.com/updated", "proof:inactiveTimer": "PT1H" },
  updates: {
    "front-desk": { sms_url: "https://example.com/updated" },
    hello: { state: "active" },
  },
  kept: ["front-desk"],
};
