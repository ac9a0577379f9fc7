// Runs the SDK's CLI installer in a process that can be ended: node installer.mts <version> <folder>
import { createRequire } from "node:module";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

const [version, root] = process.argv.slice(2);
// The SDK expects an instance of the class from its own copy of semver.
const { SemVer } = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"))("semver");

try {
  await PulumiCommand.install({ version: new SemVer(version), root });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message.trim() : error}\n`);
  process.exitCode = 1;
}
