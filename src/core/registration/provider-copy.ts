import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { programError } from "./program-error";

/** An installed copy of this package. */
interface Copy {
  readonly root: string;
  readonly version: string;
}

const name = "pulumi-twilio-conversations";
const checked = new Set<string>();

/**
 * Fails the program if the engine would load the provider from another version of this package, or not find one: the engine looks for it from
 * the program's folder, whichever copy the program imports. Without an engine, as with mocks, nothing loads the provider.
 */
export function verifyProviderCopy(): void {
  const folder = process.cwd();
  if (checked.has(folder) || pulumi.runtime.getEngine() === undefined) return;
  const problem = describe(folder, copyAt(__dirname), providerCopy(folder));
  if (problem !== undefined) throw programError(problem);
  checked.add(folder);
}

/** What is wrong; `undefined` for the same copy, and for another copy of the same version. A bundled program is no copy. */
function describe(folder: string, own: Copy | undefined, provider: Copy | undefined): string | undefined {
  const version = own === undefined ? "" : `@${own.version}`;
  const fix = `In the package.json of the folder with Pulumi.yaml, declare ${name}${version} as a dependency (npm install, pnpm add or yarn add ${name}${version})`;
  if (provider === undefined) {
    return (
      `${name} must be installed where the engine finds it: it loads the provider from ${folder}, its parents, and next to @pulumi/pulumi. ` +
      `None of them has the package${own === undefined ? "" : `; the program imports it from ${own.root}`}. ${fix}.`
    );
  }
  if (own === undefined || provider.root === own.root || provider.version === own.version) return undefined;
  return (
    `${name} must be the same version in the program and in the provider: the program imports ${own.version} from ${own.root}, but from ` +
    `${folder} the engine loads the provider of ${provider.version} from ${provider.root}. ${fix}, or import ${provider.version} everywhere.`
  );
}

/** The copy that the engine's plugin loads, with the text that every resource has. */
function providerCopy(folder: string): Copy | undefined {
  const require = createRequire(join(folder, "noop.js"));
  const paths = [folder];
  try {
    // The engine starts this script, and the text looks for the package next to it.
    paths.push(require.resolve("@pulumi/pulumi/cmd/dynamic-provider"));
  } catch {
    // The engine reports that it cannot start the plugin.
  }
  try {
    return copyAt(dirname(realpathSync(require.resolve(`${name}/provider`, { paths }))));
  } catch {
    return undefined;
  }
}

/** The package that a folder of code belongs to, if it is this one. */
function copyAt(folder: string): Copy | undefined {
  for (let root = folder; ; root = dirname(root)) {
    const manifest = join(root, "package.json");
    if (existsSync(manifest)) {
      const { name: found, version } = JSON.parse(readFileSync(manifest, "utf8")) as { name?: string; version: string };
      return found === name ? { root: realpathSync(root), version } : undefined;
    }
    if (dirname(root) === root) return undefined;
  }
}
