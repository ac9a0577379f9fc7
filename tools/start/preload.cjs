/** What `npm start` preloads with `--require` into the engine's Node processes, so that they load nothing that the run does not need. */
const { join } = require("node:path");

// TypeScript is loaded only where it is used.
require("../harness/preload.cjs");

// The build has compiled the program and checked its types. To compile it once more would take half of the time of its process.
const program = process.argv.length - 1;
if (process.env.PULUMI_NODEJS_TYPESCRIPT === "true" && process.argv[program] === "program.ts") {
  process.env.PULUMI_NODEJS_TYPESCRIPT = "false";
  process.argv[program] = join(__dirname, "../../dist/program.js");
}
