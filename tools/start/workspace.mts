import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cacheRoot } from "../engine/layout.mts";
import { hasCommandPlugin } from "./verify.mts";

/** The stack that `npm start` keeps. */
export const STACK = "dev";

/**
 * Encrypts the secrets of the local stack unless the user sets PULUMI_CONFIG_PASSPHRASE. It is no secret: the stack describes a Twilio
 * that exists in the same folder only.
 */
const PASSPHRASE = "local-twilio";

/** A project, its local stack and the environment in which the CLI works on them, apart from any login of the user's. */
export interface Workspace {
  root: string;
  project: string;
  /** Where the local Twilio keeps its state. */
  stateDir: string;
  /** Where the stack is kept: below Twilio's state, so that both are removed together or not at all. */
  folder: string;
  /** The URL of the stack's backend. */
  backend: string;
  /** The configuration that the CLI reads and writes: the project's, copied, so that no file under version control is changed:
   * the CLI writes an encryption salt there. The state has its own, so a new copy in each run is good enough. */
  configFile: string;
  /** Settings on top of that configuration, as arguments. */
  configArgs: string[];
  /** Whether the deployment verifies the chat itself, for which the engine needs a plugin. */
  verifies: boolean;
  env: NodeJS.ProcessEnv;
}

/** Lays out the workspace of a project for an engine. */
export async function openWorkspace(root: string, stateFolder: string, engine: string): Promise<Workspace> {
  const stateDir = resolve(root, stateFolder);
  const folder = join(stateDir, "stack");
  const backend = pathToFileURL(folder).href;
  const manifest = await readFile(join(root, "Pulumi.yaml"), "utf8");
  const project = manifest.match(/^name:\s*["']?([^\s"'#]+)/m)?.[1];
  if (project === undefined) throw new Error("Pulumi.yaml has no name.");
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

/** Variables that would lead the local run elsewhere: to an account, a backend's format, other stacks. */
const FOREIGN = /^(TWILIO_|PULUMI_(ACCESS_TOKEN|STACK|CONFIG|PROJECT|DIY_BACKEND_GZIP|DIY_BACKEND_URL)$)/;

/** The mark that all processes of a run inherit; what it says is the folder that they work on. */
export const MARK = "PULUMI_TWILIO_LOCAL_STACK";

function environment(engine: string, backend: string, stateDir: string): NodeJS.ProcessEnv {
  const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE, ...outer } = process.env;
  const kept = Object.fromEntries(Object.entries(outer).filter(([name]) => !FOREIGN.test(name)));
  const passphrase =
    PULUMI_CONFIG_PASSPHRASE_FILE === undefined
      ? { PULUMI_CONFIG_PASSPHRASE: PULUMI_CONFIG_PASSPHRASE ?? PASSPHRASE }
      : { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE };
  return {
    // `npm run check` knows the types of the program; the language host need not find them again in every run (1 to 2 s).
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    NODE_COMPILE_CACHE: join(cacheRoot, "compiled"),
    ...kept,
    ...passphrase,
    PATH: `${engine}${delimiter}${process.env.PATH ?? ""}`,
    PULUMI_BACKEND_URL: backend,
    PULUMI_HOME: join(cacheRoot, "pulumi-home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The event log of an operation is an option for developers of tools.
    PULUMI_DEBUG_COMMANDS: "true",
    [MARK]: stateDir,
  };
}

/** What a user exports to work on this stack with the CLI. */
export function byHand({ backend, env }: Workspace): string[] {
  const own = process.env.PULUMI_CONFIG_PASSPHRASE !== undefined || process.env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return [`PULUMI_BACKEND_URL=${backend}`, ...(own ? [] : [`PULUMI_CONFIG_PASSPHRASE=${env.PULUMI_CONFIG_PASSPHRASE}`])];
}
