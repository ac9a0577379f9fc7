import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../../core/twilio/connection";
import { errorTextOf, nameOfStack, pulumi } from "../../shared/engine";
import { fail, ok, type Result, skipped } from "./finding";
import type { Deployment } from "./stack";

/**
 * Whether this machine can encrypt and decrypt the stack's secrets, as `pulumi up` must even where there is none yet. `pulumi config` and `pulumi
 * stack export` accept a wrong passphrase unless they have a secret to decrypt, so a copy of the stack's configuration gets one.
 */
export async function secrets(stack: string | undefined, deployment: Deployment | undefined, why: string): Promise<Result> {
  if (!deployment) return skipped(why);
  const configured = await configFile(await nameOfStack(stack));
  const runs = [
    configured === undefined ? undefined : await withCopy(configured, (copy) => pulumi([...encrypt, copy], { stack })),
    // The state may come from another passphrase than the configuration. What the run prints is not used.
    deployment.secrets_providers ? await pulumi(["stack", "export", "--show-secrets"], { stack }) : undefined,
  ];
  const failed = runs.find((run) => run !== undefined && run.code !== 0);
  if (failed) return fail(`the stack's secrets cannot be used: ${errorTextOf(failed)}`, fixOf(errorTextOf(failed)));
  return runs.some(Boolean) ? ok("this machine can encrypt and decrypt the stack's secrets") : skipped("the stack has no secrets yet");
}

const encrypt = ["config", "set", "--secret", "doctor", "a test", "--config-file"];

/** The file of the stack's configuration, if there is one. */
async function configFile(stack: string): Promise<string | undefined> {
  const folder = projectFolder(process.cwd());
  const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => undefined);
  const project = (await read("Pulumi.yaml")) ?? (await read("Pulumi.yml")) ?? "";
  const [, declared = ""] = /^stackConfigDir:\s*["']?([^\s"'#]+)/m.exec(project) ?? [];
  // Organization and project are not part of the file's name.
  const name = stack.slice(stack.lastIndexOf("/") + 1);
  for (const extension of ["yaml", "yml"]) {
    const file = join(declared, `Pulumi.${name}.${extension}`);
    if ((await read(file)) !== undefined) return join(folder, file);
  }
  return undefined;
}

async function withCopy<T>(file: string, work: (copy: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-doctor-"));
  try {
    const copy = join(folder, "Pulumi.copy.yaml");
    await copyFile(file, copy);
    return await work(copy);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function fixOf(error: string): string {
  if (/passphrase/i.test(error)) {
    return "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to the passphrase that the stack was created with";
  }
  return "give this machine access to the stack's secrets provider: https://www.pulumi.com/docs/iac/concepts/secrets/";
}
