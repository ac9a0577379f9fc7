import { createRequire } from "node:module";
import { interrupt } from "./interrupt.mts";
import type { Quickstart } from "./proof.mts";
import type { Workspace } from "./workspace.mts";

/** How the chat was verified: in the deployment by its ConversationsSmokeTest, or after it. */
export interface Verification {
  when: "in the deployment" | "after it";
  /** The checks after the deployment. The smoke test in the deployment does not report its checks here. */
  checks?: { name: string; ok: boolean; ms: number }[];
}

// Loaded late, from `dist`: this run may have just built the package.
const require = createRequire(import.meta.url);
const load = () => ({
  ...(require("../../dist/cli/commands/verify/verification.js") as typeof import("../../dist/cli/commands/verify/verification.js")),
  ...(require("../../dist/core/twilio/connection.js") as typeof import("../../dist/core/twilio/connection.js")),
});

/** Loads what {@link verifyAfterwards} needs. */
export const preloadVerification = (): void => void load();

/** Verifies the chat like the smoke test. Throws if the chat does not work. */
export async function verifyAfterwards({ stateDir }: Workspace, quickstart: Quickstart): Promise<Verification> {
  const { connect, verify } = load();
  const config: Record<string, string> = { "twilio:backend": "emulator", "twilio:stateDir": stateDir };
  const { attachEmulator } = await import("pulumi-twilio-conversations/emulator");
  const connection = await connect({ config: (key) => config[key], env: {}, cwd: stateDir, openEmbedded: attachEmulator });
  const { serviceSid, conversationSid } = quickstart;
  const { ok, checks } = await verify({ connection, serviceSid, conversationSids: [conversationSid], cancelled: interrupt });
  interrupt.throwIfAborted();
  const failed = checks.filter((check) => !check.ok);
  if (!ok) throw new Error(failed.map(({ name, detail, fix }) => `${name}: ${detail}${fix ? `\nWhat to do: ${fix}` : ""}`).join("\n"));
  return { when: "after it", checks: checks.map((check) => ({ name: check.name, ok: check.ok, ms: check.ms })) };
}
