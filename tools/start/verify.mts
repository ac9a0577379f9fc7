import { access } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { run } from "../engine/run.mts";
import { interrupt } from "./interrupt.mts";
import type { Quickstart } from "./proof.mts";
import type { Workspace } from "./workspace.mts";

/** How the chat was verified: in the deployment by its ConversationsSmokeTest, or after it. */
export interface Verification {
  when: "in the deployment" | "after it";
  /** The checks after the deployment. The smoke test in the deployment does not report its checks here. */
  checks?: { name: string; ok: boolean; ms: number }[];
}

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

/** Verifies the chat like the smoke test. Throws if the chat does not work. */
export async function verifyAfterwards({ root, env, stateDir }: Workspace, quickstart: Quickstart): Promise<Verification> {
  const lines: string[] = [];
  const { serviceSid, conversationSid } = quickstart;
  const args = ["verify", "--json", "--service", serviceSid, "--conversation", conversationSid];
  const config = { "twilio:backend": "emulator", "twilio:stateDir": stateDir };
  const { code } = await run(process.execPath, [join(root, "dist/cli/main.js"), ...args], {
    env: { ...env, PULUMI_CONFIG: JSON.stringify(config) },
    signal: interrupt,
    onLine: (line) => lines.push(line),
  });
  interrupt.throwIfAborted();
  const object = lines.find((line) => line.startsWith("{"));
  if (code !== 0 || object === undefined) throw new Error(lines.filter((line) => line !== object).join("\n"));
  const { checks } = JSON.parse(object) as Required<Pick<Verification, "checks">>;
  return { when: "after it", checks: checks.map(({ name, ok, ms }) => ({ name, ok, ms })) };
}
