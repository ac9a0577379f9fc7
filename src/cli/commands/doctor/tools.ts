import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { projectFolder } from "../../../core/twilio/connection";
import type { CliRun } from "../../shared/engine";
import { fail, ok, type Result, skipped, warn } from "./finding";

/** The oldest supported versions: `engines` and `peerDependencies` in package.json. */
const OLDEST_NODE = 22;
const OLDEST_PULUMI = "3.216.0";

/** The version of Pulumi's command plugin that the smoke test requires. */
const COMMAND_PLUGIN = "1.2.1";

export function node(version: string): Result {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return ok(`Node.js ${version}`);
  return fail(`Node.js ${version} is too old`, `install Node.js ${OLDEST_NODE} or newer: https://nodejs.org/en/download`);
}

/** The CLI, from the output of `pulumi version`. */
export function cli(run: CliRun | undefined): Result {
  if (run === undefined) return fail("there is no `pulumi` on the PATH", "install it: https://www.pulumi.com/docs/install/");
  const version = /\d+\.\d+\.\d+/.exec(run.stdout)?.[0];
  if (run.code !== 0 || version === undefined) return fail("`pulumi version` fails", "reinstall it: https://www.pulumi.com/docs/install/");
  if (isOlder(version, OLDEST_PULUMI)) {
    return warn(`Pulumi ${version} is older than ${OLDEST_PULUMI}`, "install a newer one: https://www.pulumi.com/docs/install/");
  }
  return ok(`Pulumi ${version}`);
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(".").map(Number)) as [number[], number[]];
  const index = a.findIndex((part, at) => part !== b[at]);
  return index >= 0 && (a[index] as number) < (b[index] as number);
}

/** The plugins that the engine loads: the language host, and the command plugin if the stack has commands. */
export function plugins(installed: CliRun | undefined, hasCommands: boolean): Result {
  if (installed === undefined) return skipped("Pulumi is not installed");
  if (!isOnPath("pulumi-language-nodejs")) {
    return fail(
      "the Node.js language host, pulumi-language-nodejs, is not on the PATH",
      "reinstall Pulumi: https://www.pulumi.com/docs/install/",
    );
  }
  const listed = installed.code === 0 ? (JSON.parse(installed.stdout) as { name: string; kind: string; version?: string }[]) : [];
  const command = listed.find(({ name, kind }) => name === "command" && kind === "resource");
  if (command || isOnPath("pulumi-resource-command"))
    return ok(`Node.js language host, command plugin ${command?.version ?? "from the PATH"}`);
  if (hasCommands)
    return fail(
      "the stack has a smoke test, but the command plugin is missing",
      `pulumi plugin install resource command ${COMMAND_PLUGIN}`,
    );
  return ok("Node.js language host; no command plugin, which only ConversationsSmokeTest needs");
}

function isOnPath(program: string): boolean {
  const names = process.platform === "win32" ? [`${program}.exe`, `${program}.cmd`] : [program];
  return (process.env.PATH ?? "").split(delimiter).some((folder) => names.some((name) => existsSync(join(folder, name))));
}

/** This package, and the version that the project in this folder has. */
export function ownPackage(version: string): Result {
  const folder = projectFolder(process.cwd());
  const found = versionIn(folder, "pulumi-twilio-conversations");
  const sdk = versionIn(folder, "@pulumi/pulumi");
  if (found === undefined)
    return warn(
      `version ${version}; the project in ${folder} does not have the package`,
      "npm install pulumi-twilio-conversations @pulumi/pulumi",
    );
  if (sdk === undefined) return warn(`version ${found}, without @pulumi/pulumi`, "npm install @pulumi/pulumi");
  if (found !== version) return warn(`this is version ${version}, the project has ${found}`, "npx twilio-conversations doctor");
  return ok(`pulumi-twilio-conversations ${version}, @pulumi/pulumi ${sdk}`);
}

function versionIn(folder: string, name: string): string | undefined {
  try {
    const file = createRequire(join(folder, "package.json")).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}
