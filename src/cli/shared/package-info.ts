import { readFileSync } from "node:fs";
import { join } from "node:path";

interface PackageInfo {
  readonly name: string;
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** This package's name, version and peer dependencies, from its package.json. */
export const packageInfo = JSON.parse(readFileSync(join(__dirname, "../../../package.json"), "utf8")) as PackageInfo;
