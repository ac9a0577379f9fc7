import { createConnection } from "node:net";
import { type Connection, connect, type SigningKey } from "../../core/twilio/connection";
import { UsageError } from "../../core/twilio/errors";
import { isSidOf } from "../../core/twilio/sid";
import { openTwilio } from "../../core/twilio/transport";
import type { Twilio } from "../../core/twilio/twilio";
import type { Emulator } from "../../emulator";
import { isLoopbackUrl } from "../../process/loopback-url";
import { errorTextOf, pulumi, withoutStack } from "./engine";

/** The options that select the account and the stack. */
export interface TargetOptions {
  /** A Twilio CLI profile; takes precedence over the stack's configuration and the environment. */
  readonly profile?: string;
  /** A stack of the project in this folder. Default: the selected stack. */
  readonly stack?: string;
}

/** The connection to Twilio that a command uses, and the stack's outputs. */
export interface Target {
  readonly connection: Connection;
  readonly twilio: Twilio;
  /** Connects again: an embedded emulator gets a new URL when the process that serves its folder ends. */
  readonly connect: () => Promise<Connection>;
  /** The stack's outputs, with masked secrets. Empty without a stack. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Why there is no stack, if there is none. */
  readonly withoutStack?: string;
  /** Stops the embedded emulator, if this process serves it. A process that does not call this can end all the same. */
  close(): Promise<void>;
}

/**
 * Connects with the named profile, or else with the stack's configuration, which may select the embedded emulator, or else with the environment;
 * these are the rules of `pulumi up`. The stack belongs to the project around this folder. Without a project, the Pulumi CLI or a selected stack
 * there is no stack, which is an error only if `stack` names one. A command that a deployment runs gets the configuration from PULUMI_CONFIG, and
 * no stack. `known` are the inputs of a stack that has been read already.
 *
 * @example
 * const target = await openTarget({ stack });             // `verify` may run without a stack: TWILIO_… in the environment
 * const service = serviceOf(target, options.service);     // IS…, from the flag or from the stack's output `serviceSid`
 * await target.twilio.send({ attempt: "Cannot …", product: "conversations", method: "get", path: `/v1/Services/${service}` });
 * const { sid, secret } = signingKeyOf(target);           // what access tokens are signed with
 */
export async function openTarget({ profile, stack }: TargetOptions, known?: StackInputs): Promise<Target> {
  const { config, outputs, withoutStack } = known ?? (await readStack(stack, { configured: profile === undefined }));
  // By URL, the first handle of each emulator: if this process serves the folder, that handle stops the emulator.
  const embedded = new Map<string, Emulator>();
  const find = () =>
    connect({
      config: (key) => (profile === undefined ? config[key] : ofProfile(profile)[key]),
      env: process.env,
      cwd: process.cwd(),
      openEmbedded: async (stateDir) => {
        const emulator = await (await import("../../emulator")).attachEmulator(stateDir);
        if (!embedded.has(emulator.url)) embedded.set(emulator.url, emulator);
        return emulator;
      },
    });
  const connection = await find()
    .then(reached)
    .catch((error: unknown) => {
      const hasNoStack = error instanceof UsageError && withoutStack !== undefined;
      throw hasNoStack ? new UsageError(`${error.message}\n(No stack was read: ${withoutStack}.)`, undefined, error.parts) : error;
    });
  return {
    connection,
    twilio: openTwilio(connection),
    connect: find,
    outputs,
    ...(withoutStack === undefined ? {} : { withoutStack }),
    close: async () => void (await Promise.all([...embedded.values()].map((emulator) => emulator.close()))),
  };
}

/** A profile that the command line names takes precedence over the environment's credentials, but not over its base URL. */
const ofProfile = (name: string): Record<string, string | undefined> => ({
  "twilio:profile": name,
  "twilio:baseUrl": process.env.TWILIO_BASE_URL,
});

/** The property of the error of an address of this machine where nothing listens. */
export const unreachable = "twilio:baseUrl";

