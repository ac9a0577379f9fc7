/** The same conversations with Terraform, where a `terraform` binary and a provider for Twilio are on the PATH. Nothing is downloaded. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type EmulatorProcess, startEmulatorProcess } from "../tools/harness/emulator-process.mts";
import { runMeasured } from "./processes.mts";
import type { Row } from "./table.mts";

/** The provider that has conversations in services. */
const SOURCE = "RJPearson94/twilio";

const steps: readonly (readonly [step: string, args: readonly string[]])[] = [
  ["preview", ["plan", "-refresh=false"]],
  ["up", ["apply", "-auto-approve"]],
  ["preview without a change", ["plan", "-refresh=false"]],
  ["up without a change", ["apply", "-auto-approve"]],
  ["refresh", ["apply", "-refresh-only", "-auto-approve"]],
  ["destroy", ["apply", "-destroy", "-auto-approve"]],
];

/** Measures each operation. Returns why it did not, if it did not. */
export async function measureTerraform(size: number, latencyMs: number): Promise<Row[] | string> {
  const [terraform, provider] = [onPath(/^terraform$/), onPath(/^terraform-provider-twilio(_v[^/]*)?$/)];
  if (terraform === undefined) return "there is no terraform on the PATH";
  if (provider === undefined) return `there is no terraform-provider-twilio (${SOURCE}) on the PATH`;
  const folder = mkdtempSync(join(tmpdir(), "twilio-terraform-"));
  const emulator = await startEmulatorProcess({ latencyMs, proxy: true });
  try {
    writeFileSync(join(folder, "main.tf"), program(size));
    // An installed provider of this folder, so that Terraform asks no registry.
    writeFileSync(
      join(folder, "terraformrc"),
      `provider_installation {\n  dev_overrides = { "${SOURCE}" = ${JSON.stringify(dirname(provider))} }\n  direct {}\n}\n`,
    );
    const options = { cwd: folder, env: environment(folder, emulator) };
    const rows: Row[] = [];
    for (const [step, args] of steps) {
      await emulator.calls();
      const { seconds, peakMib } = await runMeasured([terraform, ...args, "-input=false", "-no-color"], options);
      rows.push({ case: "Terraform", resources: size, latencyMs, step, seconds, peakMib, calls: await emulator.calls() });
    }
    return rows;
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const environment = (folder: string, { accountSid, authToken, proxyEnvironment }: EmulatorProcess): NodeJS.ProcessEnv => ({
  ...process.env,
  ...proxyEnvironment,
  TF_CLI_CONFIG_FILE: join(folder, "terraformrc"),
  CHECKPOINT_DISABLE: "1",
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
});

const program = (size: number) => `
terraform {
  required_providers {
    twilio = { source = "${SOURCE}" }
  }
}
resource "twilio_conversations_service" "s" {
  friendly_name = "Bench"
}
resource "twilio_conversations_conversation" "c" {
  count         = ${size}
  service_sid   = twilio_conversations_service.s.sid
  friendly_name = "c\${count.index}"
}
`;

/** The first file on the PATH with such a name. */
function onPath(name: RegExp): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "" && existsSync(folder));
  for (const folder of folders) {
    const found = readdirSync(folder).find((entry) => name.test(entry));
    if (found !== undefined) return join(folder, found);
  }
  return undefined;
}
