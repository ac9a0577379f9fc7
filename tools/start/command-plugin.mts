import { access } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/**
 * Whether the engine has Pulumi's command plugin, installed or on the PATH. Without it the engine would try to download the plugin, and the
 * run would fail on a network without access to Pulumi.
 */
export async function hasCommandPlugin({ PATH = "", PULUMI_HOME = "" }: NodeJS.ProcessEnv): Promise<boolean> {
  const { version } = createRequire(import.meta.url)("@pulumi/command/package.json") as { version: string };
  const name = `pulumi-resource-command${process.platform === "win32" ? ".exe" : ""}`;
  const places = [
    join(PULUMI_HOME, "plugins", `resource-command-v${version}`),
    ...PATH.split(delimiter).map((folder) => join(folder, name)),
  ];
  const found = await Promise.allSettled(places.map((place) => access(place)));
  return found.some(({ status }) => status === "fulfilled");
}