/** Refuses an address of this machine where nothing listens, as when an emulator has ended: retries would only take their time. */
async function reached(connection: Connection): Promise<Connection> {
  const { baseUrl } = connection;
  if (baseUrl === undefined || !isLoopbackUrl(baseUrl) || !(await isRefused(new URL(baseUrl)))) return connection;
  const problem = `nothing listens at ${baseUrl}, the base URL of the stack's configuration or the environment`;
  const fix = `Start the emulator there (\`twilio-conversations emulator --port ${new URL(baseUrl).port || 80}\`), or correct twilio:baseUrl or TWILIO_BASE_URL.`;
  throw new UsageError(`${problem}. ${fix}`, unreachable, { problem, fix });
}

/** Whether this machine refuses connections to a port. */
function isRefused({ hostname, port, protocol }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (protocol === "https:" ? 443 : 80)) });
    const end = (isRefused: boolean) => {
      socket.destroy();
      resolve(isRefused);
    };
    socket.once("connect", () => end(false));
    // `localhost` may be two addresses, whose errors come together.
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED"));
  });
}

/** The conversation service: the given one, or else the stack's output `serviceSid`. */
export function serviceOf({ outputs, withoutStack }: Target, given: string | undefined): string {
  const sid = given ?? outputs.serviceSid;
  if (sid === undefined) {
    const why = withoutStack ?? "the stack exports no serviceSid: add `export const serviceSid = service.sid;` to its program";
    throw new UsageError(`which conversation service? Give --service IS…, or work on a stack that exports serviceSid (${why}).`);
  }
  if (typeof sid === "string" && isSidOf("IS", sid)) return sid;
  const where = given === undefined ? "the stack's output serviceSid" : "--service";
  throw new UsageError(`${where} is ${JSON.stringify(sid)}, which is not the SID of a conversation service (IS and 32 hex digits).`);
}

/** The API key that signs access tokens. An auth token cannot sign. */
export function signingKeyOf({ connection: { signingKey, accountSid, source } }: Pick<Target, "connection">): SigningKey {
  if (signingKey) return signingKey;
  throw new UsageError(
    [
      `an access token must be signed with an API key, and ${source} has only the auth token of ${accountSid}. Create a key:`,
      "  in the Console under Account > API keys & tokens (a standard key), or with `twilio api:core:keys:create`",
      "then set it in the same place, as apiKey and apiSecret:",
      "  pulumi config set twilio:apiKey SK… && pulumi config set --secret twilio:apiSecret …",
      "  or TWILIO_API_KEY and TWILIO_API_SECRET with TWILIO_ACCOUNT_SID in the environment",
    ].join("\n"),
  );
}

/** What commands read from a stack: its configuration with plain secrets, and its outputs with masked secrets. */
export interface StackInputs {
  readonly config: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly withoutStack?: string;
}

/** Reads the configuration, if `configured`, and the outputs of the named or selected stack with the Pulumi CLI, whatever the backend. */
export async function readStack(name: string | undefined, { configured }: { configured: boolean }): Promise<StackInputs> {
  // A deployment of the stack runs this command, and passes the configuration as the engine passes it to programs.
  const fromDeployment = process.env.PULUMI_CONFIG;
  if (fromDeployment !== undefined && name === undefined) {
    return { config: configured ? JSON.parse(fromDeployment) : {}, outputs: {}, withoutStack: "a deployment of it is running" };
  }
  const none = (why: string): StackInputs => {
    if (name !== undefined) throw new UsageError(`the stack ${name} cannot be read: ${why}.`);
    return { config: {}, outputs: {}, withoutStack: why };
  };
  const [config, outputs] = await Promise.all([
    configured ? pulumi(["config", "--json", "--show-secrets"], { stack: name }) : { code: 0, stdout: "{}", stderr: "" },
    pulumi(["stack", "output", "--json"], { stack: name }),
  ]);
  const why = withoutStack(config) ?? withoutStack(outputs);
  if (why !== undefined || config === undefined || outputs === undefined) return none(String(why));
  const failed = [config, outputs].find(({ code }) => code !== 0);
  if (failed)
    throw new UsageError(`${name === undefined ? "the selected stack" : `the stack ${name}`} cannot be read: ${errorTextOf(failed)}.`);
  const settings = Object.entries(JSON.parse(config.stdout) as Record<string, { value?: string }>);
  return {
    config: Object.fromEntries(settings.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]]))),
    outputs: JSON.parse(outputs.stdout) as Record<string, unknown>,
  };
}
