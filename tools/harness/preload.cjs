/** What the harness preloads with `--require` into the processes of tests, so that they load no module that they do not use. */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

// The SDK loads TypeScript when the process first uses it. Otherwise each process loads it, and most only use the SDK's client: 0.13 s of CPU time,
// half of what a provider takes until it answers.
const shim = join(__dirname, "../../node_modules/@pulumi/pulumi/typescript-shim.js");
let loaded;

/** TypeScript, as the SDK's module exports it. */
function typescript() {
  if (loaded === undefined) {
    delete require.cache[shim];
    loaded = require(shim);
  }
  return loaded;
}

const exported = new Proxy({}, { get: (_target, name) => typescript()[name], has: (_target, name) => name in typescript() });
require.cache[shim] = { id: shim, filename: shim, path: __dirname, loaded: true, exports: exported, children: [], paths: [] };

// The language host that can be built from Go modules ignores this option, which the current one obeys.
if (process.env.PULUMI_NODEJS_TYPESCRIPT === "true" && readProject().includes("typescript: false")) {
  process.env.PULUMI_NODEJS_TYPESCRIPT = "false";
}

/** The project file of the program that this process runs. */
function readProject() {
  try {
    return readFileSync("Pulumi.yaml", "utf8");
  } catch {
    return "";
  }
}
