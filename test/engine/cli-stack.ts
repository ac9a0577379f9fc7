import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../src/emulator";
import { writeStack } from "../../tools/harness/new-stack.mts";
import { engineEnv, startCli } from "../support/engine";
import { type EmulatorClient, emulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");

/** A stack of this repository's program, run by the real CLI on its own emulator. */
export interface CliStack {
  readonly folder: string;
  readonly twilio: EmulatorClient;
  /** The environment of the next run. */
  readonly env: Record<string, string>;
  pulumi(...args: string[]): ReturnType<typeof startCli>;
  close(): Promise<void>;
}

/** Creates the stack. */
export async function openCliStack(): Promise<CliStack> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-cli-stack-"));
  const emulator = await startEmulator();
  const configFile = join(folder, "Pulumi.dev.yaml");
  await copyFile(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  const env: Record<string, string> = {
    ...engineEnv(folder),
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    TWILIO_BASE_URL: emulator.url,
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
  };
  await writeStack({ backend: folder, folder, project: "twilio-conversations", name: "dev" });
  return {
    folder,
    twilio: emulatorClient(emulator),
    env,
    pulumi: (command, ...args) => {
      const configured = ["--config-file", configFile];
      const changes = ["--yes", "--skip-preview", ...configured];
      const settings = command === "up" || command === "destroy" ? changes : command === "preview" ? configured : ["--yes"];
      return startCli([command as string, ...settings, ...args, "--stack", "dev"], { cwd: root, env });
    },
    async close() {
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
