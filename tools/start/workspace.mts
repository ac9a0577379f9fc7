import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cacheRoot } from "../engine/layout.mts";
import { hasCommandPlugin } from "./command-plugin.mts";

/** The stack of `npm start`. */
export const STACK = "dev";

/**
 * Encrypts the secrets of the local stack unless the user sets PULUMI_CONFIG_PASSPHRASE. The passphrase is not a secret: the stack
 * describes an emulator whose state is in the same folder.
 */
const PASSPHRASE = "local-twilio";

/** A project, its local stack, and an environment for the CLI that is independent of the user's login. */
export interface Workspace {
  root: string;
  project: string;
  /** The folder of the emulator's state. */
  stateDir: string;
  /** The folder of the stack, inside the emulator's state folder so that both are removed together. */
  folder: string;
  /** The URL of the stack's backend. */
  backend: string;
  /**
   * The stack configuration: a copy of the project's, because the CLI writes an encryption salt to it and must not change a file under
   * version control. The state contains its own salt, so each run can make a new copy.
   */
  configFile: string;
  /** Additional configuration as CLI arguments. */
  configArgs: string[];
  /** Whether the deployment verifies the chat itself, which requires the command plugin. */
  verifies: boolean;
  env: NodeJS.ProcessEnv;
}

/** Prepares the workspace of a project. */
export async function openWorkspace(root: string, stateFolder: string, engine: string): Promise<Workspace> {
  const stateDir = resolve(root, stateFolder);
  const folder = join(stateDir, "stack");
  const backend = pathToFileURL(folder).href;
  const manifest = await readFile(join(root, "Pulumi.yaml"), "utf8");
  const project = manifest.match(/^name:\s*["']?([^\s"'#]+)/m)?.[1];
  if (project === undefined) throw new Error("Pulumi.yaml must contain a name.");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
  const configFile = join(folder, `Pulumi.${STACK}.yaml`);
  await copyFile(join(root, `Pulumi.${STACK}.yaml`), configFile);
  const env = environment(engine, backend, stateDir);
  const verifies = await hasCommandPlugin(env);
  const config = {
    ...(stateDir !== join(root, ".twilio") && { "twilio:stateDir": stateDir }),
    ...(verifies && { [`${project}:verify`]: true }),
  };
  return {
    root,
    project,
    stateDir,
    folder,
    backend,
    configFile,
    configArgs: Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]),
    verifies,
    env,
  };
}

/** Variables that would point the local run to another account, backend or stack. */
const EXCLUDED = /^(TWILIO_|PULUMI_(ACCESS_TOKEN|STACK|CONFIG|PROJECT|DIY_BACKEND_GZIP|DIY_BACKEND_URL)$)/;

/** A variable that all processes of a run inherit. Its value is the state folder. */
export const STACK_VARIABLE = "PULUMI_TWILIO_LOCAL_STACK";

function environment(engine: string, backend: string, stateDir: string): NodeJS.ProcessEnv {
  const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE, ...outer } = process.env;
  const kept = Object.fromEntries(Object.entries(outer).filter(([name]) => !EXCLUDED.test(name)));
  const passphrase =
    PULUMI_CONFIG_PASSPHRASE_FILE === undefined
      ? { PULUMI_CONFIG_PASSPHRASE: PULUMI_CONFIG_PASSPHRASE ?? PASSPHRASE }
      : { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE };
  return {
    NODE_COMPILE_CACHE: join(cacheRoot, "compiled"),
    ...kept,
    ...passphrase,
    NODE_OPTIONS: `${kept.NODE_OPTIONS ?? ""} --require ${JSON.stringify(join(import.meta.dirname, "preload.cjs"))}`.trim(),
    PATH: `${engine}${delimiter}${process.env.PATH ?? ""}`,
    PULUMI_BACKEND_URL: backend,
    PULUMI_HOME: join(cacheRoot, "pulumi-home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Without the command plugin, the run verifies the chat itself. The engine would try to download the plugin in every run.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Enables the option for the event log, which is meant for tool developers.
    PULUMI_DEBUG_COMMANDS: "true",
    [STACK_VARIABLE]: stateDir,
  };
}

/** The environment variables that a user exports to work on this stack with the CLI. */
export function byHand({ backend, env }: Workspace): string[] {
  const isPassphraseSet = process.env.PULUMI_CONFIG_PASSPHRASE !== undefined || process.env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return [`PULUMI_BACKEND_URL=${backend}`, ...(isPassphraseSet ? [] : [`PULUMI_CONFIG_PASSPHRASE=${env.PULUMI_CONFIG_PASSPHRASE}`])];
}
