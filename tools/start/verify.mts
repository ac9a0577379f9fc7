import { join } from "node:path";
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
