// Runs the SDK's own installer of the CLI in a process that can be ended: node installer.mts <version> <folder>
import { createRequire } from "node:module";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

const [version, root] = process.argv.slice(2);
// The SDK takes its own dependency's class as an argument, so that is the one to use.
const { SemVer } = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"))("semver");

try {
  await PulumiCommand.install({ version: new SemVer(version), root });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message.trim() : error}\n`);
  process.exitCode = 1;
}
